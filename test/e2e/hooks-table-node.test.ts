/** Every way to be exported and called, and every fault: in threads of one process, each with a module and orders of its own. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ModuleChange, ModuleFaultReport } from '../../src/core/module-fault.ts';
import { readModuleFault } from '../../src/kinds/common/module-fault.ts';
import { BUILT, HookedFolder } from '../rig/hooked.ts';
import { inTurn } from '../rig/thorough.ts';

const NODE = process.env.TEST_NODE ?? process.execPath;

interface Row {
  readonly what: string;
  /** `mjs` or `cjs`: of the module. */
  readonly type: 'mjs' | 'cjs';
  readonly source: string;
  /** The function or method that is broken. */
  readonly name: string;
  /** An expression in which `m` is the module, and `d` its default. */
  readonly call: string;
  readonly right: string;
  readonly wrong: string;
  readonly lost: string;
  /** Why it cannot be broken, as reports say it. */
  readonly reason?: string;
}

const row =
  (type: 'mjs' | 'cjs') =>
  (what: string, source: string, name: string, call: string, ...gives: [string, string, string]): Row => ({
    ...{ what: `${type}: ${what}`, type, source, name, call },
    ...{ right: gives[0], wrong: gives[1], lost: gives[2] },
  });
const esm = row('mjs');
const cjs = row('cjs');

const CLASS = `class C {
  constructor(n = 5) { this.n = n; }
  get() { return this.n; }
  indirect() { return this.get(); }
  static fixed() { return 'ab'; }
  async later() { return this.n; }
  *each() { yield this.n; }
  [Symbol.iterator]() { return [1, 2][Symbol.iterator](); }
  get size() { return this.n; }
}
class D extends C {}
`;
const METHODS = (of: typeof esm, source: string): Row[] => [
  of('a method', source, 'C.get', 'new m.C().get()', '5', '6', 'undefined'),
  of(
    'a method of the prototype',
    source,
    'C.get',
    'm.C.prototype.get.call(new m.C())',
    '5',
    '6',
    'undefined',
  ),
  of(
    'a method that another calls, within the module',
    source,
    'C.get',
    'new m.C().indirect()',
    '5',
    '5',
    '5',
  ),
  of('an inherited method', source, 'C.get', 'new m.D().get()', '5', '6', 'undefined'),
  of(
    'a method of a subclass of the importer',
    source,
    'C.get',
    'new (class extends m.C {})().get()',
    '5',
    '6',
    'undefined',
  ),
  of('a static method', source, 'C.fixed', 'm.C.fixed()', "'ab'", "'ac'", 'undefined'),
  of('an async method', source, 'C.later', 'await new m.C().later()', '5', '6', 'undefined'),
  of('a method that yields', source, 'C.each', '[...(new m.C().each() ?? [])]', '[ 5 ]', '[ 6 ]', '[]'),
  // An accessor is no function: it is left alone.
  of('an accessor', source, 'C.size', 'new m.C().size', '5', '5', '5'),
];

/** As TypeScript compiles \`export\` and \`export * from\`. */
const COMPILED = `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const f = () => 1;
Object.defineProperty(exports, "f", { enumerable: true, get: function () { return f; } });
exports.default = () => 'ab';
`;

