/** Faults in the functions of modules of Node, put there by hooks in real processes. */
import { copyFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import type { FunctionChange, ModuleChange, ModuleFault } from '../../src/core/module-fault.ts';
import { moduleNamed } from '../../src/kinds/common/own-modules.ts';
import { HookedFolder } from '../rig/hooked.ts';
import { inTurn, isThorough } from '../rig/thorough.ts';

const NODE = process.env.TEST_NODE ?? process.execPath;

const PLAIN = '[Object: null prototype] { a: 1 }';
const BYTES = inspect(new Uint8Array([1]).buffer);

/** Each result of a function, and what is wrong in its place. */
const SHAPES: readonly (readonly [source: string, right: string, wrong: string])[] = [
  ['41', '41', '42'],
  ['-1.5', '-1.5', '-0.5'],
  ['NaN', 'NaN', '0'],
  ['Infinity', 'Infinity', '0'],
  ['1e300', '1e+300', '5e+299'],
  ['7n', '7n', '8n'],
  ['true', 'true', 'false'],
  ['"text"', "'text'", "'teyt'"],
  ['""', "''", "'x'"],
  ['"Zz9"', "'Zz9'", "'Za9'"],
  // Signs say less than letters and digits.
  ['"a--b"', "'a--b'", "'a--c'"],
  [`'{"abc":1}'`, `'{"abc":1}'`, `'{"abd":1}'`],
  ['Buffer.from("abc")', '<Buffer 61 62 63>', '<Buffer 61 63 63>'],
  ['new Uint8Array([1, 2])', 'Uint8Array(2) [ 1, 2 ]', 'Uint8Array(2) [ 1, 3 ]'],
  ['new Uint16Array([257])', 'Uint16Array(1) [ 257 ]', 'Uint16Array(1) [ 1 ]'],
  // By as much as a number: some checks allow for rounding.
  ['new Float64Array([1.5, 2])', 'Float64Array(2) [ 1.5, 2 ]', 'Float64Array(2) [ 2.5, 2 ]'],
  ['new Float32Array([NaN])', 'Float32Array(1) [ NaN ]', 'Float32Array(1) [ 0 ]'],
  ['new BigInt64Array([3n])', 'BigInt64Array(1) [ 3n ]', 'BigInt64Array(1) [ 4n ]'],
  ['[1, 2, 3]', '[ 1, 2, 3 ]', '[ 1, 2 ]'],
  ['[1]', '[ 1 ]', '[ 2 ]'],
  ['[]', '[]', '[ undefined ]'],
  ['({ a: { b: 1 }, c: 2 })', '{ a: { b: 1 }, c: 2 }', '{ a: { b: 2 }, c: 2 }'],
  ['({})', '{}', '{ shakedown: null }'],
  ['new Map([["a", 1]])', "Map(1) { 'a' => 1 }", "Map(1) { 'a' => 2 }"],
  ['new Map([["a", null]])', "Map(1) { 'a' => null }", 'Map(0) {}'],
  ['new Map()', 'Map(0) {}', "Map(1) { 'shakedown' => null }"],
  ['new Set()', 'Set(0) {}', 'Set(1) { undefined }'],
  ['Object.assign(Object.create(null), { a: 1 })', PLAIN, PLAIN.replace('1', '2')],
  ['new Uint8Array([1]).buffer', BYTES, BYTES.replace('01', '00')],
  ['new Set([1, 2])', 'Set(2) { 1, 2 }', 'Set(1) { 1 }'],
  ['new Date(0)', '1970-01-01T00:00:00.000Z', '1970-01-01T00:00:01.000Z'],
  ['new (class Point { x = 1; #y = 2; })()', 'Point { x: 1 }', 'Point { x: 2 }'],
  ['Object.freeze([1, 2])', '[ 1, 2 ]', '[ 1 ]'],
  ['new URL("http://h/a")', 'http://h/a', 'http://h/b'],
];

const OWN = {
  'package.json': JSON.stringify({
    name: 'own',
    exports: {
      '.': { import: './dist/index.mjs', require: './dist/index.cjs' },
      './more': './dist/more.mjs',
    },
  }),
  'dist/index.mjs': `import { inner } from './inner.mjs';
export * from './star.mjs';
export { inner };
export * as deep from './star.mjs';
export function f(x) { return x + 1; }
export const g = (x) => f(x) + f(x);
export default function fallback(x) { return [x, x]; }
export async function later(x) { return { x }; }
export function* items(n) { for (let i = 0; i < n; i++) yield i; }
export async function* asyncItems(n) { for (let i = 0; i < n; i++) yield i; }
export class C {
  #secret = 1;
  static s(x) { return [x]; }
  n() { return 4 + this.#secret; }
  m() { return this.n(); }
  async a() { await null; return this.n(); }
}
export function nothing() {}
export function calls(back) { return back(); }
export function boom() { throw new Error('boom'); }
export let state = 1;
export function advance() { state += 1; }
f.twice = (x) => f(f(x));
`,
  'dist/inner.mjs': 'export function inner(x) { return x; }\n',
  'dist/star.mjs': 'export const starred = () => "star";\nexport default 1;\n',
  'dist/more.mjs': 'export { f } from "./index.mjs";\nexport const more = () => 1;\n',
  'dist/index.cjs': `const { helper } = require('./helper.cjs');
module.exports = { f: (x) => x + 1, helper, get lazy() { return lazily; }, group: { inGroup: () => 1 }, C: class C { n() { return 5; } m() { return this.n(); } } };
function lazily() { return 'lazy'; }
module.exports.usesF = () => module.exports.f(1);
`,
  'dist/helper.cjs': 'exports.helper = () => "helped";\n',
  'shapes.mjs': '',
};

const folder = new HookedFolder({
  ...OWN,
  'dist/shapes.mjs': SHAPES.map(([source], index) => `export const f${index} = () => ${source};`).join('\n'),
  'dist/frozen.cjs':
    'module.exports = Object.freeze({ f: (x) => x + 1 });\nclass Fixed { n() { return 1; } }\nObject.freeze(Fixed.prototype);\nexports.Fixed = Fixed;',
  'dist/fixed.cjs':
    'class Fixed { n() { return 1; } }\nObject.freeze(Fixed.prototype);\nexports.Fixed = Fixed;',
  'dist/single.cjs':
    'module.exports = function single(x) { return x; };\nmodule.exports.prop = () => "prop";\n',
});
afterAll(() => folder[Symbol.dispose]());

const file = (name: string): string => join(folder.path, name);
const faultIn = (change: ModuleChange): ModuleFault => ({
  runtime: 'node',
  modules: [{ name: 'own', folder: folder.path, entries: [file('dist/index.mjs'), file('dist/index.cjs')] }],
  ...change,
});
const change = (name: string, how: FunctionChange, module = 'own'): ModuleFault =>
  faultIn({ change: how, function: { module, name, aliases: [] } });
const SURVEY = faultIn({ change: 'none' });

const esm = (code: string, fault: ModuleFault) => {
  folder.write('integration/check.mjs', code);
  return folder.run([NODE, 'integration/check.mjs'], fault);
};
const cjs = (code: string, fault: ModuleFault) => {
  folder.write('integration/check.cjs', code);
  return folder.run([NODE, 'integration/check.cjs'], fault);
};
const printed = ({ stdout, stderr }: { stdout: string; stderr: string }): string => (stdout + stderr).trim();
const callsOf = ({ report }: ReturnType<typeof esm>): Record<string, number> =>
  Object.fromEntries(
    report.functions.filter(({ calls }) => calls > 0).map(({ name, calls }) => [name, calls]),
  );

test('without a fault each shape is as it was, and each is seen', () => {
  const code = `import * as all from '../dist/shapes.mjs'; import { inspect } from 'node:util';
for (let n = 0; n < ${SHAPES.length}; n++) { const v = all['f' + n](); console.log(v instanceof URL ? v.href : inspect(v)); }`;
  const run = esm(code, SURVEY);
  expect(printed(run).split('\n')).toEqual(SHAPES.map(([, right]) => right));
  expect(Object.values(callsOf(run))).toEqual(SHAPES.map(() => 1));
});

test('what importers of every kind see', () => {
  const code = `import fallback, { f, g, inner, starred, deep, C, state, advance, calls } from 'own';
import * as all from '../dist/index.mjs';
import { f as again, more } from 'own/more';
console.log(f(1), g(1), inner(2), starred(), deep.starred(), fallback(1), new C().m(), C.s(1), more());
console.log(f === again, all.f === f, (await import('own')).f === f, f.name, f.length, f.twice(1), new C() instanceof all.C);
advance(); console.log(state, all.state, calls(() => f(1)));
console.log(Object.keys(all).join());
console.log(String(f));`;
  folder.write('integration/check.mjs', code);
  const bare = folder.bare([NODE, 'integration/check.mjs']);
  expect(bare.stderr).toBe('');
  const { report, ...hooked } = esm(code.replace('console.log(String(f))', 'console.log()'), SURVEY);
  expect(hooked.stderr).toBe('');
  expect(hooked.stdout.trim()).toBe(bare.stdout.replace(/function f[\s\S]*/, '').trim());
  expect(report.imported).toEqual(['own']);
  expect(report.unhookable).toEqual([]);
  const f = report.functions.find(({ name }) => name === 'f');
  expect(f).toMatchObject({ module: 'own', calls: 2, aliases: [{ module: 'own/dist/more', name: 'f' }] });
  const uncalled = report.functions.filter(({ calls }) => calls === 0).map(({ name }) => name);
  expect(uncalled).toEqual(expect.arrayContaining(['later', 'items', 'nothing', 'boom', 'C.a', 'C.n']));
});

test('only calls from outside the module count', () => {
  const run = esm(
    `import { C, calls, f, g } from 'own';
g(1); const c = new C(); c.m(); await c.a(); calls(() => f(1)); calls(() => c.n());`,
    SURVEY,
  );
  expect(callsOf(run)).toEqual({ g: 1, 'C.m': 1, 'C.a': 1, calls: 2, f: 1, 'C.n': 1 });
  const code = `import { f, g } from 'own'; console.log(g(1), f(1));`;
  expect(printed(esm(code, change('f', 'wrong-result')))).toBe('4 3');
});

describe('ways to load', () => {
  const ways: [string, string][] = [
    ['by the name of the package', "require('own')"],
    ['by the path of its main file', "require('../dist/index.cjs')"],
    ['as the default of that', "(await import('../dist/index.cjs')).default"],
    ['by import() of the package', "(await import('own'))"],
    ['by createRequire', "require('node:module').createRequire(__filename)('own')"],
  ];
  test.each(inTurn(ways, 3))('%s', (_, source) => {
    const run = cjs(
      `(async () => { const own = ${source}; console.log(own.f(1)); })();`,
      change('f', 'wrong-result'),
    );
    expect(printed(run)).toBe('3');
    expect(run.report.functions).toMatchObject([
      { module: 'own', name: 'f', calls: 1, changed: 1, from: 'main' },
    ]);
  });

  test('named exports of a CommonJS module', () => {
    const code = "import { helper } from '../dist/helper.cjs'; console.log(helper());";
    expect(printed(esm(code, change('helper', 'wrong-result', 'own/dist/helper')))).toBe('helqed');
  });

  test('exports of CommonJS: passed on, found late, in groups, of classes', () => {
    const code = `const own = require('own');
console.log(own.helper(), own.lazy(), own.group.inGroup(), own.usesF(), new own.C().m(), own.C.name, Object.keys(own));`;
    folder.write('integration/check.cjs', code);
    const bare = folder.bare([NODE, 'integration/check.cjs']);
    const run = cjs(code, SURVEY);
    expect(printed(run)).toBe(bare.stdout.trim());
    expect(callsOf(run)).toEqual({ helper: 1, lazy: 1, 'group.inGroup': 1, usesF: 1, 'C.m': 1 });
  });

  test('a function with properties is the module', () => {
    const code = "const single = require('../dist/single.cjs'); console.log(single(1), single.prop());";
    expect(printed(cjs(code, change('single', 'wrong-result', 'own/dist/single')))).toBe('2 prop');
    expect(printed(cjs(code, change('prop', 'wrong-result', 'own/dist/single')))).toBe('1 prpp');
  });

  test('exports that are frozen are seen through, a class that is frozen is told', () => {
    const frozen = "const own = require('../dist/frozen.cjs'); console.log(own.f(1), Object.keys(own));";
    const run = cjs(frozen, change('f', 'wrong-result', 'own/dist/frozen'));
    expect(printed(run)).toBe("3 [ 'f' ]");
    const fixed = cjs("console.log(new (require('../dist/fixed.cjs').Fixed)().n());", SURVEY);
    expect(printed(fixed)).toBe('1');
    expect(fixed.report.unhookable).toEqual([
      { module: 'own/dist/fixed', name: 'Fixed.n', reason: 'it is fixed in its class: not configurable' },
    ]);
  });

  test('what is run through node:vm is told', () => {
    const code = `const vm = require('node:vm'), fs = require('node:fs'), path = require.resolve('../dist/helper.cjs');
vm.runInThisContext('(exports) => {' + fs.readFileSync(path) + '}', { filename: path })({});`;
    expect(cjs(code, SURVEY).report.unhookable).toEqual([
      {
        module: 'own/dist/helper',
        name: null,
        reason: 'it is loaded by way of node:vm, as some test runners do',
      },
    ]);
  });
});

describe('files that jiti compiles', () => {
  const compiled = new HookedFolder({
    'package.json': '{ "name": "own", "exports": "./src/index.ts" }',
    'src/index.ts': `import { inner, type Twice } from './inner.ts';
export { inner };
export const f = (x: number): number => inner(x) + 1;
export const twice: Twice = (x) => f(f(x));
export class C { n(): number { return 4; } m(): number { return this.n(); } }
export const later = async (x: number): Promise<number> => (await import('./inner.ts')).inner(x);
export const isSame = (g: unknown): boolean => g === f;
export default (): string => 'default';
`,
    'src/inner.ts':
      'export type Twice = (x: number) => number;\nexport const inner = (x: number): number => x;\nexport const hidden = (): number => 1;\n',
    'integration/use.ts': `import fallback, { C, f, inner, isSame, later, twice } from '../src/index.ts';
export const used = async (): Promise<unknown[]> => [f(1), twice(1), inner(1), fallback(), new C().m(), isSame(f), await later(1)];
`,
  });
  afterAll(() => compiled[Symbol.dispose]());
  const jiti = JSON.stringify(createRequire(import.meta.url).resolve('jiti'));
  const run = (code: string, how: ModuleChange) => {
    compiled.write(
      'integration/check.cjs',
      `const jiti = require(${jiti}).createJiti(__filename, { fsCache: false });\n${code}`,
    );
    const entry = join(compiled.path, 'src/index.ts');
    const modules = [{ name: 'own', folder: compiled.path, entries: [entry] }];
    return compiled.run([NODE, 'integration/check.cjs'], { runtime: 'node', modules, ...how });
  };
  const of = (name: string) => ({ module: 'own', name, aliases: [] });
  const USE = "jiti.import('./use.ts').then(({ used }) => used()).then((all) => console.log(all.join()));";

  test.each<[string, string]>([
    ['import', USE],
    ['require', "jiti('./use.ts').used().then((all) => console.log(all.join()));"],
  ])('through %s: only calls from outside count, and all is as it was', (_, code) => {
    const done = run(code, { change: 'none' });
    expect(printed(done)).toBe('2,3,1,default,4,true,1');
    expect(done.report).toMatchObject({ imported: ['own'], unhookable: [] });
    expect(callsOf(done)).toEqual({
      ...{ f: 1, twice: 1, inner: 1, default: 1, 'C.m': 1, isSame: 1, later: 1 },
    });
    expect(done.report.functions.map(({ name }) => name)).not.toContain('hidden');
  });

  test('of the program itself, asked for at once and with a promise', () => {
    const code =
      "const own = jiti('../src/index.ts'); console.log(own.f(1)); jiti.import('../src/index.ts').then(({ f }) => console.log(f(1), f === own.f));";
    const done = run(code, { change: 'wrong-result', function: of('f') });
    expect(printed(done)).toBe('3\n3 true');
    expect(done.report.functions).toMatchObject([{ calls: 2, changed: 2 }]);
  });

  test('what is wrong stays outside', () => {
    const done = run(USE, { change: 'wrong-result', function: of('inner') });
    expect(printed(done)).toBe('2,3,2,default,4,true,1');
    expect(printed(run(USE, { change: 'wrong-result', function: of('C.n') }))).toBe('2,3,1,default,4,true,1');
    expect(printed(run(USE, { change: 'wrong-result', function: of('C.m') }))).toBe('2,3,1,default,5,true,1');
  });

  test('their import fails', () => {
    for (const code of [
      "jiti.import('./use.ts').catch((error) => console.log(error.code, error.message));",
      "jiti.import('../src/index.ts').catch((error) => console.log(error.code, error.message));",
      "try { jiti('./use.ts'); } catch (error) { console.log(error.code, error.message); }",
    ]) {
      const done = run(code, { change: 'import-fails' });
      expect(printed(done)).toBe('MODULE_NOT_FOUND sabotage by shakedown: the import of own fails');
      expect(done.report).toMatchObject({ changedImports: 1, imported: [] });
    }
  });
});

/** An addon that comes with a dependency, as one of the project's own. */
const ADDON = ((): string | undefined => {
  try {
    const { platform, arch } = process;
    return createRequire(import.meta.url).resolve(
      `@koromix/koffi-${platform}-${arch}/${platform}_${arch}/koffi.node`,
    );
  } catch {
    return undefined;
  }
})();

test.skipIf(ADDON === undefined)(
  'an addon: through the package, by its path, and by a package that finds it',
  () => {
    using native = new HookedFolder({
      'package.json': '{ "name": "native", "exports": "./index.js" }',
      'index.js': "module.exports = require('bindings')('x');",
      'node_modules/bindings/index.js':
        "module.exports = (name) => require(require('node:path').join(__dirname, '../../build/Release', name + '.node'));",
      'integration/check.cjs': `const all = [require('native'), require('..'), require('../build/Release/x.node'), require('bindings')('x')];
console.log(...all.map((own) => own.sizeof('int')));
import('native').then((own) => console.log(own.default.sizeof('int')));`,
      'build/Release/made': '',
    });
    copyFileSync(ADDON ?? '', join(native.path, 'build/Release/x.node'));
    const modules = [{ name: 'native', folder: native.path, entries: [join(native.path, 'index.js')] }];
    const target = { module: 'native', name: 'sizeof', aliases: [] };
    const argv = [NODE, 'integration/check.cjs'];
    const { stdout, stderr, report } = native.run(argv, {
      runtime: 'node',
      modules,
      change: 'wrong-result',
      function: target,
    });
    expect(stdout + stderr).toBe('5 5 5 5\n5\n');
    expect(report.functions).toMatchObject([{ name: 'sizeof', calls: 5, changed: 5 }]);
  },
);

describe('ways to call', () => {
  test.each(
    inTurn<[string, string, string, string, string]>(
      [
        ['a function', 'f', 'own.f(1)', '3', 'undefined'],
        ['the default', 'fallback', 'own.default(1)', '[ 1 ]', 'undefined'],
        ['a promise', 'later', 'await own.later(1)', '{ x: 2 }', 'undefined'],
        ['a generator', 'items', '[...(own.items(3) ?? [])]', '[ 1, 1, 2 ]', '[]'],
        ['an async generator', 'asyncItems', 'await all(own.asyncItems(2) ?? [])', '[ 1, 1 ]', '[]'],
        ['a method', 'C.n', 'new own.C().n()', '6', 'undefined'],
        ['an async method', 'C.a', 'await new own.C().a()', '6', 'undefined'],
        ['a static method', 'C.s', 'own.C.s(1)', '[ 2 ]', 'undefined'],
        ['from all of another module', 'starred', 'own.starred()', 'stbr', 'undefined'],
      ],
      4,
    ),
  )('%s', (_, name, call, wrong, lost) => {
    const code = `import * as own from 'own';
const all = async (items) => { const got = []; for await (const item of items) got.push(item); return got; };
const start = performance.now();
console.log(${call});
if (process.argv[2]) console.log(performance.now() - start >= 119);`;
    expect(printed(esm(code, change(name, 'wrong-result')))).toBe(wrong);
    expect(printed(esm(code, change(name, 'returns-nothing')))).toBe(lost);
    const raised = esm(code, change(name, 'raises'));
    expect(raised.code).toBe(1);
    expect(raised.stderr).toContain(`Error: sabotage by shakedown: own ${name} throws this`);
    expect(raised.report.functions).toMatchObject([{ calls: 1, changed: 1 }]);
    const late = faultIn({ change: 'slow', delayMs: 120, function: { module: 'own', name, aliases: [] } });
    const timed = folder.run([NODE, 'integration/check.mjs', 'timed'], late);
    expect(timed.stdout.trim().split('\n').at(-1)).toBe('true');
  });
});

test('each shape has a wrong one of the same type', async () => {
  const { wrong } = await import('../../src/kinds/common/harness/faults/wrong.ts');
  let changed = 0;
  const count = () => {
    changed += 1;
  };
  const results = SHAPES.map(([source]) => {
    const value: unknown = new Function('Buffer', `return ${source}`)(Buffer);
    const another = wrong(value, { now: count, late: count });
    return another instanceof URL ? another.href : inspect(another);
  });
  expect(results).toEqual(SHAPES.map(([, , other]) => other));
  expect(changed).toBe(SHAPES.length);
});

test('a view of bytes stays one, and an instance that is given twice is changed once', async () => {
  const { wrong } = await import('../../src/kinds/common/harness/faults/wrong.ts');
  const counting = { now: () => {}, late: () => {} };
  const view = wrong(new DataView(new Uint8Array([1, 2]).buffer), counting) as DataView;
  expect(view).toBeInstanceOf(DataView);
  expect([view.getUint8(0), view.getUint8(1)]).toEqual([1, 3]);
  const point = new (class Point {
    x = 1;
  })();
  expect([wrong(point, counting), wrong(point, counting), point.x]).toEqual([point, point, 2]);
});

test('each shape is wrong of the same type also where it comes late, or bit by bit', async () => {
  const { wrong } = await import('../../src/kinds/common/harness/faults/wrong.ts');
  const shown = (value: unknown): string => (value instanceof URL ? value.href : inspect(value));
  for (const [source, , other] of SHAPES) {
    const make = (): unknown => new Function('Buffer', `return ${source}`)(Buffer);
    const counts = { now: 0, late: 0 };
    const counting = {
      now: () => {
        counts.now += 1;
      },
      late: () => {
        counts.late += 1;
      },
    };
    const promised = wrong(Promise.resolve(make()), counting);
    const items = wrong(
      (function* () {
        yield make();
      })(),
      counting,
    ) as Iterable<unknown>;
    const later = wrong(
      (async function* () {
        yield make();
      })(),
      counting,
    ) as AsyncIterable<unknown>;
    expect(counts.late).toBe(0);
    const got = [await promised, ...items];
    for await (const item of later) got.push(item);
    expect(got.map(shown)).toEqual([other, other, other]);
    expect(counts).toEqual({ now: 0, late: 3 });
  }
});

test('what has no other value of its type stays as it is, and counts as unchanged', async () => {
  const { wrong } = await import('../../src/kinds/common/harness/faults/wrong.ts');
  const counting = { now: () => expect.unreachable(), late: () => expect.unreachable() };
  for (const value of [null, undefined, Symbol.iterator, () => 1, new WeakMap(), new ArrayBuffer(0)])
    expect(wrong(value, counting)).toBe(value);
});

test.runIf(isThorough)('what is changed after the call is counted, also of a single call', () => {
  const calls = {
    later: "import { later } from 'own'; await later(1);",
    items: "import { items } from 'own'; for (const each of items(2));",
    asyncItems: "import { asyncItems } from 'own'; for await (const each of asyncItems(2));",
  };
  for (const [name, code] of Object.entries(calls))
    expect(esm(code, change(name, 'wrong-result')).report.functions).toMatchObject([
      { calls: 1, changed: 1 },
    ]);
  expect(esm(calls.later, change('later', 'returns-nothing')).report.functions).toMatchObject([
    { changed: 1 },
  ]);
});

test('a function that gives nothing is called, and nothing is changed', () => {
  for (const how of ['wrong-result', 'returns-nothing'] as const)
    expect(
      esm("import { nothing } from 'own'; nothing();", change('nothing', how)).report.functions,
    ).toMatchObject([{ calls: 1, changed: 0 }]);
});

test('an import fails as one of a module that is not there', () => {
  const fault = faultIn({ change: 'import-fails' });
  const required = cjs("try { require('own'); } catch (e) { console.log(e.code, e.message); }", fault);
  expect(printed(required)).toBe('MODULE_NOT_FOUND sabotage by shakedown: the import of own fails');
  expect(required.report).toMatchObject({ changedImports: 1, imported: [] });
  const imported = esm("try { await import('own'); } catch (e) { console.log(e.code, e.message); }", fault);
  expect(printed(imported)).toBe('ERR_MODULE_NOT_FOUND sabotage by shakedown: the import of own fails');
  expect(imported.report).toMatchObject({ changedImports: 1, imported: [] });
});

test.runIf(isThorough)('an import that burns processor time, or brings another module', () => {
  const spent = 'const { user, system } = process.cpuUsage(before); console.log(user + system >= 300_000);';
  const before = 'const before = process.cpuUsage();';
  const slow = faultIn({ change: 'slow-import', cpuMs: 300 });
  for (const run of [
    cjs(`${before} require('own'); ${spent}`, slow),
    esm(`${before} await import('own'); ${spent}`, slow),
  ]) {
    expect(printed(run)).toBe('true');
    expect(run.report).toMatchObject({ changedImports: 1, imported: ['own'] });
  }
  const extra = (name: string) => cjs("require('own');", faultIn({ change: 'extra-import', extra: name }));
  expect(extra('node:http').report).toMatchObject({ changedImports: 1, unhookable: [] });
  expect(extra('no-such-module').report).toMatchObject({
    changedImports: 0,
    unhookable: [{ module: 'no-such-module', name: null }],
  });
});

test.runIf(isThorough)(
  'wrong off the main thread alone, in threads and in processes that the program starts',
  () => {
    folder.write('integration/worker.mjs', "import { f } from 'own';\nconsole.log(f(1));\n");
    const code = `import { f } from 'own'; import { Worker } from 'node:worker_threads'; import { execFileSync } from 'node:child_process';
console.log(f(1));
const worker = new Worker(new URL('./worker.mjs', import.meta.url));
await new Promise((done) => worker.on('exit', done));
console.log(String(execFileSync(process.execPath, ['integration/worker.mjs'])).trim());`;
    const run = esm(code, change('f', 'wrong-in-worker'));
    expect(printed(run)).toBe('2\n3\n2');
    expect(run.report.functions).toMatchObject([{ calls: 3, changed: 1, from: 'both' }]);
    expect(printed(esm(code, change('f', 'wrong-result')))).toBe('3\n3\n3');
  },
);

test('counts survive a kill but for a third, and are exact after process.exit', () => {
  const killed = esm(
    "import { f } from 'own'; for (let n = 0; n < 1000; n++) f(n); process.kill(process.pid, 'SIGKILL');",
    SURVEY,
  );
  expect(callsOf(killed).f).toBeGreaterThan(666);
  const ended = esm("import { f } from 'own'; for (let n = 0; n < 1000; n++) f(n); process.exit(3);", SURVEY);
  expect(callsOf(ended).f).toBe(1000);
  expect(ended.code).toBe(3);
});

test('a folder that is gone does not disturb the program', () => {
  const code = `import { rmSync } from 'node:fs'; import { dirname } from 'node:path'; import { f } from 'own';
rmSync(dirname(process.env.SHAKEDOWN_FAULT), { recursive: true }); console.log(f(1));`;
  expect(printed(esm(code, SURVEY))).toBe('2');
});

test('an error of the module passes through, with its own stack', () => {
  const { stderr, code } = esm("import { boom } from 'own';\nboom();", SURVEY);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^file:.*dist\/index\.mjs:\d+\n.*\n.*\n\nError: boom\n {4}at boom \(/);
});

test('classes of the language and of Node that a module exports stay as they are', () => {
  using folder = new HookedFolder({
    'node_modules/mine/package.json': '{ "name": "mine", "main": "list.js" }',
    'node_modules/mine/list.js': "module.exports = ['a', 'b'];",
    'node_modules/mine/bus.js':
      "const { EventEmitter } = require('events'); module.exports = new EventEmitter();",
    'node_modules/mine/again.js':
      "exports.EventEmitter = require('events'); exports.Map = Map; exports.own = class { m() { return 1; } };",
    'main.cjs': `
const before = [Array.prototype.flatMap, require('events').prototype.emit, require('events').once, Map.prototype.get];
const list = require('mine');
require('mine/bus.js').on('x', () => console.log('heard'));
require('mine/bus.js').emit('x');
const again = require('mine/again.js');
console.log(list.flatMap((each) => [each, each]).join(), new again.own().m(), new again.Map([[1, 2]]).get(1));
const after = [Array.prototype.flatMap, require('events').prototype.emit, require('events').once, Map.prototype.get];
console.log(before.every((each, index) => each === after[index]));
`,
  });
  const modules = [moduleNamed('mine', folder.path, 'node')];
  const { stdout, stderr, report } = folder.run([NODE, 'main.cjs'], {
    runtime: 'node',
    modules,
    change: 'none',
  });
  expect({ stdout, stderr }).toEqual({ stdout: 'heard\na,a,b,b 1 2\ntrue\n', stderr: '' });
  expect(report.functions.map(({ name }) => name)).toEqual(['own.m']);
});
