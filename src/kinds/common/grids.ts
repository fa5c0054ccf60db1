/** Matrices of what a component has tried, for its report. */
import type { Finding } from '../../core/finding.ts';
import { boundedGrid, type CellOutcome, type Grid, type GridCell } from '../../core/grid.ts';
import type { ComponentContext } from './context.ts';

type Judge = Pick<ComponentContext, 'verdictOf'>;

/** Reports what was tried, also when all of it went well; nothing if nothing was. */
export function tellGrid(
  grid: Grid,
  { component, emit }: Pick<ComponentContext, 'component' | 'emit'>,
): void {
  if (grid.cells.length > 0) emit({ type: 'grid-finished', component, grid: boundedGrid(grid) });
}

/** @returns what findings make of a cell */
export function outcomeOf(findings: readonly Finding[], { verdictOf }: Judge): CellOutcome {
  const verdict = verdictOf(findings);
  return verdict === 'passed' && findings.length > 0 ? 'note' : verdict;
}

/** A finding as the detail of a cell. */
export const findingLines = ({ code, message, evidence = [], hint }: Finding): string[] => [
  `${code}: ${message}`,
  ...evidence,
  ...(hint === undefined ? [] : [hint]),
];

/**
 * A cell in which something has been tried.
 *
 * @param findings all that was found there
 * @param tried what was tried, in one line, and more about that; the line is shown if nothing was found
 */
export function cellOf(
  place: Pick<GridCell, 'row' | 'column'>,
  findings: readonly Finding[],
  tried: { readonly text: string; readonly detail?: readonly string[] },
  judge: Judge,
): GridCell {
  const outcome = outcomeOf(findings, judge);
  const telling = findings.find((finding) => outcomeOf([finding], judge) === outcome);
  return {
    ...place,
    outcome,
    text: telling?.message ?? tried.text,
    detail: [
      ...(telling === undefined ? [] : [`tried: ${tried.text}`]),
      ...(tried.detail ?? []),
      ...findings.flatMap(findingLines),
    ],
  };
}
