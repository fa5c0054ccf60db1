/** Whom it hurts when a package does not load in some way. */
import type { Finding } from '../../core/finding.ts';
import { consumersWho, type Harm, NOBODY_YET } from '../../core/harm.ts';
import type { Scenario } from './protocol.ts';

/** By scenario: what somebody must do to be hurt. In any other, whoever loads it is. */
const WAYS: ReadonlyMap<string | undefined, string> = new Map<Scenario, string>([
  ['formats', 'load it by import and by require'],
  ['worker', 'load it in worker threads'],
  ['reload', 'load it in one worker after another'],
  ['vm', 'load it in a context of node:vm, as some test runners do'],
  ['fork', 'fork after they have imported it, as multiprocessing does'],
  ['subinterpreter', 'import it in subinterpreters'],
  ['thread', 'import it in a thread'],
  ['again', 'reload it'],
  ['optimized', 'run python -O'],
  ['warnings', 'run python -W error'],
  ['development', 'run python -X dev'],
  ['debug-memory', 'debug their memory with PYTHONMALLOC=debug'],
  ['hash-seed', 'set PYTHONHASHSEED'],
]);

export function harmOfInit({ code, step }: Finding): Harm | undefined {
  if (code === 'two-instances' || code === 'init-unsupported') return NOBODY_YET;
  const way = WAYS.get(step);
  return (code === 'init-failed' || code === 'init-hang') && way !== undefined
    ? consumersWho(way)
    : undefined;
}
