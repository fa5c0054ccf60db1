/**
 * Measures how long a program takes to start, beside another:
 *
 *     node harness-init-pairs.js '{"bare": […], "load": […], "pairs": 20, …}'
 *
 * Each pair is the two right after one another, so that whatever slows the machine down slows both; which of the two
 * comes first alternates, so that a drift does not favour one.
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

// Once for each, so that the files are in memory.
measure(true);
const pairs: StartPair[] = [];
const until = performance.now() + trial.limitMs;
while (pairs.length < trial.pairs && (pairs.length < trial.fewestPairs || performance.now() < until))
  pairs.push(measure(pairs.length % 2 === 0));
writeFileSync(process.env[REPORT_VARIABLE] ?? '/dev/stdout', JSON.stringify({ pairs } satisfies StartTimes));
