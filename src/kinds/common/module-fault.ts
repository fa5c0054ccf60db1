/** Puts faults into a module by import hooks in the processes of a component, and reads what the hooks recorded. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type {
  CallingThreads,
  FunctionName,
  HookedFunction,
  HookedRuntime,
  ModuleFault,
  ModuleFaultReport,
  Unhookable,
} from '../../core/module-fault.ts';
import type { Environment } from '../../core/suite.ts';
import { harnessFile } from './programs.ts';

/** The import hooks. */
export const HOOKS = harnessFile('harness/faults');

/** The file with the orders for the hooks, which write everything else in the folder. */
const ORDERS = 'fault.json';

/**
 * The environment in which the processes of a component, and those that they start, have a fault in a module. To find
 * lost errors as well, apply `watchedEnvironment` on top of it: its shim removes itself from the environment, this stays.
 *
 * Where the hooks cannot be loaded or told what to do, the environment stays as it is, and nothing is recorded:
 * `whyNotHookable` and `whyUnwritten` say why.
 *
 * @param env the component's; its own values of the same variables stay in force
 * @param folder for the orders and records of this trial alone; created if necessary
 */
export function faultEnvironment(fault: ModuleFault, env: Environment, folder: string): Environment {
  const orders = join(folder, ORDERS);
  if (whyNotHookable(fault.runtime, env) !== undefined) return env;
  if (whyUnwritten(folder) !== undefined || !write(orders, JSON.stringify({ ...fault, folder }))) return env;
  const hooked =
    fault.runtime === 'python'
      ? { PYTHONPATH: joined([HOOKS, env.PYTHONPATH], delimiter) }
      : {
          NODE_OPTIONS: joined(
            [`--require ${JSON.stringify(join(HOOKS, 'main.cjs'))}`, env.NODE_OPTIONS],
            ' ',
          ),
        };
  return { ...env, ...hooked, SHAKEDOWN_FAULT: orders };
}

/**
 * Why the hooks cannot even be asked for, as the end of a sentence. Node's permission model would keep it from reading
 * them, and so from starting.
 */
export function whyNotHookable(
  runtime: HookedRuntime,
  { NODE_OPTIONS = '' }: Environment,
): string | undefined {
  if (runtime === 'python')
    return HOOKS.includes(delimiter)
      ? `the path of Shakedown has a colon, at which Python divides PYTHONPATH: ${HOOKS}`
      : undefined;
  const [, permission] = /(?:^|\s)(--(?:experimental-)?permission)(?=\s|$)/.exec(NODE_OPTIONS) ?? [];
  return permission === undefined
    ? undefined
    : `NODE_OPTIONS has ${permission}, under which Node may not read the hooks`;
}

/** As much as a record of many functions needs. */
const ROOM = 16_384;

/** @returns why the hooks cannot write to the folder for their records, as an error says it */
export function whyUnwritten(folder: string): Error | undefined {
  const file = join(folder, 'room');
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, ' '.repeat(ROOM));
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    remove(file);
  }
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // What should be a folder is none.
  }
}

function write(file: string, text: string): boolean {
  try {
    writeFileSync(file, text);
    return true;
  } catch {
    // Half an order is none.
    remove(file);
    return false;
  }
}

/** Whether the hooks were asked for: their orders are there. */
export const wereOrdered = (folder: string): boolean => existsSync(join(folder, ORDERS));

const joined = (parts: readonly (string | undefined)[], separator: string): string =>
  parts.filter((part) => part !== undefined && part !== '').join(separator);

/** A line of a process's record, in which functions are numbered. Counts are totals since its start. */
interface Line {
  readonly began?: 1;
  readonly ended?: 1;
  readonly imported?: string;
  readonly changedImports?: number;
  readonly unhookable?: Unhookable;
  readonly fn?: number;
  readonly as?: FunctionName;
  readonly calls?: number;
  readonly changed?: number;
  readonly from?: CallingThreads;
  readonly results?: readonly string[];
}

interface Counted {
  readonly names: FunctionName[];
  calls: number;
  changed: number;
  from: CallingThreads | null;
  readonly results: Set<string>;
}

const nothing = (): Counted => ({ names: [], calls: 0, changed: 0, from: null, results: new Set() });

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isText = (value: unknown): boolean => typeof value === 'string';
const isNamed = (value: unknown): boolean => isObject(value) && isText(value.module) && isText(value.name);

/** What each fact of a line must be, if it is there. */
const FACTS: { readonly [Fact in keyof Line]-?: (value: unknown) => boolean } = {
  began: isCount,
  ended: isCount,
  imported: isText,
  changedImports: isCount,
  unhookable: (value) =>
    isObject(value) &&
    isText(value.module) &&
    (value.name === null || isText(value.name)) &&
    isText(value.reason),
  fn: isCount,
  as: isNamed,
  calls: isCount,
  changed: isCount,
  from: (value) => value === 'main' || value === 'worker' || value === 'both',
  results: (value) => Array.isArray(value) && value.every(isText),
};

/** The module under test may have written to the record as well. */
const isLine = (value: unknown): value is Line =>
  isObject(value) &&
  Object.entries(FACTS).every(([fact, isValid]) => value[fact] === undefined || isValid(value[fact]));

