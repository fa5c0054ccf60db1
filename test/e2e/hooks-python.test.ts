/** Faults in the functions of Python modules, put there by an import hook in real interpreters. */
import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, test } from 'vitest';
import type { FunctionChange, ModuleChange, ModuleFault, OwnModule } from '../../src/core/module-fault.ts';
import { BUILT, HookedFolder } from '../rig/hooked.ts';
import { inTurn } from '../rig/thorough.ts';

/** The interpreter itself, and not what a manager of versions puts in front of it. */
const PYTHON = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {
  encoding: 'utf8',
}).trim();

const named = (name: string): OwnModule => ({ name, folder: null, entries: [] });
const faultIn = (module: string, change: ModuleChange): ModuleFault => ({
  runtime: 'python',
  modules: [named(module)],
  ...change,
});
const change = (module: string, name: string, how: FunctionChange): ModuleFault =>
  faultIn(module, { change: how, function: { module, name, aliases: [] } });
const survey = (module: string): ModuleFault => faultIn(module, { change: 'none' });

/** Each result of a function, and what is wrong in its place. */
const SHAPES: readonly (readonly [source: string, right: string, wrong: string])[] = [
  ['41', '41', '42'],
  ['-1.5', '-1.5', '-0.5'],
  ['float("nan")', 'nan', '0.0'],
  ['1e300', '1e+300', '5e+299'],
  ['2+1j', '(2+1j)', '(3+1j)'],
  ['True', 'True', 'False'],
  ['"text"', "'text'", "'teyt'"],
  ['""', "''", "'x'"],
  ['"Zz9"', "'Zz9'", "'Za9'"],
  // Signs say less than letters and digits.
  ['"a--b"', "'a--b'", "'a--c'"],
  ['"-0a"', "'-0a'", "'-1a'"],
  [`b'{"abc":1}'`, `b'{"abc":1}'`, `b'{"abd":1}'`],
  ['bytearray(b"a")', "bytearray(b'a')", "bytearray(b'b')"],
  ['b"\\x00\\x01\\x02"', "b'\\x00\\x01\\x02'", "b'\\x00\\x00\\x02'"],
  ['memoryview(b"abc").tobytes()', "b'abc'", "b'acc'"],
  ['[1, 2, 3]', '[1, 2, 3]', '[1, 2]'],
  ['[1]', '[1]', '[2]'],
  ['[]', '[]', '[None]'],
  ['(1, "a")', "(1, 'a')", "(2, 'a')"],
  ['Point(1, 2)', 'Point(x=1, y=2)', 'Point(x=2, y=2)'],
  ['{"b", "a"} - {"b"}', "{'a'}", 'set()'],
  ['frozenset()', 'frozenset()', 'frozenset({None})'],
  ['{"a": {"b": 1}, "c": 2}', "{'a': {'b': 1}, 'c': 2}", "{'a': {'b': 2}, 'c': 2}"],
  ['OrderedDict(a=None)', "OrderedDict({'a': None})", 'OrderedDict()'],
  ['{}', '{}', "{'shakedown': None}"],
  ['Data(1, "a")', "Data(n=1, t='a')", "Data(n=2, t='a')"],
  ['vars(Plain())', "{'n': 1}", "{'n': 2}"],
  ['Color.RED', '<Color.RED: 1>', '<Color.BLUE: 2>'],
  ['Decimal("1.5")', "Decimal('1.5')", "Decimal('2.5')"],
  ['Fraction(1, 2)', 'Fraction(1, 2)', 'Fraction(3, 2)'],
  ['date(2024, 2, 28)', 'datetime.date(2024, 2, 28)', 'datetime.date(2024, 2, 29)'],
  ['time(1, 2, 59)', 'datetime.time(1, 2, 59)', 'datetime.time(1, 2)'],
  ['timedelta(1)', 'datetime.timedelta(days=1)', 'datetime.timedelta(days=2)'],
  [
    'UUID(int=2)',
    "UUID('00000000-0000-0000-0000-000000000002')",
    "UUID('00000000-0000-0000-0000-000000000003')",
  ],
  ['array("i", [1, 2])', "array('i', [1, 2])", "array('i', [2, 2])"],
];

