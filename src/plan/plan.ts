/** Turns a suite and a selection into a plan. Pure: no I/O. */

import type { Diagnostic } from '../core/diagnostic.ts';
import type { Plan, PlannedComponent } from '../core/plan.ts';
import { err, ok, type Result } from '../core/result.ts';
import { secrets } from '../core/secrets.ts';
import { closureOf, serviceOf } from '../core/shared.ts';
import { suggest } from '../core/suggest.ts';
import type { Absent, Component, Flaky, Shared, Suite } from '../core/suite.ts';
import { type Ms, ms } from '../core/units.ts';
import { kindOf } from '../kinds/index.ts';
import { withUsed } from './use.ts';

/** What has not passed. */
export interface Failures {
  /** The last run. */
  readonly run: string;
  /** Names of components, with secrets masked, in the order in which they are to run; the suite may have changed since. */
  readonly names: readonly string[];
}

export interface PlanOptions {
  readonly jobs: number;
  readonly keepGoing: boolean;
  readonly repeat: number;
  /** Random seed. Default: 1. */
  readonly seed?: number;
  /** Overrides the time limit of every component. */
  readonly timeout?: Ms;
  /** Overrides what becomes of a pass on a retry. */
  readonly flaky?: Flaky;
  /** Selects only what has not passed in earlier runs. */
  readonly failed?: Failures | undefined;
  /** Services that are already there, as `NAME=URL`. */
  readonly use?: readonly string[] | undefined;
  /** Names of commands: a name that no component has may have meant one of them. */
  readonly commands?: readonly string[];
  /** A report format without a file: a name that no component has may have been meant as one. */
  readonly report?: string | undefined;
}

const KEEP_RUNS = 10;
const INTERRUPT_GRACE = ms(5000);

interface Selection {
  readonly components: readonly Component[];
  readonly skipped: readonly Absent[];
}

/** All names in a suite, including those of absent components. */
export function namesOf(suite: Suite): string[] {
  return [...new Set([...suite.components, ...suite.unusable, ...suite.absent].map(({ name }) => name))];
}

function select(
  suite: Suite,
  names: readonly string[],
  options: PlanOptions,
): Result<Selection, Diagnostic[]> {
  const diagnostics: Diagnostic[] = [];
  const wanted = new Set<string>();
  const byName = new Map(suite.components.map((component) => [component.name, component]));
  const want = (name: string): void => {
    // Its dependencies run too, and before it, or it never could.
    for (const needed of byName.get(name)?.needs ?? []) if (!wanted.has(needed)) want(needed);
    wanted.add(name);
  };
  const again = options.failed && new Map(options.failed.names.map((name, index) => [name, index]));
  const turnOf = ({ name }: Component): number => again?.get(secrets.conceal(name)) ?? 0;
  const isNamed = (name: string): boolean => names.length === 0 || names.includes(name);
  const isChosen = (name: string): boolean => isNamed(name) && again?.has(secrets.conceal(name)) !== false;
  const isByDefault = again === undefined && names.length === 0;
  const inTurn = suite.components.toSorted((one, other) => turnOf(one) - turnOf(other));
  for (const { name, onlyWhenNamed } of inTurn)
    if (isChosen(name) && !(isByDefault && onlyWhenNamed)) want(name);
  for (const name of new Set(names)) {
    const absent = suite.absent.find((candidate) => candidate.name === name);
    if (byName.has(name)) continue;
    if (absent !== undefined) diagnostics.push({ message: `${name} cannot be run: ${absent.reason}` });
    else if (!suite.unusable.some((broken) => broken.name === name))
      diagnostics.push(unknown(name, suite, options));
  }
  for (const { name, ...diagnostic } of suite.unusable) if (isChosen(name)) diagnostics.push(diagnostic);
  if (diagnostics.length > 0) return err(diagnostics);
  const skipped = isByDefault ? suite.absent.filter((absent) => !absent.onlyWhenNamed) : [];
  const components =
    again === undefined
      ? suite.components.filter(({ name }) => wanted.has(name))
      : [...wanted].flatMap((name) => byName.get(name) ?? []);
  return ok({ components, skipped });
}

