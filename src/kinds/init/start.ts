/** What it costs to start with a module: time, beside the bare interpreter, and the modules that come with it. */

import type { Form } from '../../core/entry.ts';
import type { Finding } from '../../core/finding.ts';
import { plural } from '../../core/units.ts';
import { readJson } from '../../files/read-json.ts';
import type { ComponentContext } from '../common/context.ts';
import { runStep } from '../common/run-step.ts';
import type { InitComponent, RatioBudget } from './component.ts';
import { type RatioInterval, ratioInterval } from './interval.ts';
import { deniedModules } from './modules.ts';
import { reproduction } from './process.ts';
import { type Argv, type InitPrograms, PAIRS_PROGRAM } from './program.ts';
import {
  type ImportCosts,
  type LoadedModules,
  REPORT_VARIABLE,
  type StartTimes,
  type StartTrial,
} from './protocol.ts';

/** Enough for an interval a few hundredths wide on a quiet machine. */
const PAIRS = 20;
/** Without a budget the measurement is only reported. */
const PAIRS_TO_TELL = 5;
const FEWEST_PAIRS = 3;
const MEASURE_FOR = 5000;
/** Fixed, so that the same ratios give the same interval. */
const SEED = 1;

interface Measured<T> {
  readonly findings: readonly Finding[];
  readonly value: T | undefined;
}

async function measure<T>(
  name: string,
  argv: Argv,
  report: string,
  component: InitComponent,
  context: ComponentContext,
): Promise<Measured<T>> {
  const env = { ...context.env, [REPORT_VARIABLE]: report };
  const command = { type: 'argv', argv } as const;
  const step = { name, command, cwd: component.cwd, env, expect: component.expect };
  const findings = await runStep(step, context);
  return { findings, value: readJson<T>(report) };
}

/**
 * @param form in which the module can be loaded
 * @param folder for the reports
 * @returns findings, including the measurements as a note
 */
export async function tryStart(
  component: InitComponent,
  programs: InitPrograms,
  form: Form,
  folder: string,
  context: ComponentContext,
): Promise<Finding[]> {
  const loading = programs.modules(form);
  const modules = await measure<LoadedModules>('modules', loading, `${folder}/modules`, component, context);
  const loaded = modules.value?.modules;
  if (loaded === undefined) return [...modules.findings];
  const findings = [
    ...modules.findings,
    ...judgeModules(component, loaded, reproduction(component.cwd, loading)),
    ...judgeCount(component, loaded, reproduction(component.cwd, loading)),
  ];
  if (!component.parts.includes('times')) return findings;
  return [...findings, ...(await tryTimes(component, programs, form, loaded, folder, context))];
}

async function tryTimes(
  component: InitComponent,
  programs: InitPrograms,
  form: Form,
  modules: readonly string[],
  folder: string,
  context: ComponentContext,
): Promise<Finding[]> {
  const { bare, load } = programs.starts(form);
  const trial: StartTrial = {
    bare,
    load,
    pairs: component.coldStart === null ? PAIRS_TO_TELL : PAIRS,
    limitMs: MEASURE_FOR,
    fewestPairs: FEWEST_PAIRS,
  };
  const pairing: Argv = [...PAIRS_PROGRAM, JSON.stringify(trial)];
  const times = await measure<StartTimes>('cold start', pairing, `${folder}/times`, component, context);
  if (times.value === undefined) return [...times.findings];
  const { pairs } = times.value;
  const interval = ratioInterval(
    pairs.map(({ bareMs, loadMs }) => loadMs / bareMs),
    SEED,
  );
  const judged = judgeColdStart(
    component.coldStart,
    interval,
    pairs.length,
    reproduction(component.cwd, load),
  );
  const { costs } = programs;
  const asked =
    judged.length === 0 || costs === undefined
      ? undefined
      : await measure<ImportCosts>('import times', costs, `${folder}/costs`, component, context);
  const evidence = slowest(asked?.value);
  return [
    ...times.findings,
    ...(asked?.findings ?? []),
    ...judged.map((each) => (evidence.length === 0 ? each : { ...each, evidence })),
    {
      code: 'start-profile',
      message: `starts in ${showInterval(interval)} of the bare interpreter, ${plural(modules.length, 'module')} loaded`,
      ...interval,
      pairs,
      modules,
    },
  ];
}

const SLOWEST = 8;

/** Where the time of a start goes, in lines of a finding. */
export function slowest({ costs }: ImportCosts = { costs: [] }): string[] {
  const lines = [...costs]
    .sort((a, b) => b.microseconds - a.microseconds)
    .slice(0, SLOWEST)
    .map(({ module, microseconds }) => `${(microseconds / 1000).toFixed(1)} ms: ${module}`);
  return lines.length === 0 ? [] : ['the slowest imports, by themselves (python -X importtime):', ...lines];
}

const showRatio = (ratio: number): string => `${ratio.toFixed(2)}x`;

const showInterval = ({ ratio, low, high }: RatioInterval): string =>
  `${showRatio(ratio)} (${showRatio(low)} to ${showRatio(high)})`;

/** Fails only if the whole interval is above the budget. */
export function judgeColdStart(
  budget: RatioBudget | null,
  interval: RatioInterval,
  pairs: number,
  command: string,
): Finding[] {
  if (budget === null || interval.high < budget.ratio) return [];
  const measured = `${showInterval(interval)} of the bare interpreter's time over ${plural(pairs, 'pair')} of starts`;
  const facts = { ...interval, budget: budget.ratio };
  if (interval.low < budget.ratio)
    return [
      {
        code: 'cold-start-undecided',
        message: `a cold start takes ${measured}: too close to the budget ${budget.text} to tell`,
        hint: 'leave more room in the budget, or measure on a quieter machine',
        ...facts,
      },
    ];
  return [
    {
      code: 'cold-start',
      message: `a cold start takes ${measured}, over the budget ${budget.text}`,
      hint: `this is what is measured: time (${command})`,
      ...facts,
    },
  ];
}

/** Fails if there are more than the budget allows. */
export function judgeCount(
  { module, mostModules }: Pick<InitComponent, 'module' | 'mostModules'>,
  loaded: readonly string[],
  command: string,
): Finding[] {
  if (mostModules === undefined || loaded.length <= mostModules) return [];
  return [
    {
      code: 'too-many-modules',
      message: `${module} loads ${plural(loaded.length, 'module')} at startup, over the budget of ${mostModules}`,
      hint: `the whole list: ${command}`,
      ...{ budget: mostModules, count: loaded.length },
    },
  ];
}

function judgeModules(component: InitComponent, loaded: readonly string[], command: string): Finding[] {
  return component.denyModules.flatMap((name): Finding[] => {
    const denied = deniedModules(name, loaded, component);
    if (denied.length === 0) return [];
    return [
      {
        code: 'denied-module',
        message: `${component.module} loads ${name} at startup, which denyModules forbids`,
        evidence: denied.slice(0, 5),
        hint: `the whole list: ${command}`,
        denied: name,
        modules: denied,
      },
    ];
  });
}
