/** Which combinations of loading, ending and calling are tried, and with how many calls. */
import type { ModuleTrial } from './component.ts';
import type { CellPlan } from './failure.ts';
import { type Cell, DOORS, ORDERS, STATES, type Survey } from './protocol.ts';

const DEFAULT_CALLS = 10_000;
/** In one cell of each order every worker makes all its calls; in the others, which are about ends, only some. */
const PART = 20;
const LEAST_CALLS = 100;

type Known = Pick<Survey, 'operations' | 'keepsAlive'>;

/** All combinations; for `pairs` half of them, in which each two circumstances still meet. */
function cellsOf(extent: ModuleTrial['extent'], { operations, keepsAlive }: Known): Cell[] {
  const doors = keepsAlive ? DOORS.filter((door) => door !== 'natural') : DOORS;
  // Without calls, threads cannot be in the middle of one.
  const states = operations.length === 0 ? (['idle'] as const) : STATES;
  const isHalved = extent === 'pairs' && states.length > 1;
  return states.flatMap((state, at) =>
    doors.flatMap((door, index) =>
      ORDERS.flatMap((order, place) =>
        isHalved && (at + index + place) % 2 > 0 ? [] : [{ order, door, state }],
      ),
    ),
  );
}

/** @param seed for the order of the calls */
export function cellPlans(
  { extent, iterations, workers }: Pick<ModuleTrial, 'extent' | 'iterations' | 'workers'>,
  survey: Known,
  seed: number,
): CellPlan[] {
  const operations = survey.operations.map((_, index) => index);
  const all = iterations ?? DEFAULT_CALLS;
  const part = Math.min(all, Math.max(LEAST_CALLS, Math.ceil(all / PART)));
  const common = { workers, operations, seed };
  if (extent === 'calls') {
    const door = survey.keepsAlive ? 'terminate' : 'natural';
    const calls = Math.min(all, Math.max(part, operations.length));
    return [{ ...common, cell: { order: 'all-at-once', door, state: 'idle' }, calls }];
  }
  const cells = cellsOf(extent, survey);
  const first = ORDERS.map((each) => cells.find(({ order, state }) => order === each && state === 'idle'));
  return cells.map((cell) => ({ ...common, cell, calls: first.includes(cell) ? all : part }));
}