function unknown(name: string, suite: Suite, { commands = [], report }: PlanOptions): Diagnostic {
  const names = namesOf(suite);
  const near = suggest(name, names);
  const command = suggest(name, commands);
  const isFile = /[./\\]/.test(name) || (near === undefined && command === undefined);
  const meant =
    report !== undefined && isFile
      ? `did you mean --report ${report}=${name}? `
      : near !== undefined
        ? `did you mean "${near}"? `
        : command !== undefined
          ? `did you mean the command \`shakedown ${command}\`? `
          : '';
  return {
    message: `there is no component "${name}"`,
    hint: `${meant}${suite.name} has ${names.join(', ')}`,
  };
}

/** With what the command line overrides. Within another time limit it still counts as slow some time before that. */
function overridden(component: Component, { timeout, flaky }: PlanOptions): Component {
  return {
    ...component,
    ...(timeout === undefined ? {} : { timeout, slow: ms(Math.min(component.slow, timeout / 2)) }),
    ...(flaky === undefined ? {} : { flaky }),
  };
}

/** What keeps a component from using what is already there. */
const unfit = (component: Component, shared: readonly Shared[]): Diagnostic[] =>
  shared.flatMap((each) =>
    each.type === 'external' ? (kindOf(component.kind).unfit?.(component, each) ?? []) : [],
  );

/** The fixed ports of services that are started for it alone. */
function freshPorts({ uses }: Component, shared: readonly Shared[]): number[] {
  const names = closureOf(uses, shared);
  return shared.flatMap((each) => {
    const port = each.fresh ? serviceOf(each)?.port : null;
    return typeof port === 'number' && port !== 0 && names.includes(each.name) ? [port] : [];
  });
}

/**
 * Decides what will happen.
 *
 * @param names components that the user named, in any order, possibly repeated; none means the default selection
 * @returns a plan, possibly without components; or what is wrong with the selection
 */
export function planRun(
  written: Suite,
  names: readonly string[],
  options: PlanOptions,
): Result<Plan, Diagnostic[]> {
  const used = withUsed(written, options.use ?? []);
  const suite = used.ok ? used.value : written;
  const selection = select(suite, names, options);
  const mistakes = [used, selection].flatMap((part) => (part.ok ? [] : part.error));
  if (!selection.ok || mistakes.length > 0) return err(mistakes);
  const { components, skipped } = selection.value;
  const misfits = components.flatMap((component) => unfit(component, suite.shared));
  if (misfits.length > 0) return err(misfits);
  const needed = closureOf(
    components.flatMap(({ uses }) => uses),
    suite.shared,
  );
  const planned = components.map((component): PlannedComponent => {
    return {
      component: overridden(component, options),
      after: component.needs,
      ports: [...(kindOf(component.kind).ports?.(component) ?? []), ...freshPorts(component, suite.shared)],
    };
  });
  return ok({
    ...planOf(suite),
    ...(options.failed === undefined ? {} : { rerunOf: options.failed.run }),
    shared: suite.shared.filter(({ name }) => needed.includes(name)),
    components: planned,
    skipped,
    jobs: options.jobs,
    keepGoing: options.keepGoing,
    repeat: options.repeat,
    seed: options.seed ?? 1,
  });
}

/** What all plans for a suite have in common. */
export const planOf = (
  suite: Suite,
): Omit<Plan, 'shared' | 'components' | 'skipped' | 'jobs' | 'keepGoing' | 'repeat' | 'seed'> => ({
  version: 1,
  suite: suite.name,
  root: suite.root,
  source: suite.source,
  memory: suite.memory,
  env: { ...(suite.memory === 'debug' ? { PYTHONMALLOC: 'debug' } : {}), ...suite.env },
  path: suite.path,
  setup: suite.setup,
  teardown: suite.teardown,
  keepRuns: KEEP_RUNS,
  interruptGrace: INTERRUPT_GRACE,
});