const HEAD = `from array import array
from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from uuid import UUID
Point = namedtuple("Point", "x y")
@dataclass(frozen=True)
class Data:
    n: int
    t: str
class Plain:
    def __init__(self): self.n = 1
Color = Enum("Color", "RED BLUE")
`;

const PACKAGE = {
  'pkg/__init__.py': `import functools, json, warnings
from ._impl import helper, Base
from json import dumps as not_its_own
def f(x):
    "doc"
    return x + 1
def g(x): return f(x) + f(x)
async def co(x): return {"x": x}
def gen(n):
    for i in range(n): got = yield i
    return "end"
async def agen(n):
    for i in range(n): yield i
class C(Base):
    def m(self): return self.n()
    def n(self): return 5
    @staticmethod
    def s(a): return [a]
    @classmethod
    def k(cls, a): return (cls.__name__, a)
    @property
    def p(self): return self.n()
    def __len__(self): return 3
@functools.lru_cache
def cached(x): return x
def warns(): warnings.warn("look", UserWarning, stacklevel=2)
def boom(): raise ValueError("boom")
def deep(n): return 0 if n == 0 else 1 + deep(n - 1)
def default(o): return 1
def uses_default(): return json.dumps(object(), default=default)
def nothing(): pass
def later():
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(1) as pool: return pool.submit(f, 1)
def __getattr__(name):
    if name == "lazy":
        from ._impl import lazy
        return lazy
    raise AttributeError(name)
TABLE = {"f": f}
`,
  'pkg/_impl.py': `def helper(a, b=2, *, c=3): return "text"
def lazy(): return 1
class Base:
    def base(self): return 1.5
`,
  'pkg/tests/__init__.py': '',
  'pkg/tests/test_it.py': 'import pkg\nprint(pkg.f(1))\n',
};

const folder = new HookedFolder({
  ...PACKAGE,
  'shapes.py': `${HEAD}${SHAPES.map(([source], index) => `def f${index}(): return ${source}`).join('\n')}\n`,
  'all_shapes.py': `import shapes\nfor n in range(${SHAPES.length}): print(repr(getattr(shapes, f"f{n}")()))\n`,
});
afterAll(() => folder[Symbol.dispose]());

const run = (code: string, fault: ModuleFault) => folder.run([PYTHON, '-c', code], fault);
/** What a program prints under a fault. */
const printed = (code: string, fault: ModuleFault): string => {
  const { stdout, stderr } = run(code, fault);
  return stdout + stderr;
};
const callsOf = (code: string, fault: ModuleFault): Record<string, number> => {
  const { functions } = run(code, fault).report;
  return Object.fromEntries(
    functions.filter(({ calls }) => calls > 0).map(({ name, calls }) => [name, calls]),
  );
};

test('without a fault each shape is as it was, and each is seen', () => {
  const { stdout, report } = folder.run([PYTHON, 'all_shapes.py'], survey('shapes'));
  // Newer ones than 3.11 write it like this, older ones as a list of pairs.
  const before = stdout.replace("OrderedDict([('a', None)])", "OrderedDict({'a': None})");
  expect(before.trim().split('\n')).toEqual(SHAPES.map(([, right]) => right));
  expect(report.functions.filter(({ calls }) => calls === 1)).toHaveLength(SHAPES.length);
  expect(report).toMatchObject({ processes: 1, imported: ['shapes'], changedImports: 0, unhookable: [] });
});

test('each shape has a wrong one of the same type', () => {
  const calls = SHAPES.map((_, index) => `print(repr(wrong(shapes.f${index}(), shapes.f${index}, cell)))`);
  // In one process, which takes a second where one for each shape would take ten.
  const code = [
    `import sys; sys.path.insert(0, ${JSON.stringify(BUILT)})`,
    'import shapes; from types import SimpleNamespace; from wrong_results import wrong',
    'cell = SimpleNamespace(changed=0)',
    ...calls,
    'assert bytes(wrong(memoryview(b"abc"), None, cell)) == b"acc"',
    `assert cell.changed == ${SHAPES.length + 1}`,
  ].join('\n');
  const { stdout, stderr } = folder.bare([PYTHON, '-c', code]);
  expect(stderr).toBe('');
  const written = stdout.trim().split('\n');
  expect(written).toEqual(SHAPES.map(([, , wrong]) => wrong));
});

