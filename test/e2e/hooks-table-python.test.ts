/** Every way to be called, and every fault: in one interpreter, with a module for each. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ModuleChange, ModuleFaultReport } from '../../src/core/module-fault.ts';
import { readModuleFault } from '../../src/kinds/common/module-fault.ts';
import { BUILT, HookedFolder } from '../rig/hooked.ts';

const PYTHON = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {
  encoding: 'utf8',
}).trim();

interface Row {
  readonly what: string;
  /** The module; null: one of the standard library, which `name` is in. */
  readonly source: string | null;
  readonly module?: string;
  /** The function or method that is broken. */
  readonly name: string;
  /** An expression in which `m` is the module. */
  readonly call: string;
  /** What it gives as it is, with a wrong result, and with none. */
  readonly right: string;
  readonly wrong: string;
  readonly lost: string;
  /** Why it cannot be broken, as reports say it. */
  readonly reason?: RegExp;
}

const row = (
  what: string,
  source: string,
  name: string,
  call: string,
  ...gives: [string, string, string]
): Row => ({
  ...{ what, source, name, call },
  ...{ right: gives[0], wrong: gives[1], lost: gives[2] },
});

const CLASS = `class C:
    def __init__(self, n=5): self.n = n
    def get(self): return self.n
    def indirect(self): return self.get()
    @staticmethod
    def fixed(): return "ab"
    @classmethod
    def make(cls): return (cls.__name__, 1)
    def __add__(self, other): return self.n + other
    def __getitem__(self, key): return [key, key]
    def __contains__(self, key): return key == 1
    def __call__(self): return {"n": self.n}
    def __iter__(self): return iter([1, 2])
    async def later(self): return self.n
    def each(self):
        yield self.n
    @property
    def size(self): return self.n
class D(C):
    pass
`;

