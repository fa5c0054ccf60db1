/** What was tried as coloured matrices, with the detail of each cell. */
import { type CellOutcome, type Grid, type GridCell, worstOutcome } from '../../core/grid.ts';
import { plural } from '../../core/units.ts';
import { proofGrids } from '../proof-grid.ts';
import type { RunState } from '../state.ts';
import { componentId } from './findings.ts';
import { html, type Markup } from './markup.ts';
import type { DrawSection } from './section.ts';

const SIGNS = {
  passed: '✓',
  failed: '✗',
  inconclusive: '?',
  note: 'i',
  skipped: '○',
} as const satisfies Record<CellOutcome, string>;

/** In the order of the tally and of the legend. */
const OUTCOMES = ['failed', 'inconclusive', 'note', 'passed', 'skipped'] as const satisfies CellOutcome[];

const WORDS = {
  ...{ passed: 'passed', failed: 'failed', inconclusive: 'inconclusive' },
  ...{ note: 'with a note', skipped: 'not tried' },
} as const satisfies Record<CellOutcome, string>;

/** So many are open even if all in them is well. */
const OPEN = 3;
/** Of very many those are left out in which all is well. */
const MOST = 60;

/** A matrix, and where it belongs. */
interface Placed {
  readonly grid: Grid;
  /** The name of the component, and the address of its part of the page; undefined for a proof. */
  readonly of: { readonly name: string; readonly id: string } | undefined;
}

const gridsOf = (state: RunState): Placed[] => [
  ...state.components.flatMap(({ name, grids, trial }, index) =>
    trial === null ? grids.map((grid) => ({ grid, of: { name, id: componentId(index) } })) : [],
  ),
  ...proofGrids(state).map((grid) => ({ grid, of: undefined })),
];

const sign = (outcome: CellOutcome): Markup =>
  html`<span class="mark ${outcome}" role="img" aria-label="${WORDS[outcome]}">${SIGNS[outcome]}</span>`;

/** `✗ 2 failed ✓ 28 passed` */
const tally = ({ cells }: Grid): Markup[] =>
  OUTCOMES.flatMap((outcome) => {
    const count = cells.filter((cell) => cell.outcome === outcome).length;
    if (count === 0) return [];
    return [
      html`<span class="gr-count ${outcome}"><b aria-hidden="true">${SIGNS[outcome]}</b> ${count} ${WORDS[outcome]}</span>`,
    ];
  });

const cellMarkup = (cell: GridCell | undefined, id: string): Markup =>
  cell === undefined
    ? html`<td class="gr-none"><span aria-label="nothing to try" role="img">–</span></td>`
    : html`<td class="${cell.outcome}"><a class="gr-cell" href="#${id}">${sign(cell.outcome)}<span class="gr-text">${cell.text}</span></a></td>`;

const detailMarkup = ({ row, column, outcome, text, detail }: GridCell, id: string): Markup => html`
<div class="gr-detail ${outcome}" id="${id}"><h4>${sign(outcome)}${row} × ${column}</h4><p>${text}</p>${
  detail.length > 0 && html`<pre>${detail.join('\n')}</pre>`
}</div>`;

function gridMarkup({ grid, of }: Placed, number: number, isOpen: boolean): Markup {
  const { title, rows, columns, rowsAre, columnsAre, cells } = grid;
  const places = new Map(cells.map((cell, index) => [`${cell.row}\n${cell.column}`, index]));
  const idOf = (index: number): string => `grid-${number}-${index + 1}`;
  const cell = (row: string, column: string): Markup => {
    const index = places.get(`${row}\n${column}`);
    return index === undefined ? cellMarkup(undefined, '') : cellMarkup(cells[index], idOf(index));
  };
  return html`
<details class="gr"${isOpen && html` open`}>
<summary><span class="gr-title">${of !== undefined && html`<strong>${of.name}</strong> `}${title}</span> <span class="gr-tally">${tally(grid)}</span></summary>
<div class="gr-scroll"><table>
<thead><tr><th scope="col"><span class="gr-by">${columnsAre} <span aria-hidden="true">→</span></span><span class="gr-by">${rowsAre} <span aria-hidden="true">↓</span></span></th>${columns.map(
    (column) => html`<th scope="col">${column}</th>`,
  )}</tr></thead>
<tbody>${rows.map(
    (row) => html`<tr><th scope="row">${row}</th>${columns.map((column) => cell(row, column))}</tr>
`,
  )}</tbody>
</table></div>
<details class="gr-details"><summary>${plural(cells.length, 'cell')} in words</summary>
${cells.map((each, index) => detailMarkup(each, idOf(index)))}
</details>
${of !== undefined && html`<p class="gr-of"><a href="#${of.id}">more of ${of.name}</a></p>`}
</details>`;
}

const isBad = ({ grid }: Placed): boolean =>
  ['failed', 'inconclusive'].includes(worstOutcome(grid.cells.map(({ outcome }) => outcome)));

export const drawGrids: DrawSection = ({ state }) => {
  const all = gridsOf(state);
  if (all.length === 0) return undefined;
  const worstFirst = all.toSorted((a, b) => Number(isBad(b)) - Number(isBad(a)));
  const shown = new Set(worstFirst.slice(0, MOST));
  const left = all.length - shown.size;
  return {
    id: 'grids',
    title: 'What was tried',
    body: html`${all
      .filter((placed) => shown.has(placed))
      .map((placed, index) => gridMarkup(placed, index + 1, all.length <= OPEN || isBad(placed)))}
${left > 0 && html`<p class="gr-of">${plural(left, 'more matrix', 'more matrices')} can be found in the data of this page.</p>`}
<dialog class="gr-panel" aria-label="The cell"><button type="button">Close</button><div></div></dialog>`,
  };
};
