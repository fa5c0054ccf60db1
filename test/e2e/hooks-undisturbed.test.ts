/** Real packages behave the same with all their functions hooked and no fault. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { OwnModule } from '../../src/core/module-fault.ts';
import { moduleNamed } from '../../src/kinds/common/own-modules.ts';
import fc from '../rig/fast-check.ts';
import { HookedFolder } from '../rig/hooked.ts';
import { isThorough } from '../rig/thorough.ts';

const NODE = process.env.TEST_NODE ?? process.execPath;
const ROOT = resolve(import.meta.dirname, '../..');

/** Draws inputs once, so that both runs get the same. */
const draw = <T>(values: fc.Arbitrary<T>, count: number): T[] =>
  fc.sample(values, { numRuns: count, seed: 7 });

const nodeModule = (name: string): OwnModule => moduleNamed(name, ROOT, 'node');

/** What a program prints and how it exits, bare and hooked; and what of the packages was called. */
function twice(code: string, file: string, modules: readonly OwnModule[]) {
  using folder = new HookedFolder({});
  // Packages are found from where the script is.
  const path = join(ROOT, 'node_modules/.cache/hooks', `${process.pid}.${file}`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, code);
  try {
    const bare = folder.bare([NODE, path]);
    const { report, ...hooked } = folder.run([NODE, path], { runtime: 'node', modules, change: 'none' });
    return { bare, hooked, report };
  } finally {
    rmSync(path);
  }
}

const VERSIONS = draw(
  fc.oneof(
    fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30)).map((parts) => parts.join('.')),
    fc
      .tuple(fc.nat(9), fc.constantFrom('x', '*', '^', '>=', '-beta.1', ''))
      .map(([n, mark]) => `${mark}${n}.0.${mark}`),
    fc.string({ maxLength: 12 }),
  ),
  60,
);

const CALL_ALL = `
const show = (value) => { try { return JSON.stringify(value, (_, v) => typeof v === 'function' ? v.name : v); } catch (e) { return String(e); } };
const attempt = (name, f) => { try { console.log(name, show(f())); } catch (error) { console.log(name, error.name, error.message); } };
`;

test('semver, by require and by import', () => {
  const body = `
for (const name of Object.keys(semver)) if (typeof semver[name] === 'function')
  for (let n = 0; n + 1 < versions.length; n++) {
    attempt(name, () => semver[name](versions[n]));
    attempt(name, () => semver[name](versions[n], versions[n + 1]));
    attempt(name, () => new semver[name](versions[n], { loose: true }));
  }
const one = new semver.SemVer('1.2.3-beta.4');
console.log(one instanceof semver.SemVer, one.inc('minor').version, one.compare('1.3.0'), semver.satisfies('1.3.0', '^1.2', { loose: false }));
class Mine extends semver.SemVer { compare(other) { return -super.compare(other); } }
console.log(new Mine('1.0.0').compare('2.0.0'), semver.sort(['2.0.0', '1.0.0']), [...'21'].map((v) => v + '.0.0').sort(semver.compare));
`;
  const data = `const versions = ${JSON.stringify(VERSIONS)};${CALL_ALL}`;
  for (const [file, head] of [
    ['a.cjs', "const semver = require('semver');"],
    ['b.mjs', "import semver from 'semver';"],
  ] as const) {
    const { bare, hooked, report } = twice(head + data + body, file, [nodeModule('semver')]);
    expect(hooked.stdout).toBe(bare.stdout);
    expect(hooked).toEqual(bare);
    expect(bare.stdout.split('\n').length).toBeGreaterThan(5000);
    expect(report.functions.find(({ name }) => name === 'satisfies')?.calls).toBeGreaterThan(100);
  }
});

test.runIf(isThorough)('valibot, whose schemas hold its functions, and commander and its classes', () => {
  const values = JSON.stringify(draw(fc.jsonValue({ maxDepth: 2 }), 60));
  const code = `import * as v from 'valibot'; import { Command, Option, program } from 'commander'; import { parse } from '@babel/parser';
${CALL_ALL}
const schemas = [v.string(), v.number(), v.array(v.unknown()), v.pipe(v.string(), v.minLength(2), v.transform((t) => t.length)),
  v.object({ a: v.optional(v.string(), 'x') }), v.union([v.literal(1), v.null()]), v.record(v.string(), v.boolean()),
  v.lazy(() => v.nullable(v.boolean())), v.variant('type', [v.object({ type: v.literal('a') })])];
for (const schema of schemas) for (const value of ${values}) {
  attempt('parse', () => v.safeParse(schema, value));
  attempt('is', () => v.is(schema, value));
}
console.log(await v.safeParseAsync(v.pipeAsync(v.string(), v.checkAsync(async (t) => t === 'a')), 'b').then(show));
console.log(v.string() instanceof Object, Object.keys(v).length, v.string.name, v.parse.length);
const one = new Command('one').option('-n, --number <n>', 'a number', Number).addOption(new Option('--kind <k>').choices(['a', 'b'])).exitOverride().configureOutput({ writeErr: (t) => console.log(t) });
one.action((options, self) => console.log(options, self instanceof Command, self.name()));
one.parse(['-n', '3', '--kind', 'a'], { from: 'user' });
attempt('wrong', () => one.parse(['--kind', 'c'], { from: 'user' }));
console.log(program instanceof Command, one.helpInformation());
console.log(show(parse('const a: number = 1', { plugins: ['typescript'] }).program.body[0].type));
`;
  const modules = ['valibot', 'commander', '@babel/parser'].map(nodeModule);
  const { bare, hooked, report } = twice(code, 'c.mjs', modules);
  expect(bare.stderr).toBe('');
  expect(hooked).toEqual(bare);
  const called = report.functions.filter(({ calls }) => calls > 0).map(({ name }) => name);
  expect(called).toEqual(expect.arrayContaining(['safeParse', 'is', 'string', 'Command.parse', 'parse']));
  expect(report.imported.toSorted()).toEqual(['@babel/parser', 'commander', 'valibot']);
});