const WAYS: readonly Row[] = [
  row('a function', 'def f(): return 1', 'f', 'm.f()', '1', '2', 'None'),
  row('a lambda', 'f = lambda: "ab"', 'f', 'm.f()', "'ab'", "'ac'", 'None'),
  row('from m import f', 'def f(): return 1.5', 'f', 'from_import("f")()', '1.5', '2.5', 'None'),
  row(
    'of all names',
    '__all__ = ["_f"]\ndef _f(): return b"ab"',
    '_f',
    'from_import("*")["_f"]()',
    "b'ab'",
    "b'ac'",
    'None',
  ),
  row('under a second name', 'def f(): return [1, 2]\ng = f', 'f', 'm.g()', '[1, 2]', '[1]', 'None'),
  row(
    'decorated',
    'import functools\ndef d(f):\n    @functools.wraps(f)\n    def w(): return f()\n    return w\n@d\ndef f(): return True',
    'f',
    'm.f()',
    'True',
    'False',
    'None',
  ),
  row(
    'with a cache',
    'import functools\n@functools.lru_cache\ndef f(): return (1, 2)',
    'f',
    'm.f()',
    '(1, 2)',
    '(2, 2)',
    'None',
  ),
  row(
    'a callback of map',
    'def f(x): return x',
    'f',
    'list(map(m.f, [1, 2]))',
    '[1, 2]',
    '[2, 3]',
    '[None, None]',
  ),
  row(
    'a key of sorted',
    'def f(x): return x % 2',
    'f',
    'sorted([2, 1, 4], key=lambda x: m.f(x) or 0)',
    '[2, 4, 1]',
    '[2, 4, 1]',
    '[2, 1, 4]',
  ),
  row(
    'in a partial',
    'def f(x): return x',
    'f',
    '__import__("functools").partial(m.f, 1)()',
    '1',
    '2',
    'None',
  ),
  row('kept in a table', 'def f(): return {1}', 'f', '{"f": m.f}["f"]()', '{1}', 'set()', 'None'),
  row(
    'with keywords',
    'def f(a, /, b, *, c): return {"a": a, "b": b, "c": c}',
    'f',
    'm.f(1, b=2, c=3)',
    "{'a': 1, 'b': 2, 'c': 3}",
    "{'a': 2, 'b': 2, 'c': 3}",
    'None',
  ),
  row('a coroutine', 'async def f(): return 1', 'f', 'run(m.f())', '1', '2', 'None'),
  row('a generator', 'def f():\n    yield 1\n    yield 2', 'f', 'list(m.f())', '[1, 2]', '[2, 2]', '[]'),
  row('an async generator', 'async def f():\n    yield 1', 'f', 'run(all_of(m.f()))', '[1]', '[2]', '[]'),
  row('a method', CLASS, 'C.get', 'm.C().get()', '5', '6', 'None'),
  row('a method that was bound', CLASS, 'C.get', '(lambda g: g())(m.C().get)', '5', '6', 'None'),
  row('a method of the class', CLASS, 'C.get', 'm.C.get(m.C())', '5', '6', 'None'),
  row('a method that another calls, within the module', CLASS, 'C.get', 'm.C().indirect()', '5', '5', '5'),
  row('an inherited method', CLASS, 'C.get', 'm.D().get()', '5', '6', 'None'),
  row('a static method', CLASS, 'C.fixed', 'm.C.fixed()', "'ab'", "'ac'", 'None'),
  row('a static method of an instance', CLASS, 'C.fixed', 'm.C().fixed()', "'ab'", "'ac'", 'None'),
  row('a class method', CLASS, 'C.make', 'm.D.make()', "('D', 1)", "('E', 1)", 'None'),
  row('an operator', CLASS, 'C.__add__', 'm.C() + 1', '6', '7', 'None'),
  row('an index', CLASS, 'C.__getitem__', 'm.C()[1]', '[1, 1]', '[1]', 'None'),
  row('a membership', CLASS, 'C.__contains__', '1 in m.C()', 'True', 'False', 'False'),
  row('an instance that is called', CLASS, 'C.__call__', 'm.C()()', "{'n': 5}", "{'n': 6}", 'None'),
  row('a method with await', CLASS, 'C.later', 'run(m.C().later())', '5', '6', 'None'),
  row('a method that yields', CLASS, 'C.each', 'list(m.C().each())', '[5]', '[6]', '[]'),
  // A property is no function: it is left alone.
  row('a property', CLASS, 'C.size', 'm.C().size', '5', '5', '5'),
  row('nothing', 'def f(): pass', 'f', 'm.f()', 'None', 'None', 'None'),
  ...(
    [
      ['zlib', 'crc32', 'm.crc32(b"a")', '3904355907', '3904355908'],
      ['binascii', 'hexlify', 'm.hexlify(b"a")', "b'61'", "b'62'"],
      ['heapq', 'heappop', 'm.heappop([1, 2])', '1', '2'],
      ['bisect', 'bisect', 'from_import("bisect")([1, 2], 1)', '1', '2'],
      ['json', 'loads', 'm.loads("[1]")', '[1]', '[2]'],
    ] as const
  ).map(
    ([module, name, call, right, wrong]): Row => ({
      ...{ what: `${module}.${name} of the standard library`, source: null, module, name, call },
      ...{ right, wrong, lost: 'None' },
    }),
  ),
];

/** What keeps its type also where it comes late or bit by bit. */
const VALUES: readonly (readonly [right: string, wrong: string])[] = [
  ['41', '42'],
  ['1.5', '2.5'],
  ['True', 'False'],
  ["'ab'", "'ac'"],
  ["b'ab'", "b'ac'"],
  ['[1, 2]', '[1]'],
  ['(1, 2)', '(2, 2)'],
  ["{'a': 1}", "{'a': 2}"],
  ['{1}', 'set()'],
  ['None', 'None'],
];
const LATE: readonly Row[] = VALUES.flatMap(([right, wrong]) => [
  row(`${right} of a coroutine`, `async def f(): return ${right}`, 'f', 'run(m.f())', right, wrong, 'None'),
  row(
    `${right} of a generator`,
    `def f():\n    yield ${right}`,
    'f',
    'list(m.f())',
    `[${right}]`,
    `[${wrong}]`,
    '[]',
  ),
  row(
    `${right} of a future`,
    `from concurrent.futures import Future\ndef f():\n    done = Future(); done.set_result(${right}); return done`,
    ...(['f', 'getattr(m.f(), "result", lambda: None)()', right, wrong, 'None'] as const),
  ),
]);

/** In a module written in C. */
const native =
  (module: string) =>
  (what: string, name: string, call: string, ...gives: [string, string, string]): Row => ({
    ...row(`${module}: ${what}`, '', name, call, ...gives),
    ...{ source: null, module },
  });
