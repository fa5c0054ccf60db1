/** `shakedown package --list FILE`: one run whose components are packages, each tried as by itself. */
import { availableParallelism } from 'node:os';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { visible } from '../../core/harmless.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { runComponents } from '../../engine/course.ts';
import type { Program } from '../flags.ts';
import { type Outcome, refuse } from '../outcome.ts';
import { refuseRun } from '../refusal.ts';
import { type ReportRequest, requestReports } from '../reports.ts';
import { say } from '../say.ts';
import { type Listed, type PackageList, readList } from './read-list.ts';
import { runList } from './run-list.ts';
import { suiteOf, type TrialOptions } from './suite.ts';
import type { AgentsFlags } from './with-agents.ts';

export type ListFlags = AgentsFlags;

/** What does not go together. */
function misuse([named]: readonly string[], { list, agents, attach, join, python }: ListFlags): Diagnostic[] {
  const wrong = (message: string, hint: string): Diagnostic[] => [{ message, hint }];
  if (attach !== undefined && (list !== undefined || agents !== undefined))
    return wrong(
      '--attach shows trials that go on: their list and their agents are known',
      'leave out those',
    );
  if (attach === undefined && list === undefined)
    return wrong('agents try the packages of a list', 'name its file: --list FILE');
  if (named !== undefined)
    return wrong(`--list names the packages, so "${named}" has no place beside it`, 'leave out one of them');
  if (join !== undefined && agents === undefined && attach === undefined)
    return wrong('--join is for trials on agents', 'say how many: --agents N');
  if (python !== undefined && (agents !== undefined || attach !== undefined))
    return wrong('--python names interpreters of this machine, and agents try on theirs', 'leave it out');
  return [];
}

/** No package for Python among them would be tried on it. */
function withoutPython({ packages }: PackageList, { list = '', python }: ListFlags): Diagnostic[] {
  if (python === undefined || packages.some(({ spec }) => spec.language === 'python')) return [];
  const hint = 'leave it out, or write pypi: before the name of one';
  return [{ message: `--python is for packages of Python, and there is none in ${list}`, hint }];
}

/** @returns the list; undefined where it is known to those that try it already */
function listFor(
  named: readonly string[],
  flags: ListFlags,
  cwd: string,
): Result<PackageList | undefined, Diagnostic[]> {
  const list = flags.list === undefined ? ok(undefined) : readList(flags.list, cwd);
  const listed = list.ok ? list.value : undefined;
  const wrong = [
    ...misuse(named, flags),
    ...(list.ok ? [] : list.error),
    ...(listed === undefined ? [] : withoutPython(listed, flags)),
  ];
  return wrong.length > 0 ? err(wrong) : list;
}

/**
 * Tries all packages of a list, or shows how agents do.
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
  const list = listFor(named, flags, program.cwd);
  if (!list.ok) return refuseRun(list.error, requests.value, program);
  for (const remark of list.value?.remarks ?? []) say(visible(`shakedown: ${remark}`), process.stderr);
  if (list.value === undefined || flags.agents !== undefined)
    return tryByAgents(list.value, requests.value, flags, program);
  const { jobs = 1, timeout, seed, strict, ownership, python } = flags;
  // All together try as many things at a time as one trial would by itself.
  const each = Math.max(1, Math.floor(availableParallelism() / jobs));
  const options: TrialOptions = { jobs: each, timeout, seed, strict, ownership, python };
  const suite = suiteOf(list.value.packages, flags.list ?? '', program.cwd, options);
  const begin = async () => ok(runComponents);
  return runList({ suite, jobs, begin }, requests.value, flags, program);
}

async function tryByAgents(
  list: PackageList | undefined,
  requests: readonly ReportRequest[],
  flags: ListFlags,
  program: Program,
): Promise<Outcome> {
  const { openTrials, beginWith } = await import('./with-agents.ts');
  const open = await openTrials(list, flags, program);
  if (!open.ok) return refuseRun(open.error, requests, program);
  const { input } = open.value.trials;
  const packages = input.packages.map((name): Listed => {
    return { name, spec: { language: 'node', spec: { type: 'registry', name, range: 'latest' } } };
  });
  const suite = suiteOf(packages, input.list, program.cwd, { jobs: 1 });
  const run = { suite, jobs: input.agents * input.jobs, begin: beginWith(open.value) };
  return runList(run, requests, flags, program).finally(() => open.value.close());
}