const WAYS: readonly Row[] = [
  esm('a function', 'export function f() { return 1; }', 'f', 'm.f()', '1', '2', 'undefined'),
  esm('a constant', 'export const f = () => "ab";', 'f', 'm.f()', "'ab'", "'ac'", 'undefined'),
  esm(
    'the default',
    'export default function f() { return [1, 2]; }',
    'f',
    'd()',
    '[ 1, 2 ]',
    '[ 1 ]',
    'undefined',
  ),
  esm(
    'a default without a name',
    'export default () => ({ a: 1 });',
    'default',
    'd()',
    '{ a: 1 }',
    '{ a: 2 }',
    'undefined',
  ),
  esm(
    'under another name',
    'const f = () => true;\nexport { f as g };',
    'g',
    'm.g()',
    'true',
    'false',
    'undefined',
  ),
  esm(
    'under the name of a string',
    'const f = () => 1;\nexport { f as "a b" };',
    'a b',
    'm["a b"]()',
    '1',
    '2',
    'undefined',
  ),
  esm('in an object', 'export const api = { f: () => 1n };', 'api.f', 'm.api.f()', '1n', '2n', 'undefined'),
  esm(
    'a callback',
    'export const f = (x) => x;',
    'f',
    '[1, 2].map((x) => x).map(m.f)',
    '[ 1, 2 ]',
    '[ 2, 3 ]',
    '[ undefined, undefined ]',
  ),
  esm('bound', 'export const f = (x) => x;', 'f', 'm.f.bind(null, 1)()', '1', '2', 'undefined'),
  esm(
    'by call and apply',
    'export function f(x) { return x; }',
    'f',
    '[m.f.call(null, 1), m.f.apply(null, [1])]',
    '[ 1, 1 ]',
    '[ 2, 2 ]',
    '[ undefined, undefined ]',
  ),
  esm(
    'a callback of a promise',
    'export const f = (x) => x;',
    'f',
    'await Promise.resolve(1).then(m.f)',
    '1',
    '2',
    'undefined',
  ),
  esm(
    'an async function',
    'export async function f() { return 1; }',
    'f',
    'await m.f()',
    '1',
    '2',
    'undefined',
  ),
  esm(
    'a generator',
    'export function* f() { yield 1; yield 2; }',
    'f',
    '[...(m.f() ?? [])]',
    '[ 1, 2 ]',
    '[ 2, 2 ]',
    '[]',
  ),
  esm(
    'an async generator',
    'export async function* f() { yield 1; }',
    'f',
    'await all(m.f() ?? [])',
    '[ 1 ]',
    '[ 2 ]',
    '[]',
  ),
  esm('nothing', 'export function f() {}', 'f', 'm.f()', 'undefined', 'undefined', 'undefined'),
  ...METHODS(esm, `${CLASS}export { C, D };`),
  cjs('a name of exports', 'exports.f = () => 1;', 'f', 'm.f()', '1', '2', 'undefined'),
  cjs(
    'an object as exports',
    'module.exports = { f() { return "ab"; } };',
    'f',
    'm.f()',
    "'ab'",
    "'ac'",
    'undefined',
  ),
  cjs(
    'a function as exports',
    'module.exports = function only() { return 1; };',
    'only',
    'm()',
    '1',
    '2',
    'undefined',
  ),
  cjs(
    'a function as exports, without a name',
    'module.exports = () => 1;',
    'default',
    'm()',
    '1',
    '2',
    'undefined',
  ),
  cjs(
    'a property of that',
    'module.exports = () => 1; module.exports.g = () => 2;',
    'g',
    'm.g()',
    '2',
    '3',
    'undefined',
  ),
  cjs('taken apart', 'exports.f = (x) => [x];', 'f', '(({ f }) => f(1))(m)', '[ 1 ]', '[ 2 ]', 'undefined'),
  cjs('frozen', 'module.exports = Object.freeze({ f: () => 1 });', 'f', 'm.f()', '1', '2', 'undefined'),
  cjs('by a getter, as TypeScript compiles it', COMPILED, 'f', 'm.f()', '1', '2', 'undefined'),
  cjs(
    'the default that TypeScript compiled',
    COMPILED,
    'default',
    'm.default()',
    "'ab'",
    "'ac'",
    'undefined',
  ),
  cjs(
    'without a prototype',
    'module.exports = Object.assign(Object.create(null), { f: () => 1 });',
    'f',
    'm.f()',
    '1',
    '2',
    'undefined',
  ),
  ...METHODS(cjs, `${CLASS}module.exports = { C, D };`),
];

/** Node's own headers, which lie beside it. */
const INCLUDE = join(dirname(dirname(process.execPath)), 'include/node');

