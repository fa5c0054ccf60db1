/** Faults in the modules that a component tries, and what counts as noticing one. */
import { join } from 'node:path';
import type { Finding } from '../core/finding.ts';
import type {
  FunctionChange,
  HookedFunction,
  HookedRuntime,
  ModuleChange,
  ModuleFaultReport,
  NamedFunction,
  OwnModule,
} from '../core/module-fault.ts';
import type { Reach } from '../core/proof.ts';
import { err, ok, type Result } from '../core/result.ts';
import { suggest } from '../core/suggest.ts';
import type { Command, Component } from '../core/suite.ts';
import { type Ms, ms } from '../core/units.ts';
import type { LeftOut } from './common/left-out.ts';
import { faultEnvironment, readModuleFault } from './common/module-fault.ts';
import { moduleNamed, modulesOf } from './common/own-modules.ts';
import type { Fault, Faults, Ground, Nothing, TrialRecord, Unreachable } from './sabotage.ts';
import { barredBy, uncalled, unseenIn, type Watched, whyNeverImported, whyNoCalls } from './unreached.ts';

export type FunctionFault = FunctionChange | 'slow';
export type ModuleFaultWord = FunctionFault | 'import-fails';

/** The most telling first. */
const WORDS: readonly ModuleFaultWord[] = [
  'wrong-result',
  'wrong-in-worker',
  'raises',
  'import-fails',
  'returns-nothing',
  'slow',
];

/** The word for the fault that breaks what the debugging allocators claim. */
const OVERFLOW = 'heap-overflow';

export const MODULE_FAULT_WORDS: readonly string[] = [...WORDS, OVERFLOW];

/** What a component tries. */
export interface UnderTest {
  readonly runtime: HookedRuntime;
  readonly modules: readonly OwnModule[];
}

/** Which faults in a module a kind notices. */
export interface Noticing {
  /** The faults that make a difference to a component of the kind, and whether it must notice them. */
  readonly words: Readonly<Partial<Record<ModuleFaultWord, boolean>>>;
  /** Who should notice, and what to write so that it does. */
  readonly checker: string;
  /** What it runs; null: programs of ours. */
  readonly command: Command | null;
  readonly advice: (word: ModuleFaultWord, name: string) => string;
  readonly isNoticed: (finding: Finding, word: ModuleFaultWord) => boolean;
}

/** In milliseconds: what anybody would call slow, and how long all delays of a trial together may take. */
const DELAY = 500;
const MOST_WAITING = 5_000;
/** In milliseconds: less than this is not slow. A function that is called too often for it is not delayed at all. */
const LEAST_DELAY = 5;

/** More trials would take forever. The functions that are called most often come first. */
const MOST_FUNCTIONS = 40;

/** The types of results that cannot be wrong or missing. */
const NOTHING: Readonly<Record<HookedRuntime, string>> = { python: 'NoneType', node: 'undefined' };

/** How a module is named in each language. Node takes a path too, for a project that exports nothing. */
const EXAMPLES: Readonly<Record<HookedRuntime, string>> = { python: 'orjson', node: './src/index.js' };

/**
 * The modules that a component names in `prove`, or those of the project.
 *
 * @param runtimes the likeliest first; the first one that has modules is used
 */
export function underTest(
  { prove, cwd }: Component,
  { root }: Ground,
  runtimes: readonly HookedRuntime[],
): Result<UnderTest, Nothing> {
  const [likely = 'python'] = runtimes;
  if (prove.modules.length > 0)
    return ok({ runtime: likely, modules: prove.modules.map((name) => moduleNamed(name, cwd, likely)) });
  const reasons: string[] = [];
  for (const runtime of runtimes) {
    const found = modulesOf(root, runtime);
    if (found.ok) return ok({ runtime, modules: found.value });
    reasons.push(found.error);
  }
  return err({
    message: `no module of the project was found: ${reasons.join('; ')}`,
    hint: `name the module that it tries: prove: { module: '${EXAMPLES[likely]}' }`,
  });
}

/** The variables that bring the hook into processes. */
const VARIABLES = ['PYTHONPATH', 'NODE_OPTIONS', 'SHAKEDOWN_FAULT'] as const;

