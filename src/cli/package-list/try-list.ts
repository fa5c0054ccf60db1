/** `shakedown package --list FILE`: one run whose components are packages, each tried as by itself. */
import { availableParallelism } from 'node:os';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { visible } from '../../core/harmless.ts';
import { runComponents } from '../../engine/course.ts';
import type { Program } from '../flags.ts';
import { type Outcome, refuse } from '../outcome.ts';
import type { PackageFlags } from '../package.ts';
import { refuseRun } from '../refusal.ts';
import { requestReports } from '../reports.ts';
import { say } from '../say.ts';
import { readList } from './read-list.ts';
import { runList } from './run-list.ts';
import { suiteOf } from './suite.ts';

export interface ListFlags extends PackageFlags {
  /** The file. */
  readonly list: string;
}

/** What does not go with a list. */
function misuse([named]: readonly string[]): Diagnostic[] {
  if (named === undefined) return [];
  const message = `--list names the packages, so "${named}" has no place beside it`;
  return [{ message, hint: 'leave out one of them' }];
}

/**
 * Tries all packages of a list.
 *
 * @param named what else was named on the command line
 */
export async function tryList(
  named: readonly string[],
  flags: ListFlags,
  program: Program,
): Promise<Outcome> {
  const requests = requestReports(flags, program);
  if (!requests.ok) return refuse(requests.error);
  const list = readList(flags.list, program.cwd);
  const wrong = [...misuse(named), ...(list.ok ? [] : list.error)];
  if (!list.ok || wrong.length > 0) return refuseRun(wrong, requests.value, program);
  for (const remark of list.value.remarks) say(visible(`shakedown: ${remark}`), process.stderr);
  const { jobs = 1, timeout, seed, strict, ownership } = flags;
  // All together try as many things at a time as one trial would by itself.
  const each = Math.max(1, Math.floor(availableParallelism() / jobs));
  const suite = suiteOf(list.value.packages, flags.list, program.cwd, {
    jobs: each,
    timeout,
    seed,
    strict,
    ownership,
  });
  return runList(suite, { jobs, course: runComponents }, requests.value, flags, program);
}