const inC = native('native');
const fixed = (what: string, name: string, call: string, right: string): Row => ({
  ...inC(what, name, call, right, right, right),
  reason: /^cannot set '\w+' attribute of immutable type 'native\.Static'$/,
});
const NATIVE: readonly Row[] = [
  inC('a function', 'one', 'm.one()', '1', '2', 'None'),
  inC('with keywords', 'sum', 'm.sum(a=1, b=2)', '3', '4', 'None'),
  inC('from native import two', 'two', 'from_import("two")()', '[1, 2]', '[1]', 'None'),
  inC('of all names', 'two', 'from_import("*")["two"]()', '[1, 2]', '[1]', 'None'),
  inC('a callback of map', 'same', 'list(map(m.same, "a"))', "['a']", "['b']", '[None]'),
  inC('a bound method as a function', 'bound', 'm.bound()', '1', '2', 'None'),
  inC('a method', 'Heap.get', 'm.Heap().get()', '1', '2', 'None'),
  inC('a method that was bound', 'Heap.echo', '(lambda f: f(1.5))(m.Heap().echo)', '1.5', '2.5', 'None'),
  inC('a method of the class', 'Heap.echo', 'm.Heap.echo(m.Heap(), b"ab")', "b'ab'", "b'ac'", 'None'),
  inC('an inherited method', 'Heap.get', 'type("D", (m.Heap,), {})().get()', '1', '2', 'None'),
  inC('a static method', 'Heap.fixed', 'm.Heap.fixed()', '[1, 2]', '[1]', 'None'),
  inC('a class method', 'Heap.make', 'm.Heap().make()', '1', '2', 'None'),
  inC('an operator', 'Heap.__add__', 'm.Heap() + 1', '5', '6', 'None'),
  inC('an instance that is called', 'Heap.__call__', 'm.Heap()()', "'ab'", "'ac'", 'None'),
  inC('a method of a class that does not say where it is', 'Bare.get', 'm.Bare().get()', '1', '2', 'None'),
  // These are no functions of its own, and are left alone.
  inC('a class of Python', 'text.upper', 'm.text("a").upper()', "'A'", "'A'", "'A'"),
  inC('a constant', 'LIMIT', 'm.LIMIT', '9', '9', '9'),
  inC('a constant by its name', 'LIMIT', 'from_import("LIMIT")', '9', '9', '9'),
  inC('a property', 'Heap.size', 'm.Heap().size', '7', '7', '7'),
  fixed('a method of a static type', 'Static.get', 'm.Static().get()', '1'),
  fixed('a static method of a static type', 'Static.fixed', 'm.Static.fixed()', '[1, 2]'),
  fixed('a class method of a static type', 'Static.make', 'm.Static.make()', '1'),
  fixed('an operator of a static type', 'Static.__len__', 'len(m.Static())', '3'),
  ...[native('wrapped'), native('wrapped.inner')].flatMap((within) => [
    within('a function that is within the package', 'one', 'm.one()', '1', '2', 'None'),
    within('a method that is within the package', 'Heap.get', 'm.Heap().get()', '1', '2', 'None'),
  ]),
];

const ALL = [...WAYS, ...LATE, ...NATIVE];
const CHANGES = ['none', 'wrong-result', 'returns-nothing', 'raises', 'slow'] as const;
type Change = (typeof CHANGES)[number];
const DELAY = 30;

const DRIVER = `import asyncio, json, sys, time
sys.path.insert(0, ${JSON.stringify(BUILT)})
import module_faults
async def all_of(items): return [each async for each in items]
for case in json.load(open("cases.json")):
    name = case["module"]
    top = name.split(".")[0]
    for each in [each for each in sys.modules if each.split(".")[0] in (top, "_" + top)]:
        if case["fresh"]: del sys.modules[each]
    module_faults.install(case["orders"])
    before, count = list(sys.meta_path), len(sys.meta_path)
    space = {"__name__": "outside", "run": asyncio.run, "all_of": all_of}
    def from_import(what):
        there = {"__name__": "outside"}
        exec("from %s import %s" % (name, what), there)
        return there if what == "*" else there[what]
    space["from_import"] = from_import
    start = time.monotonic()
    try:
        exec("import %s as m" % name, space)
        start = time.monotonic()
        value = repr(eval(case["call"], space))
    except Exception as error:
        value = "%s: %s" % (type(error).__name__, error)
    print(json.dumps([value, (time.monotonic() - start) * 1000]))
    del sys.meta_path[0]
`;

