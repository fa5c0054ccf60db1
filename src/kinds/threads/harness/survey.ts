/** The serial survey of a module, in a process of its own: what it exports, and what each call gives. */
import { writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Inputs, Operation, Survey, SurveyRequest } from '../protocol.ts';
import {
  addressOf,
  type Callable,
  type Exports,
  exportedFunction,
  exportedFunctions,
  loadModule,
} from './module.ts';
import { same, settle, show, wordsOf } from './outcome.ts';
import { copyOf, overShared, pack, shareBytes, type Values } from './values.ts';

type ArgumentLists = Readonly<Record<string, readonly (readonly unknown[])[]>>;

/** How long a process may stay alive after all is done before something must be keeping it alive, in milliseconds. */
const PATIENCE = 1000;

/** How often an operation is called serially to see whether it always gives the same result. */
const SERIAL_CALLS = 3;

export async function survey(request: SurveyRequest): Promise<void> {
  const found = await look(request).catch(
    (error: unknown): Survey => ({ ...NOTHING, failure: { words: wordsOf(error), code: codeOf(error) } }),
  );
  const tell = (told: Survey): void => writeFileSync(request.report, JSON.stringify(told));
  tell(found);
  setTimeout(() => {
    tell({ ...found, keepsAlive: true });
    process.exit(0);
  }, PATIENCE).unref();
}

const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;

const NOTHING: Survey = {
  url: '',
  operations: [],
  missing: [],
  functions: [],
  values: '',
  keepsAlive: false,
  failure: null,
};

async function look(request: SurveyRequest): Promise<Survey> {
  const { cwd } = request;
  const url = addressOf(request.module, cwd);
  const module = await loadModule(url);
  const oracle = request.oracle === null ? module : await loadModule(addressOf(request.oracle, cwd));
  const inputs = await argumentLists(request.inputs);
  const functions = exportedFunctions(module);
  const uncalled = functions.filter(({ parameters }) => request.callAll && parameters === 0);
  const named = request.exports ?? Object.keys(inputs);
  const names = named.length > 0 ? named : uncalled.map(({ name }) => name);
  const missing = names.filter((name) => exportedFunction(module, name) === undefined);
  const operations: Operation[] = [];
  const values: Values[] = [];
  for (const name of names.filter((each) => !missing.includes(each)))
    for (const args of inputs[name] ?? [[]])
      for (const each of await tryOut(name, args, module, oracle)) {
        operations.push(each.operation);
        values.push(each.values);
      }
  return {
    ...NOTHING,
    url,
    operations,
    missing,
    functions: functions.map(({ name }) => name),
    values: pack(values),
  };
}

async function argumentLists(inputs: Inputs | null): Promise<ArgumentLists> {
  if (inputs === null) return {};
  if (inputs.type === 'values') return inputs.values;
  const { default: exported } = await loadModule(addressOf(inputs.path, ''));
  if (typeof exported !== 'object' || exported === null)
    throw new Error(`${inputs.path} does not export by default what to call, such as { parse: [['{}']] }`);
  return exported as ArgumentLists;
}

interface Tried {
  readonly operation: Operation;
  readonly values: Values;
}

/** One operation with arguments of its own; where these hold bytes another with bytes in shared memory. */
async function tryOut(
  name: string,
  args: readonly unknown[],
  module: Exports,
  oracle: Exports,
): Promise<Tried[]> {
  const subject = exportedFunction(module, name);
  const judge = exportedFunction(oracle, name);
  if (subject === undefined) return [];
  if (judge === undefined) throw new Error(`the oracle does not export a function ${name}`);
  const blocks = shareBytes(args);
  const own = await tryOnce(name, copyOf(args), subject, judge, false);
  if (blocks.length === 0 || own.operation.mutates) return [own];
  const shared = await tryOnce(name, overShared(args, blocks), subject, judge, true);
  // Serialized, shared memory would be lost: the arguments are kept as they were given.
  return [own, { ...shared, values: { ...shared.values, args } }];
}

async function tryOnce(
  name: string,
  args: readonly unknown[],
  subject: Callable,
  judge: Callable,
  shared: boolean,
): Promise<Tried> {
  const before = shared ? args : copyOf(args);
  const fresh = (): readonly unknown[] => (shared ? args : copyOf(args));
  const outcome = await settle(() => judge(...fresh()));
  let repeatable = true;
  let mutates = false;
  for (let call = 0; call < SERIAL_CALLS; call++) {
    const used = fresh();
    const again = await settle(() => subject(...used));
    // A module that differs from its oracle even serially is reported by the threads, like any wrong result.
    const reference = judge === subject ? outcome : await settle(() => judge(...fresh()));
    repeatable &&= reference.threw === outcome.threw && isDeepStrictEqual(reference.value, outcome.value);
    if (judge === subject) repeatable &&= again.threw === outcome.threw && same(outcome.value, again.value);
    mutates ||= !shared && !isDeepStrictEqual(used, before);
  }
  const call = `${name}(${args.map(show).join(', ')})`;
  const label = call.length > LONGEST_LABEL ? `${call.slice(0, LONGEST_LABEL - 2)}…)` : call;
  return {
    operation: { name, label: shared ? `${label} on shared memory` : label, shared, mutates, repeatable },
    values: { args, outcome },
  };
}

const LONGEST_LABEL = 100;
