/** Things in rows that the arrow keys go through; in the order of Tab they are one. */
type Thing = HTMLElement | SVGElement;
type Rows = readonly (readonly Thing[])[];

/**
 * @param root around all of them
 * @param onEnter when one of them gets the focus
 */
export function rove(root: HTMLElement, rows: Rows, onEnter: (thing: Thing) => void = () => {}): void {
  const all = new Set(rows.flat());
  const [first] = all;
  let current = first;
  for (const thing of all) thing.setAttribute('tabindex', thing === first ? '0' : '-1');
  const thingOf = (target: EventTarget | null): Thing | undefined =>
    [...all].find((thing) => thing === target);
  root.addEventListener('focusin', ({ target }) => {
    const thing = thingOf(target);
    if (thing === undefined) return;
    current?.setAttribute('tabindex', '-1');
    current = thing;
    thing.setAttribute('tabindex', '0');
    onEnter(thing);
  });
  root.addEventListener('keydown', (event) => {
    const thing = thingOf(event.target);
    const next = thing === undefined ? undefined : neighbour(thing, event.key, rows);
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  });
}

/** @returns where a key leads to; undefined if nowhere */
function neighbour(thing: Thing, key: string, rows: Rows): Thing | undefined {
  const at = rows.findIndex((row) => row.includes(thing));
  const row = rows[at] ?? [];
  const place = row.indexOf(thing);
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
      return nearest(thing, rows[at + 1]);
    case 'ArrowUp':
      return nearest(thing, rows[at - 1]);
    default:
      return undefined;
  }
}

/** What stands above or below in another row, or next to that. */
function nearest(thing: Thing, row: readonly Thing[] | undefined): Thing | undefined {
  const center = (each: Thing): number => {
    const { left, right } = each.getBoundingClientRect();
    return (left + right) / 2;
  };
  const here = center(thing);
  return [...(row ?? [])].sort((a, b) => Math.abs(center(a) - here) - Math.abs(center(b) - here))[0];
}