test('a wrong result is counted', () => {
  const { stdout, report } = run('import shapes; print(shapes.f0())', change('shapes', 'f0', 'wrong-result'));
  expect(stdout).toBe('42\n');
  expect(report.functions).toMatchObject([{ name: 'f0', calls: 1, changed: 1, from: 'main' }]);
});

/** Looks at the package in every way; it prints the same with hooks and without. */
const EVERYTHING = `
import pkg, pickle, asyncio, copy, inspect, functools
from pkg import *
from unittest import mock
print(f(1), g(1), pkg.g(2), asyncio.run(co(1)), list(gen(3)), helper(1), cached(1), cached.cache_info(), pkg.lazy())
c = C(); print(c.m(), c.n(), C.s(1), C.k(2), c.k(3), c.p, len(c), c.base())
async def items(): return [x async for x in agen(3)]
print(asyncio.run(items()))
warns()
print(deep(900), pkg.uses_default(), pkg.nothing(), pkg.later().result())
class D(C):
    def n(self): return super().n() + 10
print(D().m(), isinstance(D(), pkg.C), issubclass(D, pkg.C), f, helper)
for each in (f, helper, C.m, C.s, c.k, cached): print(inspect.signature(each), each.__name__, each.__qualname__, each.__module__, each.__doc__)
print(inspect.iscoroutinefunction(co), inspect.isgeneratorfunction(gen), inspect.isasyncgenfunction(agen), inspect.isfunction(f), inspect.getsource(f))
for each in (f, helper, C.m, C.s, C.k, C, cached): assert pickle.loads(pickle.dumps(each)) is each or each == pickle.loads(pickle.dumps(each))
assert copy.deepcopy(f) is f and f == pkg.f and hash(f) == hash(pkg.f) and len({f, pkg.f}) == 1
@functools.wraps(f)
def wrapped(*args): return f(*args)
print(wrapped.__name__, wrapped.__wrapped__ is f, inspect.signature(wrapped))
with mock.patch("pkg.f", return_value=9): print(pkg.f(1), pkg.g(1))
print(pkg.f(1), pkg.g(1))
pkg.f.mark = 1; print(f.mark)
try: boom()
except ValueError as error: print(error)
`;

test('a package is not disturbed: neither its results, nor its warnings, signatures, pickles and recursion', () => {
  const { code, stdout, stderr } = folder.bare([PYTHON, '-c', EVERYTHING]);
  const { report: _, ...hooked } = run(EVERYTHING.replace(', f, helper)', ')'), survey('pkg'));
  const lines = stdout.split('\n').map((line) => line.replace(/ <function f .*$/, ''));
  expect({ ...hooked, stdout: hooked.stdout.split('\n') }).toEqual({ code, stdout: lines, stderr });
});

test('only calls from outside the package count', () => {
  expect(
    callsOf('import pkg; pkg.g(1); pkg.uses_default(); pkg.C().m(); pkg.deep(9)', survey('pkg')),
  ).toEqual({
    g: 1,
    uses_default: 1,
    'C.m': 1,
    deep: 1,
  });
  expect(printed('import pkg; print(pkg.g(1), pkg.f(1))', change('pkg', 'f', 'wrong-result'))).toBe('4 3\n');
});

test('tests within the package are outside of what they try, and what the standard library calls is called for others', () => {
  expect(callsOf('import pkg.tests.test_it', survey('pkg'))).toEqual({ f: 1 });
  const pool =
    'from concurrent.futures import ThreadPoolExecutor as T\nimport pkg\nprint(list(T(1).map(pkg.f, [1])))';
  expect(callsOf(pool, survey('pkg'))).toEqual({ f: 1 });
});