const recordsIn = (folder: string): string => join(folder, 'module');

/** The same component, but its processes load the modules with a fault; as it is, if nothing may be in them. */
export function withModuleFault<C extends Component>(
  component: C,
  { runtime, modules }: UnderTest,
  change: ModuleChange,
  folder: string,
  { barred, env }: Ground,
): C {
  if (barred !== undefined) return component;
  const all = faultEnvironment({ ...change, runtime, modules }, env, recordsIn(folder));
  const added = VARIABLES.flatMap((name) => {
    const value = all[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...component, env: { ...component.env, ...Object.fromEntries(added) } };
}

/** What the hooks saw in a run. */
export const moduleReport = ({ folder }: Pick<TrialRecord, 'folder'>): ModuleFaultReport =>
  readModuleFault(recordsIn(folder));

const watchedBy = (
  { name, cwd }: Component,
  { runtime, modules }: UnderTest,
  command: Command | null,
): Watched => ({
  ...{ runtime, command, cwd, checker: name },
  names: modules.map((each) => each.name).join(', '),
});

/** The module of the project that was probably meant by one that nobody imports. */
function meantBy({ prove }: Component, { root }: Ground, { runtime }: UnderTest): string | undefined {
  const own = modulesOf(root, runtime);
  const names = own.ok ? own.value.map(({ name }) => name) : [];
  const [named] = prove.modules;
  return named === undefined || names.includes(named) ? undefined : suggest(named, names);
}

/** Adds why nothing could be seen of a fault, if nothing was. */
function orUnseen(reach: Reach, record: TrialRecord, watched: Watched, ground: Ground): Reach {
  if (reach.changed > 0) return reach;
  const unseen = unseenIn(record, recordsIn(record.folder), moduleReport(record), watched, ground);
  return unseen === undefined ? reach : { ...reach, unseen };
}

/** The part of a fault that changes what an import of the modules does, or the start of each process if there are none. */
export const importFault = (
  component: Component,
  tried: UnderTest,
  change: ModuleChange,
  ground: Ground,
  command: Command | null = null,
): Pick<Fault, 'sabotage' | 'reach'> => ({
  sabotage: (folder) => withModuleFault(component, tried, change, folder, ground),
  reach: (record) => {
    const unit = tried.modules.length === 0 ? 'start' : 'import';
    const reach = { changed: moduleReport(record).changedImports, of: null, unit };
    return orUnseen(reach, record, watchedBy(component, tried, command), ground);
  },
});

/** Why the control of a component has failed, if that is because of the hooks in its processes. */
export const hooksBarred = (
  component: Component,
  control: TrialRecord,
  tried: UnderTest,
  command: Command | null,
): LeftOut | undefined => barredBy(control, moduleReport(control), watchedBy(component, tried, command));

/** What Python says as it ends, or what others say of its end. */
const ABORTED = /SIGABRT|Debug memory block|pad byte/;

/** The debugging allocators of Python that a component asks for. */
export function memoryPreset({ env }: Ground): string | undefined {
  const preset = env.PYTHONMALLOC;
  return preset?.endsWith('debug') === true ? preset : undefined;
}

/** The processes of Python that a component starts, if it is not known what it tries. */
export const ANY_PYTHON: UnderTest = { runtime: 'python', modules: [] };

/**
 * A byte is written past the end of a block of memory: under the debugging allocators of Python, if they are asked for,
 * the process must abort. It is written with the import of a module or, if no process imports one, at the start of each.
 *
 * @param isSure whether Python is what it runs
 */
export function memoryFaults(
  component: Component,
  control: Pick<TrialRecord, 'folder'>,
  ground: Ground,
  tried: UnderTest,
  { command, isSure }: { readonly command: Command | null; readonly isSure: boolean },
): Faults {
  const preset = memoryPreset(ground);
  if (tried.runtime !== 'python' || preset === undefined) return NO_FAULTS;
  const report = moduleReport(control);
  const name = { fault: OVERFLOW, subject: `PYTHONMALLOC=${preset}` };
  if (report.hooked === 0) {
    const watched = watchedBy(component, tried, command);
    const why = whyNeverImported(watched, report, recordsIn(control.folder), ground);
    return { faults: [], unreachable: [{ ...name, ...why, isDemanded: isSure }] };
  }
  const broken = report.imported.length > 0 ? tried : ANY_PYTHON;
  const fault: Fault = {
    ...{ ...name, isDemanded: true, checker: component.name },
    ...importFault(component, broken, { change: 'overflow' }, ground, command),
    isNoticed: (finding) =>
      ('signal' in finding && finding.signal === 'SIGABRT') ||
      [finding.message, ...(finding.evidence ?? [])].some((line) => ABORTED.test(line)),
    deed: 'a byte was written past the end of a block of memory',
    advice:
      'see whether something on the way to the interpreter changes PYTHONMALLOC, or makes light of its end',
  };
  return { faults: [fault], unreachable: [] };
}

const NO_FAULTS: Faults = { faults: [], unreachable: [] };

/** Those of both, in this order. */
export const allFaults = (...parts: readonly Faults[]): Faults => ({
  faults: parts.flatMap(({ faults }) => faults),
  unreachable: parts.flatMap(({ unreachable }) => unreachable),
});

const DEEDS: Readonly<Record<ModuleFaultWord, (name: string) => string>> = {
  'wrong-result': (name) => `${name} gave a wrong result`,
  'wrong-in-worker': (name) => `${name} gave a wrong result off the main thread`,
  raises: (name) => `${name} raised an error`,
  'import-fails': (name) => `the import of ${name} failed`,
  'returns-nothing': (name) => `${name} returned nothing`,
  slow: (name) => `${name} was slow`,
};

/** `dumps` if that says enough; `orjson.sub.dumps` if it is not in the first module. */
function shownName({ module, name }: HookedFunction, { modules, runtime }: UnderTest): string {
  if (module === modules[0]?.name) return name;
  return runtime === 'python' ? `${module}.${name}` : `${module} ${name}`;
}

/** Whether a fault can happen to a function at all: nobody can be blind to one that cannot. */
function isPossible(
  word: FunctionFault,
  { results, from, calls }: HookedFunction,
  runtime: HookedRuntime,
): boolean {
  const givesNothing = results.length > 0 && results.every((type) => type === NOTHING[runtime]);
  if (word === 'wrong-in-worker') return from !== 'main' && !givesNothing;
  // A function that is called very often would take forever.
  if (word === 'slow') return calls * LEAST_DELAY <= MOST_WAITING;
  return word === 'raises' || !givesNothing;
}

/** Keeps the sum of all delays within what a trial may take. */
const delayFor = ({ calls }: HookedFunction): number =>
  Math.min(DELAY, Math.round(MOST_WAITING / Math.max(1, calls)));

function changeOf(word: FunctionFault, target: HookedFunction): ModuleChange {
  const { module, name, aliases } = target;
  const named: NamedFunction = { module, name, aliases };
  return word === 'slow'
    ? { change: word, function: named, delayMs: delayFor(target) }
    : { change: word, function: named };
}

const isOf = (a: HookedFunction, { module, name, aliases }: NamedFunction): boolean =>
  [a, ...a.aliases].some((one) =>
    [{ module, name }, ...aliases].some((other) => one.module === other.module && one.name === other.name),
  );

/** How often the calls of a function were changed. */
function callsChanged(
  record: TrialRecord,
  target: HookedFunction,
  word: FunctionFault,
  shown: string,
): Reach {
  const found = moduleReport(record).functions.find((each) => isOf(each, target));
  const reach = { changed: found?.changed ?? 0, of: found?.calls ?? 0, unit: 'call' };
  if (reach.changed > 0 || reach.of === 0) return reach;
  if (target.results.length === 0 && (word === 'wrong-result' || word === 'returns-nothing'))
    return { ...reach, impossible: `${shown} had no result to change: none of its calls returned` };
  if (word !== 'wrong-result') return reach;
  return {
    ...reach,
    impossible: `no result of ${shown} could be changed: it gave ${target.results.join(', ')}`,
  };
}

/**
 * The faults that a control has shown to be possible: those of each function that it called.
 *
 * @param component as it is without the hook
 */
export function moduleFaults(
  component: Component,
  control: Pick<TrialRecord, 'folder'>,
  ground: Ground,
  tried: UnderTest,
  noticing: Noticing,
): Faults {
  const report = moduleReport(control);
  const words = WORDS.filter((word) => noticing.words[word] !== undefined);
  const { checker, command } = noticing;
  const watched = watchedBy(component, tried, command);
  const records = recordsIn(control.folder);
  const memory = memoryFaults(component, control, ground, tried, { command, isSure: true });
  if (report.imported.length === 0) {
    const [fault = 'wrong-result'] = words;
    const near = meantBy(component, ground, tried);
    const why = whyNeverImported({ ...watched, near }, report, records, ground);
    const isDemanded = noticing.words[fault] === true;
    const never: Unreachable = { fault, subject: watched.names, isDemanded, ...why };
    return allFaults({ faults: [], unreachable: [never] }, memory);
  }
  const called = report.functions.filter(({ calls }) => calls > 0);
  const most = [...called].sort((a, b) => b.calls - a.calls).slice(0, MOST_FUNCTIONS);
  const put = (change: ModuleChange) => (folder: string) =>
    withModuleFault(component, tried, change, folder, ground);
  const faults = words.flatMap((word): Fault[] => {
    const common = { fault: word, isDemanded: noticing.words[word] === true, checker };
    const isNoticed = (finding: Finding): boolean => noticing.isNoticed(finding, word);
    if (word === 'import-fails') {
      const subject = report.imported[0] ?? '';
      const told = { deed: DEEDS[word](subject), advice: noticing.advice(word, subject) };
      return [
        {
          ...common,
          ...told,
          subject: null,
          ...importFault(component, tried, { change: word }, ground, command),
          isNoticed,
        },
      ];
    }
    return most
      .filter((target) => isPossible(word, target, tried.runtime))
      .map((target) => {
        const subject = shownName(target, tried);
        const takes = word === 'slow' ? { takes: ms(delayFor(target) * target.calls) as Ms } : {};
        return {
          ...{ ...common, ...takes, subject, isNoticed },
          ...{ deed: DEEDS[word](subject), advice: noticing.advice(word, subject) },
          sabotage: put(changeOf(word, target)),
          reach: (record: TrialRecord) =>
            orUnseen(callsChanged(record, target, word, subject), record, watched, ground),
        };
      });
  });
  const [word] = words.filter((each) => each !== 'import-fails');
  if (word === undefined) return allFaults({ faults, unreachable: [] }, memory);
  const unrecorded = whyNoCalls(report, records);
  const unreachable =
    unrecorded === undefined
      ? uncalled(report, word, (target) => shownName(target, tried), records)
      : [{ fault: word, subject: watched.names, isDemanded: noticing.words[word] === true, ...unrecorded }];
  return allFaults({ faults, unreachable }, memory);
}

/** Signs of a program that could not do its work, and so has not noticed anything. */
const NO_WORK = /EADDRINUSE|address already in use|No space left|ENOSPC|command not found/i;

/** What a program fails by when it notices something. */
const OF_PROGRAM = new Set<Finding['code']>([
  'exit-code',
  'missing-output',
  'forbidden-output',
  'lost-error',
  'failed-tests',
]);

export const isOfProgram = ({ code, message }: Finding): boolean =>
  OF_PROGRAM.has(code) && !NO_WORK.test(message);

/** What to write into a script. */
export function scriptAdvice(word: ModuleFaultWord, name: string): string {
  switch (word) {
    case 'wrong-result':
      return `have it compare what ${name} gives with what it should give, and fail if they differ`;
    case 'wrong-in-worker':
      return `have its threads compare what ${name} gives, and ask each of them for its result`;
    case 'returns-nothing':
      return `have it compare what ${name} gives, also with nothing`;
    case 'raises':
      return 'have it fail when a call does: no `except: pass`, no empty `catch`, and ask every future for its result';
    case 'import-fails':
      return `have it fail without ${name}: no fallback where the import fails`;
    case 'slow':
      return 'have it fail when it takes longer than its users accept';
  }
}
