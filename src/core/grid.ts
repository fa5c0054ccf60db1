/** A matrix of what a component has tried, as a kind reports it: circumstances against circumstances. */

/** What came of a combination. */
export type CellOutcome =
  | 'passed'
  | 'failed'
  | 'inconclusive'
  /** It was not tried, or does not exist. */
  | 'skipped'
  /** It works, and something about it is worth knowing. */
  | 'note';

export interface GridCell {
  /** One of the rows of its grid. */
  readonly row: string;
  /** One of its columns. */
  readonly column: string;
  readonly outcome: CellOutcome;
  /** In one line: what happened, or how much was tried. */
  readonly text: string;
  /** What is known beyond that, line by line; at most `MOST_LINES`. */
  readonly detail: readonly string[];
}

export interface Grid {
  readonly title: string;
  /** What the rows have in common, as the heading of their names: `load order`. */
  readonly rowsAre: string;
  readonly columnsAre: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** At most one for each row and column; none where there was nothing to try. */
  readonly cells: readonly GridCell[];
}

/** Rows beyond this say nothing to a reader that the findings do not say. */
const MOST_ROWS = 200;
const MOST_LINES = 20;
const LONGEST_LINE = 400;

const BADNESS = ['failed', 'inconclusive', 'note', 'passed', 'skipped'] as const satisfies CellOutcome[];

const short = (text: string): string =>
  text.length <= LONGEST_LINE ? text : `${text.slice(0, LONGEST_LINE)}…`;

/** @returns the worst of some outcomes; `skipped` of none */
export const worstOutcome = (outcomes: readonly CellOutcome[]): CellOutcome =>
  BADNESS.find((outcome) => outcomes.includes(outcome)) ?? 'skipped';

/** Bounds a grid: of very many rows the worst are kept, in their order, and long texts are cut. */
export function boundedGrid(grid: Grid): Grid {
  const byRow = new Map<string, CellOutcome[]>();
  for (const { row, outcome } of grid.cells) byRow.set(row, [...(byRow.get(row) ?? []), outcome]);
  const badness = (row: string): number => BADNESS.indexOf(worstOutcome(byRow.get(row) ?? []));
  const kept = new Set(grid.rows.toSorted((a, b) => badness(a) - badness(b)).slice(0, MOST_ROWS));
  const left = grid.rows.length - kept.size;
  return {
    ...grid,
    title: left === 0 ? grid.title : `${grid.title} (${left.toLocaleString('en-US')} more rows are left out)`,
    rows: grid.rows.filter((row) => kept.has(row)),
    cells: grid.cells
      .filter(({ row }) => kept.has(row))
      .map((cell) => ({
        ...cell,
        text: short(cell.text),
        detail: cell.detail.slice(0, MOST_LINES).map(short),
      })),
  };
}
