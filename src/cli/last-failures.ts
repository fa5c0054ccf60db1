/** `--failed`: what the last run of a suite has failed. */
import type { Diagnostic } from '../core/diagnostic.ts';
import { visible } from '../core/harmless.ts';
import { err, ok, type Result } from '../core/result.ts';
import { secrets } from '../core/secrets.ts';
import type { Suite } from '../core/suite.ts';
import { EXIT_CODES } from '../core/verdict.ts';
import type { Failures } from '../plan/plan.ts';
import { lastRun } from '../store/last-run.ts';
import { failuresOf, suiteIn } from '../store/run-line.ts';
import type { Outcome } from './outcome.ts';
import { say } from './say.ts';

/**
 * Tells what of it no longer exists.
 *
 * @param isWanted whether `--failed` was given
 * @returns undefined if it was not; or that there is no earlier run
 */
export function lastFailures(suite: Suite, isWanted = false): Result<Failures | undefined, Diagnostic[]> {
  if (!isWanted) return ok(undefined);
  const last = lastRun(suite.root, suiteIn(suite));
  if (last === undefined)
    return err([
      {
        message: `--failed: there is no earlier run of ${suite.name}`,
        hint: 'run it without --failed first; runs of `prove`, `watch`, `up` and `package` do not count',
      },
    ]);
  const names = failuresOf(last);
  const known = [...suite.components, ...suite.unusable].map(({ name }) => secrets.conceal(name));
  for (const name of names.filter((each) => !known.includes(each)))
    say(visible(`note: ${name} failed in the last run, and ${suite.name} no longer has it`), process.stderr);
  return ok({ run: last.run, names });
}

/** Tells that there is nothing to run again: that is no success, since nothing ran. */
export function tellNoFailures({ run, names }: Failures, wanted: readonly string[]): Outcome {
  const what =
    names.length === 0
      ? `nothing failed in the last run (${run})`
      : wanted.length === 0
        ? `nothing is left of what failed in the last run (${run})`
        : `${wanted.join(', ')} did not fail in the last run (${run}); ${names.join(', ')} did`;
  say(visible(`shakedown: ${what}, so nothing ran`), process.stderr);
  return { exitCode: EXIT_CODES.skipped };
}
