/** `--failed`: what of a suite has not passed. */
import type { Diagnostic } from '../core/diagnostic.ts';
import { visible } from '../core/harmless.ts';
import type { Plan } from '../core/plan.ts';
import { err, ok, type Result } from '../core/result.ts';
import { secrets } from '../core/secrets.ts';
import type { Suite } from '../core/suite.ts';
import { EXIT_CODES } from '../core/verdict.ts';
import type { Failures } from '../plan/plan.ts';
import { type Due, dueAfter } from '../store/due.ts';
import { pastRuns } from '../store/past-runs.ts';
import { suiteIn } from '../store/run-line.ts';
import type { RunFlags } from './flags.ts';
import type { Outcome } from './outcome.ts';
import { say } from './say.ts';

interface LastFailures extends Failures {
  readonly due: readonly Due[];
  /** What of it the suite no longer has, each in a line. */
  readonly gone: readonly string[];
}

const whatBecameOf = ({ name, run, hasFailed }: Due): string =>
  `${name} ${hasFailed ? 'failed' : 'was not reached'} in run ${run}`;

/**
 * Tells what of it no longer exists. For a shard, other shards do not count until they are put together: all must come to the same.
 *
 * @returns undefined if it is not asked for; or that there is no earlier run
 */
export function lastFailures(
  suite: Suite,
  { failed = false, shard }: Pick<RunFlags, 'failed' | 'shard'>,
): Result<LastFailures | undefined, Diagnostic[]> {
  if (!failed) return ok(undefined);
  const runs = pastRuns(suite.root, suiteIn(suite)).filter(
    ({ isShard }) => shard === undefined || isShard !== true,
  );
  const last = runs.at(-1);
  if (last === undefined)
    return err([
      {
        message: `--failed: there is no earlier run of ${suite.name}`,
        hint: 'run it without --failed first; runs of `prove`, `watch`, `up` and `package` do not count',
      },
    ]);
  const known = new Set([...suite.components, ...suite.unusable].map(({ name }) => secrets.conceal(name)));
  const due = dueAfter(runs).filter(({ name }) => known.has(name));
  // A run of the whole suite has settled what was gone before it.
  const byDefault = suite.components.filter(({ onlyWhenNamed }) => !onlyWhenNamed);
  const lastWhole = runs.findLastIndex(({ components }) => {
    const ran = new Set(components.map(({ name }) => name));
    return byDefault.every(({ name }) => ran.has(secrets.conceal(name)));
  });
  const gone = dueAfter(runs.slice(Math.max(lastWhole, 0))).filter(({ name }) => !known.has(name));
  const notes = gone.map((each) => `note: ${whatBecameOf(each)}, and ${suite.name} no longer has it`);
  for (const note of notes) say(visible(note), process.stderr);
  return ok({ run: last.run, names: [...due, ...gone].map(({ name }) => name), due, gone: notes });
}

/** What a run of `--failed` says nothing about although it had not passed, each in a line: a green verdict does not cover it. */
export function leftOut({ due, gone }: LastFailures, { components }: Plan): string[] {
  const ran = new Set(components.map(({ component }) => secrets.conceal(component.name)));
  const left = due.filter(({ name }) => !ran.has(name));
  return [...gone, ...left.map((each) => `note: ${whatBecameOf(each)}, and is still to be run`)];
}

/** Tells that there is nothing to run again: that is no success, since nothing ran. */
export function tellNoFailures({ run, names }: Failures, wanted: readonly string[]): Outcome {
  const what =
    names.length === 0
      ? `all that has run has passed (the last run is ${run})`
      : wanted.length === 0
        ? `nothing is left of what had not passed by the last run (${run})`
        : `${wanted.join(', ')} is not among what had not passed by the last run (${run}): ${names.join(', ')}`;
  say(visible(`shakedown: ${what}, so nothing ran`), process.stderr);
  return { exitCode: EXIT_CODES.skipped };
}