const PYTHON = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {
  encoding: 'utf8',
}).trim();
const has = (module: string): boolean => spawnSync(PYTHON, ['-c', `import ${module}`]).status === 0;

/** Packages of the standard library, in Python and in C, as if they were a project's own. */
test.each<[string, string[], string]>([
  [
    'json',
    ['json'],
    'import json, io\nfor v in ([1, {"a": None}], "é", 1.5, {1: 2}): print(json.dumps(v, indent=1), json.loads(json.dumps(v)))\njson.dump([1], b := io.StringIO()); print(b.getvalue(), json.JSONEncoder(sort_keys=True).encode({"b": 1, "a": 2}))\nclass E(json.JSONEncoder):\n  def default(self, o): return str(type(o).__name__) if isinstance(o, set) else super().default(o)\nprint(E().encode([set()]), json.dumps(set(), cls=E))\ntry: json.loads("[")\nexcept json.JSONDecodeError as e: print(e, e.pos)',
  ],
  [
    'argparse and textwrap',
    ['argparse', 'textwrap', 'gettext'],
    'import argparse, textwrap\np = argparse.ArgumentParser(prog="p", description="d" * 90)\np.add_argument("--n", type=int, help="n " * 40); s = p.add_subparsers(dest="c"); s.add_parser("x", help="y")\nprint(p.parse_args(["--n", "3", "x"])); p.print_help(); print(textwrap.fill("a b " * 50, 20))\np.parse_args(["--n", "z"])',
  ],
  [
    'collections, statistics, fractions, decimal',
    ['collections', 'statistics', 'fractions', 'decimal'],
    'import collections, statistics, fractions, decimal\nc = collections.Counter("abca"); print(c.most_common(), c + c, collections.namedtuple("P", "x y")(1, 2)._asdict())\nprint(statistics.mean([1, 2, 4]), statistics.NormalDist(0, 1).cdf(1), fractions.Fraction(3, 4) + 1, decimal.Decimal("1.1") ** 2)\nd = collections.OrderedDict(a=1); d.move_to_end("a"); print(d, collections.ChainMap({1: 2}, {3: 4})[3])\nu = collections.UserDict(a=1); print(dict(u), "a" in u, len(u), u == {"a": 1})',
  ],
  [
    'queue, sched, heapq, bisect and random',
    ['queue', 'sched', 'heapq', 'bisect', 'random'],
    'import queue, sched, heapq, bisect, random, threading\nq = queue.PriorityQueue(); [q.put(n) for n in (3, 1, 2)]; print([q.get() for _ in range(3)])\nh = []; [heapq.heappush(h, n) for n in (3, 1, 2)]; print(heapq.nsmallest(2, h), bisect.bisect([1, 2, 3], 2))\nr = random.Random(7); print(r.random(), r.choice([1, 2, 3]), r.sample(range(9), 3)); random.seed(1); print(random.random(), random.randint(1, 9))\nt = threading.Thread(target=lambda: print(q.empty())); t.start(); t.join()\nq.get_nowait()',
  ],
  [
    'orjson',
    ['orjson'],
    'import orjson, datetime\nfor v in ([1, {"a": None}], "é", 1.5, datetime.date(2024, 2, 29)): print(orjson.dumps(v), orjson.dumps(v, option=orjson.OPT_INDENT_2))\ntry: orjson.loads(b"[")\nexcept orjson.JSONDecodeError as e: print(e)\nprint(orjson.dumps([{1}], default=list), list(map(orjson.loads, ["1", "2"])))\norjson.dumps(1j)',
  ],
])('%s', (_, names, code) => {
  if (names[0] === 'orjson' && !has('orjson')) return;
  using folder = new HookedFolder({ 'check.py': code });
  const bare = folder.bare([PYTHON, 'check.py']);
  const modules = names.map((name) => moduleNamed(name, folder.path, 'python'));
  const { report, ...hooked } = folder.run([PYTHON, 'check.py'], {
    runtime: 'python',
    modules,
    change: 'none',
  });
  // One line for each call that passes through a stand-in.
  const stderr = hooked.stderr.replace(
    /^ {2}File "<shakedown importlib._bootstrap>", line \d+, in \w+\n/gm,
    '',
  );
  expect({ ...hooked, stderr }).toEqual(bare);
  expect(report.functions.filter(({ calls }) => calls > 0).length).toBeGreaterThan(1);
});