test('what the module exports is listed though nobody calls it, with the names it has elsewhere', () => {
  const { functions } = run('import pkg', survey('pkg')).report;
  expect(functions.map(({ name }) => name).sort()).toEqual(
    [
      ...[
        'C.__len__',
        'Base.base',
        'C.k',
        'C.m',
        'C.n',
        'C.s',
        'agen',
        'boom',
        'cached',
        'co',
        'deep',
        'default',
        'f',
      ],
      ...['g', 'gen', 'helper', 'later', 'nothing', 'uses_default', 'warns'],
    ].sort(),
  );
  expect(functions.find(({ name }) => name === 'helper')?.aliases).toEqual([
    { module: 'pkg._impl', name: 'helper' },
  ]);
});

describe('ways to call', () => {
  test.each(
    inTurn<[string, string, string, string, string]>(
      [
        ['a coroutine', 'co', 'print(asyncio.run(pkg.co(1)))', "{'x': 2}", 'None'],
        ['a generator', 'gen', 'print(list(pkg.gen(3)))', '[1, 1, 2]', '[]'],
        ['an async generator', 'agen', 'print(asyncio.run(items()))', '[1, 1, 2]', '[]'],
        ['a method', 'C.n', 'print(pkg.C().n())', '6', 'None'],
        ['an inherited method', 'C.base', 'print(pkg.C().base())', '2.5', 'None'],
        ['a static method', 'C.s', 'print(pkg.C.s(1))', '[2]', 'None'],
        ['a class method', 'C.k', 'print(pkg.C.k(1))', "('D', 1)", 'None'],
        ['a special method', 'C.__len__', 'print(type(pkg.C()).__len__(pkg.C()))', '4', 'None'],
        ['from a private module', 'helper', 'from pkg import helper; print(helper(1))', 'teyt', 'None'],
        ['found by the module itself', 'lazy', 'print(pkg.lazy())', '2', 'None'],
        ['with a cache', 'cached', 'print(pkg.cached(1))', '2', 'None'],
        ['a future', 'later', 'print(pkg.later().result())', '3', ''],
      ],
      3,
    ),
  )('%s', (_, name, call, wrong, lost) => {
    const code = `import asyncio, pkg\nasync def items(): return [x async for x in pkg.agen(3)]\n${call}`;
    expect(printed(code, change('pkg', name, 'wrong-result')).trim()).toBe(wrong);
    if (lost !== '') expect(printed(code, change('pkg', name, 'returns-nothing')).trim()).toBe(lost);
    const { stdout, stderr, code: exit, report } = run(code, change('pkg', name, 'raises'));
    expect(exit).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(new RegExp(`RuntimeError: sabotage by shakedown: pkg\\.${name} raises this`));
    expect(report.functions).toMatchObject([{ calls: 1, changed: 1 }]);
    const late = faultIn('pkg', {
      change: 'slow',
      delayMs: 120,
      function: { module: 'pkg', name, aliases: [] },
    });
    const timed = `import time\nstart = time.monotonic()\n${code}\nprint(time.monotonic() - start >= 0.12)`;
    expect(printed(timed, late).trim().split('\n').at(-1)).toBe('True');
  });
});

test('a function that gives nothing is called, and nothing is changed', () => {
  for (const how of ['wrong-result', 'returns-nothing'] as const)
    expect(run('import pkg; pkg.nothing()', change('pkg', 'nothing', how)).report.functions).toMatchObject([
      { calls: 1, changed: 0 },
    ]);
});

test('an import fails as one of a module that is not there', () => {
  const fails = faultIn('pkg', { change: 'import-fails' });
  const { code, stderr, report } = run('from pkg import f', fails);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /File "<string>", line 1, in <module>\nImportError: sabotage by shakedown: the import of pkg fails/,
  );
  expect(report).toMatchObject({ changedImports: 1, imported: [], functions: [] });
  expect(printed('try: import pkg.tests\nexcept ImportError: print("without")', fails)).toBe('without\n');
});

