import { rove } from './roving.ts';

/** Shows the detail of a cell beside its matrix, so that nothing moves. Without this, a cell leads to its words below. */
export function openGrids(): void {
  const section = document.getElementById('grids');
  const panel = section?.querySelector<HTMLDialogElement>('.gr-panel');
  const close = panel?.querySelector('button');
  const content = panel?.querySelector('div');
  if (!section || !panel || !close || !content) return;
  for (const table of section.querySelectorAll('table'))
    rove(
      table,
      [...table.querySelectorAll('tbody tr')].map((row) => [
        ...row.querySelectorAll<HTMLAnchorElement>('.gr-cell'),
      ]),
    );
  let opener: HTMLAnchorElement | undefined;
  const show = (cell: HTMLAnchorElement): void => {
    const detail = document.getElementById(cell.hash.slice(1));
    if (detail === null) return;
    opener?.removeAttribute('aria-current');
    opener = cell;
    cell.setAttribute('aria-current', 'true');
    panel.className = `gr-panel ${detail.className}`;
    content.replaceChildren(...[...detail.childNodes].map((node) => node.cloneNode(true)));
    panel.show();
  };
  const leave = (): void => {
    panel.close();
    opener?.removeAttribute('aria-current');
    opener?.focus({ preventScroll: true });
  };
  section.addEventListener('click', (event) => {
    const cell = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('.gr-cell') : null;
    if (cell === null || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    show(cell);
    close.focus({ preventScroll: true });
  });
  close.addEventListener('click', leave);
  addEventListener('keydown', ({ key }) => {
    if (key === 'Escape' && panel.open) leave();
  });
}
