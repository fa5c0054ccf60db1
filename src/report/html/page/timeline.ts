import { rove } from './roving.ts';

/** Tells what a bar of the timeline is when somebody points at it, or goes to it with the keyboard. */
export function openTimeline(): void {
  const chart = document.querySelector<HTMLElement>('.tl');
  const detail = chart?.querySelector<HTMLElement>('.tl-detail');
  if (chart === null || detail === null || detail === undefined) return;
  detail.hidden = false;
  const tell = (bar: Element): void => {
    detail.textContent = bar.querySelector('title')?.textContent ?? '';
    detail.classList.add('told');
  };
  const rows = [...chart.querySelectorAll('.tl-plot')].map((plot) => [
    ...plot.querySelectorAll<SVGElement>('.tl-bar'),
  ]);
  rove(
    chart,
    rows.filter((row) => row.length > 0),
    tell,
  );
  chart.addEventListener('pointerover', ({ target }) => {
    if (target instanceof Element && target.matches('.tl-plot .tl-bar')) tell(target);
  });
}
