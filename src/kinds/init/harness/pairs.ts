/**
 * Measures how long one program takes to start compared with another:
 *
 *     node harness-init-pairs.js '{"bare": […], "load": […], "pairs": 20, …}'
 *
 * A pair runs back to back, so that whatever slows the machine slows both; their order alternates, so that drift
 * favours neither.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { REPORT_VARIABLE, type StartPair, type StartTimes, type StartTrial } from '../protocol.ts';

const trial = JSON.parse(process.argv[2] ?? '{}') as StartTrial;

function timeOf([program, ...args]: readonly [string, ...string[]]): number {
  const startedAt = performance.now();
  const { status, signal, error } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const took = performance.now() - startedAt;
  if (error !== undefined) throw error;
  if (status !== 0)
    throw new Error(`${program} ended with ${signal ?? `code ${status}`} while it was measured`);
  return took;
}

function measure(bareFirst: boolean): StartPair {
  if (bareFirst) return { bareMs: timeOf(trial.bare), loadMs: timeOf(trial.load) };
  const loadMs = timeOf(trial.load);
  return { bareMs: timeOf(trial.bare), loadMs };
}

// Warms the file cache.
measure(true);
const pairs: StartPair[] = [];
const until = performance.now() + trial.limitMs;
while (pairs.length < trial.pairs && (pairs.length < trial.fewestPairs || performance.now() < until))
  pairs.push(measure(pairs.length % 2 === 0));
writeFileSync(process.env[REPORT_VARIABLE] ?? '/dev/stdout', JSON.stringify({ pairs } satisfies StartTimes));
