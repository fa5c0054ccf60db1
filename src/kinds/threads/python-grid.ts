/** What the trial of a function in Python has tried, as a matrix: how it was called × the interpreter. */
import { basename } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import type { Grid } from '../../core/grid.ts';
import { plural } from '../../core/units.ts';
import type { ComponentContext } from '../common/context.ts';
import { cellOf } from '../common/grids.ts';

export interface PythonTried {
  /** `module:function`. */
  readonly name: string;
  readonly interpreter: string;
  readonly threads: number;
  readonly rounds: number;
  /** Calls that all threads made together. */
  readonly calls: number;
  /** What was found when it was called alone, from all threads, and over and over; null: it was not called so. */
  readonly alone: readonly Finding[];
  readonly together: readonly Finding[];
  readonly often: readonly Finding[] | null;
  /** A build without the global lock, in which it was called alone; undefined if there is none. */
  readonly free: { readonly build: string; readonly findings: readonly Finding[] } | undefined;
}

export function pythonGrid(tried: PythonTried, context: Pick<ComponentContext, 'verdictOf'>): Grid {
  const { interpreter, threads, rounds, calls, free } = tried;
  const column = basename(interpreter);
  const [alone, together, often] = ['alone', `from ${plural(threads, 'thread')}`, 'over and over'];
  const once = { text: 'loaded, and called one call after another' };
  const all = `${plural(calls, 'call')} in ${plural(rounds, 'round')}`;
  return {
    title: `${tried.name} in Python`,
    ...{ rowsAre: 'how it is called', columnsAre: 'interpreter', rows: [alone, together, often] },
    columns: [column, ...(free === undefined ? [] : [free.build])],
    cells: [
      cellOf({ row: alone, column }, tried.alone, once, context),
      cellOf({ row: together, column }, tried.together, { text: all }, context),
      tried.often === null
        ? {
            ...{ row: often, column, outcome: 'skipped', detail: [] },
            text: 'not looked at for leaks, since it failed before',
          }
        : cellOf({ row: often, column }, tried.often, { text: 'memory does not grow' }, context),
      ...(free === undefined
        ? []
        : [cellOf({ row: alone, column: free.build }, free.findings, once, context)]),
    ],
  };
}
