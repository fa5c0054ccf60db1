/** Tells what a bar of the timeline is when somebody points at it, or goes to it with the keyboard. */
export function openTimeline(): void {
  const chart = document.querySelector<HTMLElement>('.tl');
  const detail = chart?.querySelector<HTMLElement>('.tl-detail');
  if (chart === null || detail === null || detail === undefined) return;
  detail.hidden = false;
  const rows = [...chart.querySelectorAll('.tl-plot')].map((plot) => [
    ...plot.querySelectorAll<SVGElement>('.tl-bar'),
  ]);
  const bars = rows.filter((row) => row.length > 0);
  let current: SVGElement | undefined;

  const tell = (bar: SVGElement): void => {
    detail.textContent = bar.querySelector('title')?.textContent ?? '';
    detail.classList.add('told');
  };
  /** Only one bar at a time is in the order of Tab. */
  const enter = (bar: SVGElement): void => {
    current?.setAttribute('tabindex', '-1');
    current = bar;
    bar.setAttribute('tabindex', '0');
  };
  for (const bar of bars.flat()) bar.setAttribute('tabindex', '-1');
  const [first] = bars.flat();
  if (first !== undefined) enter(first);

  const barOf = (target: EventTarget | null): SVGElement | undefined =>
    target instanceof SVGElement && target.classList.contains('tl-bar') && chart.contains(target)
      ? target
      : undefined;
  chart.addEventListener('pointerover', ({ target }) => {
    const bar = barOf(target);
    if (bar?.hasAttribute('tabindex')) tell(bar);
  });
  chart.addEventListener('focusin', ({ target }) => {
    const bar = barOf(target);
    if (bar === undefined) return;
    enter(bar);
    tell(bar);
  });
  chart.addEventListener('keydown', (event) => {
    const bar = barOf(event.target);
    const next = bar === undefined ? undefined : neighbour(bar, event.key, bars);
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  });
}

/** @returns where a key leads to from a bar; undefined if nowhere */
function neighbour(
  bar: SVGElement,
  key: string,
  rows: readonly (readonly SVGElement[])[],
): SVGElement | undefined {
  const at = rows.findIndex((row) => row.includes(bar));
  const row = rows[at] ?? [];
  const place = row.indexOf(bar);
  switch (key) {
    case 'ArrowRight':
      return row[place + 1];
    case 'ArrowLeft':
      return row[place - 1];
    case 'Home':
      return row[0];
    case 'End':
      return row.at(-1);
    case 'ArrowDown':
      return nearest(bar, rows[at + 1]);
    case 'ArrowUp':
      return nearest(bar, rows[at - 1]);
    default:
      return undefined;
  }
}

/** The bar of another row that is at the same time, or next to it. */
function nearest(bar: SVGElement, row: readonly SVGElement[] | undefined): SVGElement | undefined {
  const center = (each: SVGElement): number => {
    const { left, right } = each.getBoundingClientRect();
    return (left + right) / 2;
  };
  const here = center(bar);
  return [...(row ?? [])].sort((a, b) => Math.abs(center(a) - here) - Math.abs(center(b) - here))[0];
}