test('an import that burns processor time, brings another module, or writes past a block', () => {
  const slow =
    'import time; before = time.process_time(); import pkg; print(time.process_time() - before >= 0.3)';
  const burnt = run(slow, faultIn('pkg', { change: 'slow-import', cpuMs: 300 }));
  expect(burnt).toMatchObject({ stdout: 'True\n', report: { changedImports: 1, imported: ['pkg'] } });
  const extra = (name: string) =>
    run('import pkg', faultIn('pkg', { change: 'extra-import', extra: name })).report;
  expect(extra('http.client')).toMatchObject({ changedImports: 1, unhookable: [] });
  expect(extra('no_such_module')).toMatchObject({
    changedImports: 0,
    unhookable: [{ module: 'no_such_module', name: null }],
  });
  const overflow = faultIn('pkg', { change: 'overflow' });
  expect(run('import pkg; print(1)', overflow)).toMatchObject({ code: 0, stdout: '1\n' });
  const aborted = folder.run(['python3', '-c', 'import pkg; print(1)'], overflow, {
    PYTHONMALLOC: 'debug',
  });
  expect(aborted).toMatchObject({ code: null, stdout: '', report: { changedImports: 1 } });
  expect(aborted.stderr).toMatch(/pad byte/);
});

test('wrong off the main thread alone', () => {
  const code =
    'import threading, pkg\nprint(pkg.f(1))\nt = threading.Thread(target=lambda: print(pkg.f(1))); t.start(); t.join()';
  const { stdout, report } = run(code, change('pkg', 'f', 'wrong-in-worker'));
  expect(stdout).toBe('2\n3\n');
  expect(report.functions).toMatchObject([{ calls: 2, changed: 1, from: 'both' }]);
});

test('processes that the program starts are hooked as well, however they are started and end', () => {
  folder.write(
    'many.py',
    `import multiprocessing, os, pkg, subprocess, sys
from concurrent.futures import ProcessPoolExecutor
if __name__ == "__main__":
    for how in ("fork", "spawn", "forkserver"):
        with ProcessPoolExecutor(1, multiprocessing.get_context(how)) as pool: print(list(pool.map(pkg.f, [1, 2])))
    print(subprocess.check_output([sys.executable, "-c", "import pkg; print(pkg.f(3))"]).decode().strip())
    if os.fork() == 0:
        pkg.f(4); os._exit(0)
    os.wait()
    if os.fork() == 0:
        pkg.f(4); os.kill(os.getpid(), 9)
    os.wait()
`,
  );
  const { stdout, stderr, report } = folder.run([PYTHON, 'many.py'], change('pkg', 'f', 'wrong-result'));
  expect(stdout + stderr).toBe('[3, 4]\n[3, 4]\n[3, 4]\n5\n');
  expect(report.functions).toMatchObject([{ calls: 9, changed: 9 }]);
  // Nothing but the one that was killed.
  expect(report.silent).toBe(1);
});

test('counts survive a kill but for a third', () => {
  const code = 'import os, pkg\nfor n in range(1000): pkg.f(n)\nos.kill(os.getpid(), 9)';
  const [f] = run(code, change('pkg', 'f', 'wrong-result')).report.functions;
  expect(f?.calls).toBeGreaterThan(666);
  expect(f?.calls).toBeLessThanOrEqual(1000);
});

test('a folder that is gone does not disturb the program', () => {
  const code =
    'import os, shutil, pkg\nshutil.rmtree(os.path.dirname(os.environ["SHAKEDOWN_FAULT"]))\nprint(pkg.f(1))';
  expect(run(code, survey('pkg'))).toMatchObject({ code: 0, stdout: '2\n', stderr: '' });
});

/** Kinds of results that are changed when somebody looks at them. */
const LATE = `
from concurrent.futures import Future
class Keys:
    def __iter__(self): return iter({"a": 1, "b": 2})
def items(): yield 1
def ended():
    return 1
    yield
async def coroutine(): return 1
async def agen(): yield 1
def future():
    done = Future()
    later.append(done)
    return done
later = []
`;

test.each([
  ['the iterator of the keys of a dict', 'Keys.__iter__', 'late.Keys().__iter__', 'list(got)'],
  ['a generator', 'items', 'late.items', 'list(got)'],
  ['what a generator ends with', 'ended', 'late.ended', 'list(got)'],
  ['a coroutine', 'coroutine', 'late.coroutine', 'asyncio.run(got)'],
  ['an asynchronous generator', 'agen', 'late.agen', 'asyncio.run(all_of(got))'],
  ['a future', 'future', 'late.future', 'late.later[0].set_result(1)'],
])('what is changed after the call is counted, also of a single call: %s', (_, name, called, looked) => {
  folder.write('late.py', LATE);
  const code = `import asyncio, late\nasync def all_of(items): return [each async for each in items]\ngot = ${called}()\n${looked}`;
  expect(run(code, change('late', name, 'wrong-result')).report.functions).toMatchObject([
    { calls: 1, changed: 1 },
  ]);
});

