/** What the trial of a module has tried, as a matrix: load order × exit door, idle or in the middle of calls. */
import { nameFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import type { Grid, GridCell } from '../../core/grid.ts';
import { plural } from '../../core/units.ts';
import type { ComponentContext } from '../common/context.ts';
import { cellOf, findingLines, outcomeOf } from '../common/grids.ts';
import type { CellPlan, Failure } from './failure.ts';
import { mismatchLines, standingLines } from './module-findings.ts';
import { type Cell, DOORS, ORDERS, STATES, type Survey } from './protocol.ts';

/** A cell that was tried. */
export interface TriedCell {
  readonly plan: CellPlan;
  readonly failure: Failure | undefined;
  /** About its process, apart from the failure. */
  readonly findings: readonly Finding[];
  /** Calls that all its workers made together. */
  readonly calls: number;
}

/** Failures with the same cause, the first of which was looked at closely. */
export interface Explained {
  readonly alike: readonly Failure[];
  readonly finding: Finding;
}

const rowOf = ({ order, state }: Pick<Cell, 'order' | 'state'>): string =>
  `${order}, ${state === 'idle' ? 'idle at the end' : 'in the middle of calls'}`;

const placeOf = (cell: Cell): Pick<GridCell, 'row' | 'column'> => ({ row: rowOf(cell), column: cell.door });

const MOST_CALLS_NAMED = 6;

/**
 * @param module as people call it
 * @param plans all cells that were to be tried
 */
export function moduleGrid(
  module: string,
  plans: readonly CellPlan[],
  tried: readonly TriedCell[],
  explained: readonly Explained[],
  survey: Survey,
  context: Pick<ComponentContext, 'verdictOf'>,
): Grid {
  const known = new Map(tried.map((each) => [each.plan, each]));
  const causes = new Map(explained.flatMap(({ alike, finding }) => alike.map((each) => [each, finding])));
  const cells = plans.map((plan): GridCell => {
    const one = known.get(plan);
    if (one === undefined) return untried(plan);
    const finding = one.failure === undefined ? undefined : causes.get(one.failure);
    return one.failure === undefined || finding === undefined
      ? cellOf(placeOf(plan.cell), one.findings, whatWasTried(one, survey), context)
      : failedCell(one.failure, finding, survey, context);
  });
  const rows = STATES.flatMap((state) => ORDERS.map((order) => rowOf({ order, state })));
  return {
    title: `${module} in ${plural(plans[0]?.workers ?? 0, 'worker thread')}`,
    rowsAre: 'who loads it, and when threads end',
    columnsAre: 'how the threads end',
    rows: rows.filter((row) => cells.some((cell) => cell.row === row)),
    columns: DOORS.filter((door) => cells.some(({ column }) => column === door)),
    cells,
  };
}

const untried = ({ cell }: CellPlan): GridCell => ({
  ...placeOf(cell),
  outcome: 'skipped',
  text: 'not tried, since another combination got stuck',
  detail: [],
});

function whatWasTried(
  { plan, calls }: TriedCell,
  { operations }: Survey,
): { text: string; detail: string[] } {
  const workers = plural(plan.workers, 'worker');
  if (plan.operations.length === 0) return { text: `${workers} loaded it`, detail: ['nothing was called'] };
  const labels = (isCompared: boolean): string =>
    nameFew(
      operations.filter(({ repeatable }) => repeatable === isCompared).map(({ label }) => label),
      MOST_CALLS_NAMED,
    );
  const [compared, others] = [labels(true), labels(false)];
  return {
    text: `${plural(calls, 'call')} by ${workers}`,
    detail: [
      `seed ${plan.seed}`,
      ...(compared === '' ? [] : [`compared with a serial run: ${compared}`]),
      ...(others === '' ? [] : [`called, but not compared: ${others}`]),
    ],
  };
}

function failedCell(
  failure: Failure,
  finding: Finding,
  survey: Survey,
  context: Pick<ComponentContext, 'verdictOf'>,
): GridCell {
  return {
    ...placeOf(failure.plan.cell),
    outcome: outcomeOf([finding], context),
    text: failure.what === '' ? plural(failure.wrong, 'wrong result') : failure.what,
    detail: [
      `${finding.code}, with seed ${failure.plan.seed}`,
      ...standingLines(failure, survey),
      ...mismatchLines(failure, survey),
      ...failure.output,
      // What was found out about the first cell with this cause holds for all of them.
      ...findingLines({ ...finding, evidence: [] }),
    ],
  };
}
