/** How a package starts, beside its last release. */
import { readFileSync } from 'node:fs';
import type { PackageContents } from '../../consumer/installed-package.ts';
import { isLoadable } from '../../consumer/loads.ts';
import { EXPECT_SUCCESS } from '../../core/suite.ts';
import type { ComponentContext } from '../common/context.ts';
import { runStep } from '../common/run-step.ts';
import { initOf } from '../init/from-package.ts';
import { type RatioInterval, ratioInterval } from '../init/interval.ts';
import { type Argv, initPrograms, PAIRS_PROGRAM } from '../init/program.ts';
import { type LoadedModules, REPORT_VARIABLE, type StartTimes, type StartTrial } from '../init/protocol.ts';

/** Enough to see a start that takes half as long again; a budget measures more. */
const PAIRS = 7;
const LIMIT_MS = 5000;
/** Fixed, so that the same ratios give the same interval. */
const SEED = 1;

export interface Start {
  /** How many modules are loaded by the last release, and by this one. */
  readonly modules: readonly [before: number, after: number];
  /** The time of this one relative to that of the last release. */
  readonly ratio: RatioInterval;
}

interface Ways {
  readonly modules: Argv;
  readonly start: Argv;
}

/** Run in the consumer, whatever folder the measuring program is in. */
const within = (cwd: string, argv: Argv): Argv => ['/bin/sh', '-c', 'cd "$0" && exec "$@"', cwd, ...argv];

async function waysOf(contents: PackageContents, context: ComponentContext): Promise<Ways | undefined> {
  const installed = { ...contents, scriptWarnings: [], needsNode: null, isReused: true };
  const [component] = isLoadable(installed) ? initOf(installed) : [];
  const programs = component && (await initPrograms(component, context.env));
  if (component === undefined || programs === undefined || !programs.ok) return undefined;
  const main = contents.entryPoints.find(({ subpath }) => subpath === '.');
  const form = main?.import?.exists === true ? 'import' : 'require';
  return {
    modules: within(component.cwd, programs.value.modules(form)),
    start: within(component.cwd, programs.value.starts(form).load),
  };
}

/** Undefined where it fails, which `init` tells. */
async function measured<T>(
  name: string,
  argv: Argv,
  cwd: string,
  context: ComponentContext,
): Promise<T | undefined> {
  const report = `${context.directory.path}/${context.id}-${name}.json`;
  const env = { ...context.env, [REPORT_VARIABLE]: report };
  const step = { name, command: { type: 'argv', argv }, cwd, env, expect: EXPECT_SUCCESS } as const;
  const findings = await runStep(step, context);
  if (findings.length > 0 || context.signal.aborted) return undefined;
  return JSON.parse(readFileSync(report, 'utf8')) as T;
}

/** @returns undefined where one of both cannot be loaded by its name */
export async function compareStarts(
  before: PackageContents,
  after: PackageContents,
  context: ComponentContext,
): Promise<Start | undefined> {
  const [old, now] = [await waysOf(before, context), await waysOf(after, context)];
  if (old === undefined || now === undefined) return undefined;
  const { consumer } = after;
  const was = await measured<LoadedModules>('modules-before', old.modules, consumer, context);
  const is = await measured<LoadedModules>('modules-after', now.modules, consumer, context);
  const trial: StartTrial = {
    bare: old.start,
    load: now.start,
    pairs: PAIRS,
    limitMs: LIMIT_MS,
    fewestPairs: PAIRS,
  };
  const argv: Argv = [...PAIRS_PROGRAM, JSON.stringify(trial)];
  const times = await measured<StartTimes>('starts', argv, consumer, context);
  if (was === undefined || is === undefined || times === undefined) return undefined;
  const ratios = times.pairs.map(({ bareMs, loadMs }) => loadMs / bareMs);
  return { modules: [was.modules.length, is.modules.length], ratio: ratioInterval(ratios, SEED) };
}