test('a module that calls itself something else is told in words', () => {
  folder.write('alias.py', '__name__ = "other"\n');
  expect(run('import alias', survey('alias')).report.unhookable).toEqual([
    { module: 'other', name: null, reason: 'it calls itself other, which is not within alias' },
  ]);
});

test('a class whose attributes are fixed is told, and goes on as it was', () => {
  folder.write('fixed.py', 'import re\nPattern = re.Pattern\nPattern.__module__\n');
  // Of the standard library, whose own module the class is said to be of.
  const { stdout, report } = run('import re; print(re.compile("a").match("a"))', survey('re'));
  expect(stdout).toBe("<re.Match object; span=(0, 1), match='a'>\n");
  expect(report.unhookable).toContainEqual(
    expect.objectContaining({
      module: 're',
      name: 'Pattern.match',
      reason: expect.stringMatching(/immutable type 're.Pattern'/),
    }),
  );
});

/** What objects make of it when they are looked at. */
const SHY = `
class Shy:
    def __getattribute__(self, name): raise RuntimeError("no " + name)
class Lazy:
    __class__ = property(lambda self: made.append(1) or int)
    __isabstractmethod__ = property(lambda self: made.append(1) or False)
class Meta(type):
    def __getattribute__(cls, name):
        if name == "__module__": raise RuntimeError("no " + name)
        return super().__getattribute__(name)
class Guarded(metaclass=Meta):
    def m(self): return 3
class Holder:
    lazy = Lazy()
    def m(self): return 4
made = []
shy, lazy = Shy(), Lazy()
def f(): return 1
`;

test('objects that throw when they are looked at, or make something, are not looked at; the others are hooked', () => {
  folder.write('shy.py', SHY);
  const code = 'import shy; print(shy.f(), shy.Guarded().m(), shy.Holder().m(), shy.made)';
  const { stdout, report } = run(code, survey('shy'));
  expect(stdout).toBe('1 3 4 []\n');
  expect(report.functions.map(({ name, calls }) => [name, calls])).toEqual(
    expect.arrayContaining([
      ['f', 1],
      ['Holder.m', 1],
    ]),
  );
  expect(report.unhookable).toEqual([
    { module: 'shy', name: 'Guarded', reason: 'hooking it failed with RuntimeError: no __module__' },
  ]);
});

test('a module that puts an object in its place is told', () => {
  folder.write('odd.py', 'import sys\nclass Odd: pass\nsys.modules[__name__] = Odd()\n');
  expect(run('import odd', survey('odd')).report.unhookable).toEqual([
    { module: 'odd', name: null, reason: 'it puts an object in its place among the modules, a Odd' },
  ]);
});

test("a sitecustomize of the project's own is imported as well", () => {
  folder.write('site/sitecustomize.py', 'print("custom")\n');
  const custom = { PYTHONPATH: `${folder.path}/site` };
  const { stdout } = folder.run(
    [PYTHON, '-c', 'import pkg, sys; print(pkg.f(1), [p for p in sys.path if "faults" in p])'],
    survey('pkg'),
    custom,
  );
  expect(stdout).toBe('custom\n2 []\n');
});

const hasOrjson = (() => {
  try {
    execFileSync(PYTHON, ['-c', 'import orjson'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!hasOrjson)('functions written in C', () => {
  const code = 'import orjson; from orjson import loads; print(orjson.dumps({"abc": 1}), loads("[1]"))';
  expect(printed(code, change('orjson', 'dumps', 'wrong-result'))).toBe(`b'{"abd":1}' [1]\n`);
  expect(printed(code, change('orjson', 'loads', 'wrong-result'))).toBe(`b'{"abc":1}' [2]\n`);
  const inClass = 'import orjson\nclass A: write = orjson.dumps\nprint(A().write(1), orjson.dumps)';
  expect(printed(inClass, survey('orjson'))).toBe("b'1' <built-in function dumps>\n");
});