const inC = (what: string, name: string, call: string, ...gives: [string, string, string]): Row =>
  cjs(`an addon: ${what}`, "module.exports = require('../own.node');", name, call, ...gives);
const fixed = (what: string, name: string, call: string, right: string): Row => ({
  ...inC(what, name, call, right, right, right),
  reason: 'it is fixed in its class: not configurable',
});
const NATIVE: readonly Row[] = [
  inC('a function', 'one', 'm.one()', '1', '2', 'undefined'),
  inC('a function that is fixed', 'text', 'm.text()', "'ab'", "'ac'", 'undefined'),
  inC('taken apart', 'text', '(({ text }) => text())(m)', "'ab'", "'ac'", 'undefined'),
  inC('a promise', 'later', 'await m.later(1.5)', '1.5', '2.5', 'undefined'),
  inC('a method', 'Kind.get', 'new m.Kind().get()', '1', '2', 'undefined'),
  inC('a static method', 'Kind.make', 'm.Kind.make()', "'ab'", "'ac'", 'undefined'),
  inC('a constant', 'LIMIT', 'm.LIMIT', '9', '9', '9'),
  inC('a property', 'Kind.size', 'new m.Kind().size', '1', '1', '1'),
  fixed('a method that is fixed', 'Kind.fixed', 'new m.Kind().fixed()', '1'),
  fixed('a static method that is fixed', 'Kind.sealed', 'm.Kind.sealed()', "'ab'"),
  {
    ...inC('imported', 'default.one', 'd.one()', '1', '2', 'undefined'),
    ...{ type: 'mjs', source: "import own from '../own.cjs'; export default own;" },
  },
];

/** Each thread takes a while to start: `npm test` tries some, `npm run test:all` all of them. */
const ALL = [...inTurn(WAYS, 8), ...(existsSync(INCLUDE) ? inTurn(NATIVE, 3) : [])];
const CHANGES = ['none', 'wrong-result', 'returns-nothing', 'raises', 'slow'] as const;
type Change = (typeof CHANGES)[number];
const DELAY = 25;

const DRIVER = `const { Worker } = require('node:worker_threads');
const { once } = require('node:events');
(async () => {
  for (const { file, orders } of require('./cases.json')) {
    const worker = new Worker(file, { env: { ...process.env, SHAKEDOWN_FAULT: orders } });
    const [[told]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
    console.log(JSON.stringify(told));
  }
})();
`;

/** A program that prints what a call gives. */
const program = ({ type, call }: Row): string => {
  const load =
    type === 'mjs'
      ? "import { parentPort } from 'node:worker_threads';\nimport { inspect } from 'node:util';"
      : "const { parentPort } = require('node:worker_threads');\nconst { inspect } = require('node:util');";
  const own =
    type === 'mjs' ? "const m = await import('own'); const d = m.default;" : "const m = require('own');";
  return `${load}
const all = async (items) => { const got = []; for await (const item of items) got.push(item); return got; };
(async () => {
  let value, start = performance.now();
  try { ${own} start = performance.now(); value = inspect(${call}); } catch (error) { value = String(error); }
  parentPort.postMessage([value, performance.now() - start]);
})();
`;
};

const folder = new HookedFolder({ 'driver.cjs': DRIVER });
afterAll(() => folder[Symbol.dispose]());

/** @returns the path of the addon, which is built the first time */
function addon(): string {
  const output = join(folder.path, 'own.node');
  const source = resolve(import.meta.dirname, '../fixtures/natives/addon.c');
  if (!existsSync(output)) execFileSync('cc', ['-shared', '-fPIC', '-I', INCLUDE, source, '-o', output]);
  return output;
}

interface Outcome {
  readonly value: string;
  readonly tookMs: number;
  readonly report: ModuleFaultReport;
}

