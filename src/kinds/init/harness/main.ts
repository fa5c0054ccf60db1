/**
 * Loads a module in one of the scenarios, and uses it for the first time:
 *
 *     node harness-init.js [by-jiti] SCENARIO MODULE [FILE:FUNCTION | FUNCTION]
 *
 * `by-jiti`: both files are in TypeScript, which this Node cannot read, and are loaded by jiti: in this thread, where tsx
 * needs one of its own and hooks of both loaders, and takes three times as long.
 *
 * Nothing is caught: an error ends this process as it would a user's, and the report tells what it was doing.
 */
import { closeSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import type { Form } from '../../../core/entry.ts';
import { loadHere, tryImport, tryRequire } from '../../common/harness/here.ts';
import { loadWithJiti } from '../../common/harness/with-jiti.ts';
import { BY_JITI, GATE_VARIABLE, type Scenario } from '../protocol.ts';
import { differingExports } from './compare.ts';
import { tell } from './report.ts';

const given = process.argv.slice(2);
const isByJiti = given[0] === BY_JITI;
const [scenario, specifier = '', use] = isByJiti ? given.slice(1) : given;
const RELOADS = 3;
const SETTLE = 200;
/** Sent by a worker that is done; the module may send messages of its own. */
const DONE = 'shakedown: done';

/** Waits until all processes are released. */
function passGate(): void {
  const gate = process.env[GATE_VARIABLE];
  if (gate === undefined) return;
  tell({ doing: 'waiting for the others' });
  closeSync(openSync(gate, 'r'));
}

const load = async (name: string): Promise<{ readonly form: Form; readonly value: unknown }> =>
  isByJiti ? { form: 'import', value: await loadWithJiti(resolve(name)) } : loadHere(name);

/** The function that uses the module: an export of a file of its own, or of the module itself. */
async function firstUse(module: unknown): Promise<(module: unknown) => unknown> {
  const [, file, name = ''] = /^(?:(.+):)?([^:]+)$/.exec(use ?? '') ?? [];
  const owner = file === undefined ? module : (await load(file)).value;
  const found = name === '' ? undefined : (owner as Record<string, unknown>)[name];
  if (typeof found === 'function') return (given) => found.call(owner, given);
  throw new TypeError(`${file ?? specifier} has no function "${name}"`);
}

async function useFirst(module: unknown, where: string): Promise<void> {
  if (use === undefined) return;
  tell({ doing: `using ${specifier} for the first time${where}` });
  await (await firstUse(module))(module);
}

async function loadAndUse(where = ''): Promise<void> {
  tell({ doing: `loading ${specifier}${where}` });
  const { form, value } = await load(specifier);
  tell({ form });
  await useFirst(value, where);
}

async function loadInBothForms(): Promise<void> {
  tell({ doing: `loading ${specifier} by import()` });
  const imported = await tryImport(specifier);
  tell({ doing: `loading ${specifier} by require()` });
  const required = tryRequire(specifier);
  for (const form of [imported, required]) if ('notOffered' in form) tell({ notTried: form.notOffered });
  if (!('value' in imported && 'value' in required)) return;
  tell({ differing: differingExports(imported.value, required.value) });
  await useFirst(imported.value, ' as import() gave it');
  await useFirst(required.value, ' as require() gave it');
}

async function loadInContext(): Promise<void> {
  const { compileInContext } = await import('./context.ts');
  compileInContext();
  tell({ doing: `loading ${specifier} in a context of node:vm` });
  const required = tryRequire(specifier);
  if ('notOffered' in required) tell({ notTried: required.notOffered });
  else await useFirst(required.value, ' in a context of node:vm');
}

/** Loads it in a worker, and waits for the worker to exit by itself. */
async function loadInWorker(where: string): Promise<void> {
  tell({ doing: `loading ${specifier}${where}` });
  const worker = new Worker(new URL(import.meta.url), { argv: given, workerData: { where } });
  let isDone = false;
  worker.on('message', (message) => {
    if (message !== DONE) return;
    isDone = true;
    tell({ doing: `ending the worker that has loaded ${specifier}` });
  });
  const code = await new Promise<number>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', resolve);
  });
  if (code !== 0) throw new Error(`the worker ended with code ${code}`);
  if (!isDone) throw new Error('the worker ended before it had loaded and used the module');
}

async function reload(): Promise<void> {
  await loadAndUse(' in the main thread');
  for (let round = 1; round <= RELOADS; round++)
    await loadInWorker(` in worker ${round} of ${RELOADS}, after the main thread`);
}

const SCENARIOS: Partial<Record<Scenario, () => Promise<void>>> = {
  process: loadAndUse,
  formats: loadInBothForms,
  worker: () => loadInWorker(' in a worker'),
  reload,
  vm: loadInContext,
};

async function inMainThread(): Promise<void> {
  const run = SCENARIOS[scenario as Scenario];
  if (run === undefined) throw new RangeError(`there is no scenario "${scenario}"`);
  passGate();
  await run();
  tell({ doing: null });
  // A process that is still running then is being kept alive by something.
  setTimeout(() => tell({ open: process.getActiveResourcesInfo() }), SETTLE).unref();
}

async function inWorker(): Promise<void> {
  const { parentPort } = await import('node:worker_threads');
  const { where } = workerData as { readonly where: string };
  await loadAndUse(where);
  parentPort?.postMessage(DONE);
}

await (isMainThread ? inMainThread() : inWorker());