function parsed(text: string): Line[] {
  try {
    const value: unknown = JSON.parse(text);
    return isLine(value) ? [value] : [];
  } catch {
    // Its process was killed as it wrote it.
    return [];
  }
}

/** The program may have written to the folder: only files of hooks are read. */
function records(folder: string): Line[][] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ndjson'))
      .map(({ name }) => readFileSync(join(folder, name), 'utf8').split('\n').flatMap(parsed));
  } catch {
    return [];
  }
}

const both = (a: CallingThreads | null, b: CallingThreads | null): CallingThreads | null =>
  a === null || a === b ? b : b === null ? a : 'both';

/** The functions of one process, each with its latest counts. */
function functionsIn(lines: readonly Line[]): Counted[] {
  const functions = new Map<number, Counted>();
  for (const { fn, as, calls = 0, changed = 0, from = null, results = [] } of lines) {
    if (fn === undefined) continue;
    const counted = functions.get(fn) ?? nothing();
    functions.set(fn, counted);
    if (as !== undefined) counted.names.push(as);
    counted.calls = Math.max(counted.calls, calls);
    counted.changed = Math.max(counted.changed, changed);
    counted.from = both(counted.from, from);
    for (const each of results) counted.results.add(each);
  }
  return [...functions.values()].filter(({ names }) => names.length > 0);
}

const keyOf = ({ module, name }: FunctionName): string => `${module}\0${name}`;

function merge(into: Counted, { names, calls, changed, from, results }: Counted): void {
  const known = new Set(into.names.map(keyOf));
  into.names.push(...names.filter((name) => !known.has(keyOf(name))));
  into.calls += calls;
  into.changed += changed;
  into.from = both(into.from, from);
  for (const each of results) into.results.add(each);
}

/** Processes may know one function by different names: functions with a name in common are the same. */
function together(all: readonly Counted[]): Counted[] {
  const byName = new Map<string, Counted>();
  const merged = new Set<Counted>();
  for (const each of all) {
    const sum = nothing();
    const same = new Set(each.names.flatMap((name) => byName.get(keyOf(name)) ?? []));
    for (const other of [...same, each]) {
      merged.delete(other);
      merge(sum, other);
    }
    merged.add(sum);
    for (const name of sum.names) byName.set(keyOf(name), sum);
  }
  return [...merged];
}

/** Whether importers are meant to see it: by convention a name that begins with an underscore is private. */
const isPrivate = ({ module, name }: FunctionName): boolean =>
  `${module}.${name}`.split(/[./]/).some((part) => /^_(?!_)/.test(part));

const depthOf = ({ module, name }: FunctionName): number => `${module}.${name}`.split(/[./]/).length;

/** Sorts the name that importers would most likely use first. */
const byLikelihood = (a: FunctionName, b: FunctionName): number =>
  Number(isPrivate(a)) - Number(isPrivate(b)) ||
  depthOf(a) - depthOf(b) ||
  (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0);

function hooked({ names, calls, changed, from, results }: Counted): HookedFunction[] {
  const [first, ...aliases] = names.sort(byLikelihood);
  // A private function counts only if somebody has called it.
  if (first === undefined || (isPrivate(first) && calls === 0)) return [];
  return [{ ...first, aliases, calls, changed, from, results: [...results].sort() }];
}

/** Without duplicates, in the order of first occurrence. */
function distinct<T>(values: readonly T[]): T[] {
  const seen = new Map(values.map((value): [string, T] => [JSON.stringify(value), value]));
  return [...seen.values()];
}

/** A class that several modules export is told by each of them; what fixes its methods names the class. */
function oncePerMethod(all: readonly Unhookable[]): Unhookable[] {
  const seen = new Map<string, Unhookable>();
  for (const each of all) {
    const { module, name, reason } = each;
    const key = JSON.stringify(name === null ? [module, reason] : [name, reason]);
    const known = seen.get(key);
    if (known === undefined || byLikelihood(named(each), named(known)) < 0) seen.set(key, each);
  }
  return [...seen.values()];
}

const named = ({ module, name }: Unhookable): FunctionName => ({ module, name: name ?? '' });

const hasBegun = (lines: readonly Line[]): boolean => lines.some(({ began }) => began);
const hasMoreThanItsLife = (lines: readonly Line[]): boolean =>
  lines.some(({ began, ended }) => !began && !ended);

/** @param folder that of `faultEnvironment`, after the component has ended */
export function readModuleFault(folder: string): ModuleFaultReport {
  const processes = records(folder);
  const lines = processes.flat();
  const functions = together(processes.flatMap(functionsIn)).flatMap(hooked);
  return {
    processes: processes.filter(hasMoreThanItsLife).length,
    hooked: processes.filter(hasBegun).length,
    silent: processes.filter((each) => hasBegun(each) && !each.some(({ ended }) => ended)).length,
    functions: functions.sort(byLikelihood),
    imported: distinct(lines.flatMap(({ imported }) => imported ?? [])),
    changedImports: lines.reduce((sum, { changedImports = 0 }) => sum + changedImports, 0),
    unhookable: oncePerMethod(lines.flatMap(({ unhookable }) => unhookable ?? [])),
  };
}
