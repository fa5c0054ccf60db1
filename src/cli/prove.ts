/** `shakedown prove`: breaks on purpose what each component tries, and demands that it notices. */
import { availableParallelism } from 'node:os';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Plan } from '../core/plan.ts';
import { readFault } from '../core/proof.ts';
import { err, ok, type Result } from '../core/result.ts';
import { suggest } from '../core/suggest.ts';
import type { Component } from '../core/suite.ts';
import type { Ms } from '../core/units.ts';
import type { Course } from '../engine/course.ts';
import { kindOf } from '../kinds/index.ts';
import { proveCourse } from '../prove/course.ts';
import { lanesOf } from '../prove/side-by-side.ts';
import type { DetailFlags } from './detail.ts';
import type { OwnershipFlags, Program, SuiteFlags } from './flags.ts';
import type { Outcome } from './outcome.ts';
import type { ReportFlags } from './reports.ts';
import { run } from './run.ts';

/** What to prove, as given on the command line. */
export interface ProveFlags extends SuiteFlags, OwnershipFlags, ReportFlags, DetailFlags {
  readonly fault?: readonly string[];
  readonly budget?: Ms;
  readonly fresh: boolean;
  readonly jobs?: number;
  readonly timeout?: Ms;
  readonly seed?: number;
  readonly json: boolean;
  readonly use?: readonly string[];
}

export async function prove(names: readonly string[], flags: ProveFlags, program: Program): Promise<Outcome> {
  const report = [...(flags.report ?? []), ...(flags.json ? ['json'] : [])];
  const runFlags = { ...flags, jobs: flags.jobs ?? 1, report, keepGoing: true, repeat: 1 };
  return run(names, runFlags, program, (plan) => chooseCourse(plan, flags));
}

/** A proof changes what a service answers, and ends services: it may do so only with those that it has started. */
const notOurs = (uses: readonly string[]): Diagnostic => {
  const names = uses.map((use) => use.replace(/=.*/, ''));
  return {
    message: '--use cannot be combined with `prove`, which breaks the services that it tries',
    hint: `leave it out, and \`prove\` starts ${names.join(' and ')} itself; what is there already is tried by \`shakedown --use\`, without faults`,
  };
};

async function chooseCourse(
  plan: Plan,
  { fault = [], budget, fresh, use, jobs }: ProveFlags,
): Promise<Result<Course, readonly Diagnostic[]>> {
  if (use !== undefined) return err([notOurs(use)]);
  const components = plan.components.map(({ component }) => component);
  const words = new Map(
    await Promise.all(components.map(async (each) => [each, await wordsOf(each)] as const)),
  );
  const all = [...new Set([...words.values()].flat())];
  const mistakes = [
    ...unknown(fault, all, '--fault'),
    ...[...words].flatMap(([{ name, prove }, own]) => [
      ...unknown(prove.demand, own, `prove.demand of ${name}`),
      ...unknown(Object.keys(prove.ignore), own, `prove.ignore of ${name}`),
    ]),
  ];
  return mistakes.length > 0
    ? err(mistakes)
    : ok(
        proveCourse({
          ...{ faults: fault.map(readFault), budget, fresh },
          lanes: jobs ?? lanesOf(availableParallelism()),
        }),
      );
}

const wordsOf = async ({ kind }: Component): Promise<readonly string[]> =>
  (await kindOf(kind).sabotage?.())?.words ?? [];

/** A fault is a word, alone or after what it affects: `loads wrong-result`. */
function unknown(faults: readonly string[], words: readonly string[], where: string): Diagnostic[] {
  return faults.flatMap((fault) => {
    const word = readFault(fault).split(' ').at(-1) ?? '';
    if (words.includes(word)) return [];
    const near = suggest(word, words);
    const known =
      words.length === 0 ? 'there are none for what was selected' : `there are ${words.join(', ')}`;
    return [
      {
        message: `${where}: there is no fault "${fault}"`,
        hint: near === undefined ? known : `did you mean "${near}"? ${known}`,
      },
    ];
  });
}