const folder = new HookedFolder({ 'driver.py': DRIVER });
afterAll(() => folder[Symbol.dispose]());

/** The extension by itself, and in a package that takes all of it. */
const EXTENSION = resolve(import.meta.dirname, '../fixtures/natives/extension.c');
const INCLUDE = execFileSync(PYTHON, ['-c', 'import sysconfig; print(sysconfig.get_path("include"))'], {
  encoding: 'utf8',
}).trim();
folder.write('wrapped/__init__.py', 'from .inner import *\n');
for (const file of ['native', 'wrapped/inner']) {
  const define = `-DNAME=${file.split('/').at(-1)}`;
  const output = join(folder.path, `${file}.so`);
  execFileSync('cc', ['-shared', '-fPIC', define, '-I', INCLUDE, EXTENSION, '-o', output]);
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
      const module = each.module ?? `case_${index}_${change.replace('-', '_')}`;
      if (each.source !== null) folder.write(`${module}.py`, `${each.source}\n`);
      const records = join(folder.path, `records-${index}-${change}`);
      mkdirSync(records, { recursive: true });
      const named = { module, name: each.name, aliases: [] };
      const fault: ModuleChange =
        change === 'none'
          ? { change }
          : change === 'slow'
            ? { change, function: named, delayMs: DELAY }
            : { change, function: named };
      const modules = [{ name: module, folder: null, entries: [] }];
      const orders = join(records, 'fault.json');
      folder.write(
        orders.slice(folder.path.length + 1),
        JSON.stringify({ ...fault, runtime: 'python', modules, folder: records }),
      );
      return {
        key: `${each.what} ${change}`,
        records,
        module,
        orders,
        call: each.call,
        fresh: each.source === null,
      };
    }),
  );
  folder.write('cases.json', JSON.stringify(cases));
  const { stdout, stderr, status } = spawnSync(PYTHON, ['driver.py'], { cwd: folder.path, encoding: 'utf8' });
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

describe('each way to call a function, under each fault', () => {
  const found = outcomes(ALL);
  const of = ({ what }: Row, change: Change): Outcome => found.get(`${what} ${change}`) as Outcome;
  const total = ({ report: { functions } }: Outcome, { name }: Row, key: 'calls' | 'changed'): number =>
    functions
      .filter((each) => [each, ...each.aliases].some((one) => one.name === name))
      .reduce((sum, each) => sum + each[key], 0);
  /** What the hooks leave alone. */
  const isUntouched = (each: Row): boolean =>
    each.right === each.wrong && each.right === each.lost && each.right !== 'None';

  test.each(ALL.map((each) => [each.what, each] as const))('%s', (_, each) => {
    const all = Object.fromEntries(CHANGES.map((change) => [change, of(each, change).value]));
    const raised = expect.stringMatching(/^RuntimeError: sabotage by shakedown: /);
    expect(all).toEqual({
      ...{ none: each.right, 'wrong-result': each.wrong, 'returns-nothing': each.lost },
      ...{ raises: isUntouched(each) ? each.right : raised, slow: each.right },
    });
    const { unhookable } = of(each, 'none').report;
    expect(unhookable.filter(({ name }) => /^(?:Function|text)\./.test(name ?? ''))).toEqual([]);
    expect(unhookable.filter(({ name }) => name === each.name || each.module === undefined)).toEqual(
      each.reason === undefined
        ? []
        : [{ module: each.module, name: each.name, reason: expect.stringMatching(each.reason) }],
    );
    if (isUntouched(each)) return;
    expect(total(of(each, 'none'), each, 'calls')).toBeGreaterThan(0);
    expect(total(of(each, 'none'), each, 'changed')).toBe(0);
    expect(total(of(each, 'raises'), each, 'changed')).toBeGreaterThan(0);
    expect(of(each, 'slow').tookMs).toBeGreaterThanOrEqual(DELAY);
    // Counted exactly where something was changed.
    const isNothing = each.right === 'None';
    expect(total(of(each, 'wrong-result'), each, 'changed') > 0).toBe(!isNothing && !/None/.test(each.right));
  });
});