/** Runs all of it. */
function outcomes(rows: readonly Row[]): Map<string, Outcome> {
  const cases = rows.flatMap((each, index) =>
    CHANGES.map((change) => {
      const place = `case-${index}-${change}`;
      const main = `lib/index.${each.type}`;
      folder.write(`${place}/package.json`, JSON.stringify({ name: 'own', exports: `./${main}` }));
      folder.write(`${place}/${main}`, each.source);
      if (NATIVE.includes(each)) {
        folder.write(`${place}/own.cjs`, "module.exports = require('./own.node');");
        copyFileSync(addon(), join(folder.path, place, 'own.node'));
      }
      const file = `${place}/integration/check.${each.type}`;
      folder.write(file, program(each));
      const records = join(folder.path, place, 'records');
      mkdirSync(records);
      const named = { module: 'own', name: each.name, aliases: [] };
      const fault: ModuleChange =
        change === 'none'
          ? { change }
          : change === 'slow'
            ? { change, function: named, delayMs: DELAY }
            : { change, function: named };
      const root = join(folder.path, place);
      const modules = [{ name: 'own', folder: root, entries: [join(root, main)] }];
      folder.write(
        `${place}/records/fault.json`,
        JSON.stringify({ ...fault, runtime: 'node', modules, folder: records }),
      );
      return {
        key: `${each.what} ${change}`,
        file: `./${file}`,
        records,
        orders: join(records, 'fault.json'),
      };
    }),
  );
  folder.write('cases.json', JSON.stringify(cases));
  const env = { ...process.env, NODE_OPTIONS: `--require "${join(BUILT, 'main.cjs')}"` };
  const { stdout, stderr, status } = spawnSync(NODE, ['driver.cjs'], {
    cwd: folder.path,
    env,
    encoding: 'utf8',
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  const told = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as [string, number]);
  expect(told).toHaveLength(cases.length);
  return new Map(
    cases.map(({ key, records }, index) => {
      const [value = '', tookMs = 0] = told[index] ?? [];
      return [key, { value, tookMs, report: readModuleFault(records) }];
    }),
  );
}

describe('each way to export and to call a function, under each fault', () => {
  const found = outcomes(ALL);
  const of = ({ what }: Row, change: Change): Outcome => found.get(`${what} ${change}`) as Outcome;
  const total = ({ report: { functions } }: Outcome, { name }: Row, key: 'calls' | 'changed'): number =>
    functions
      .filter((each) => [each, ...each.aliases].some((one) => one.name === name))
      .reduce((sum, each) => sum + each[key], 0);
  /** What the hooks leave alone. */
  const isUntouched = (each: Row): boolean => each.right === each.lost && each.right !== 'undefined';

  test.each(ALL.map((each) => [each.what, each] as const))('%s', (_, each) => {
    const all = Object.fromEntries(CHANGES.map((change) => [change, of(each, change).value]));
    const raised = expect.stringMatching(/^Error: sabotage by shakedown: /);
    expect(all).toEqual({
      ...{ none: each.right, 'wrong-result': each.wrong, 'returns-nothing': each.lost },
      ...{ raises: isUntouched(each) ? each.right : raised, slow: each.right },
    });
    expect(of(each, 'none').report.unhookable.filter(({ name }) => name === each.name)).toEqual(
      each.reason === undefined ? [] : [{ module: 'own', name: each.name, reason: each.reason }],
    );
    if (isUntouched(each)) return;
    expect(total(of(each, 'none'), each, 'calls')).toBeGreaterThan(0);
    expect(total(of(each, 'none'), each, 'changed')).toBe(0);
    expect(total(of(each, 'raises'), each, 'changed')).toBeGreaterThan(0);
    // Timers may strike a millisecond early.
    expect(of(each, 'slow').tookMs).toBeGreaterThanOrEqual(DELAY - 2);
    expect(total(of(each, 'wrong-result'), each, 'changed') > 0).toBe(each.right !== each.wrong);
    if (!NATIVE.includes(each)) expect(of(each, 'none').report.unhookable).toEqual([]);
  });
});
