/** The kind `types`: it sees what is broken in the types of a package, and says nothing of what is sound. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FIXTURES, layOut, type TypesFixture } from '../../fixtures/checks/types.ts';
import { type JsonComponent, Rig } from '../../rig/rig.ts';
import { cellOutcomes, codesOf } from '../../rig/services.ts';
import { firstOfEach, inTurn, isThorough } from '../../rig/thorough.ts';

/** The first of them installs compilers, which are kept. */
const LIMIT = 300_000;

async function run(fixture: TypesFixture, twin: 'faulty' | 'sound'): Promise<JsonComponent> {
  await using rig = await Rig.create();
  const { files, options } = layOut(fixture, twin);
  for (const [path, text] of Object.entries(files)) rig.write(path, text);
  rig.config({ components: { it: options } });
  const { stdout } = await rig.run(['--report', 'json=report.json']);
  const [component] = rig.report().components;
  if (component === undefined) throw new Error(`nothing ran: ${stdout}`);
  return component;
}

const FOUND = inTurn(
  firstOfEach(FIXTURES, ({ expected }) => expected.code),
  2,
);

describe.each(FIXTURES.map((fixture) => ({ ...fixture, isFound: FOUND.includes(fixture) })))(
  '$defect',
  (fixture) => {
    const { expected, verdict = 'failed' } = fixture;

    test.runIf(fixture.isFound)('is found', { timeout: LIMIT }, async () => {
      const component = await run(fixture, 'faulty');
      const found = component.findings.find(({ code }) => code === expected.code);
      expect(found?.message, JSON.stringify(component.findings, null, 2)).toMatch(expected.message);
      expect(found).toMatchObject(expected.data ?? {});
      expect(component.verdict).toBe(verdict);
      if (verdict === 'failed') expect(cellOutcomes(component)).toContain('failed');
    });

    test.runIf(isThorough)('is not seen in the sound twin', { timeout: LIMIT }, async () => {
      const { verdict: sound, findings } = await run(fixture, 'sound');
      expect(findings).toEqual([]);
      expect(sound).toBe('passed');
    });
  },
);

test.runIf(isThorough)(
  'declarations that stay as they are have been checked, and say the same; others are checked',
  {
    timeout: LIMIT,
  },
  async () => {
    await using rig = await Rig.create();
    const check = async (declared: string): Promise<{ isChecked: boolean; said: readonly string[] }> => {
      const manifest = { name: 'fixture', version: '1.0.0', description: rig.dir, types: 'index.d.ts' };
      rig.write('package/package.json', JSON.stringify(manifest));
      rig.write('package/index.js', 'exports.answer = 42;\n');
      rig.write('package/index.d.ts', declared);
      rig.config({ components: { it: { kind: 'types', package: './package', typescript: 'latest' } } });
      await rig.run(['--report', 'json=report.json']);
      const [component] = rig.report().components;
      if (component === undefined) throw new Error('nothing ran');
      const said = component.findings.map(({ code, message }) => `${code}: ${message}`);
      return { isChecked: component.steps.some(({ name }) => /^(?:tsc-|declarations)/.test(name)), said };
    };
    const refused = 'export declare const answer: Nowhere;\n';
    const first = await check(refused);
    expect(first).toMatchObject({ isChecked: true, said: [expect.stringMatching(/^type-error: .*Nowhere/)] });
    expect(await check(refused)).toEqual({ ...first, isChecked: false });
    expect(await check('export declare const answer: number;\n')).toEqual({ isChecked: true, said: [] });
  },
);

test.runIf(isThorough)(
  'a sample is run as both formats, and a mistake in it is its own',
  { timeout: LIMIT },
  async () => {
    await using rig = await Rig.create();
    rig.write(
      'package/package.json',
      JSON.stringify({ name: 'fixture', version: '1.0.0', types: 'index.d.ts' }),
    );
    rig.write('package/index.js', 'exports.parse = Number;\n');
    rig.write('package/index.d.ts', 'export declare function parse(text: string): number;\n');
    rig.write(
      'sample.ts',
      "import { parse } from 'fixture';\nconst text: string = parse('4');\nconsole.log(text);\n",
    );
    rig.config({
      components: {
        it: { kind: 'types', package: './package', sample: './sample.ts', typescript: 'latest' },
      },
    });
    await rig.run(['--report', 'json=report.json']);
    const [component] = rig.report().components;
    if (component === undefined) throw new Error('nothing ran');
    const steps = component.steps.map(({ name }) => name);
    expect(steps).toContain('sample-esm');
    expect(steps).toContain('sample-cjs');
    expect(codesOf(component)).toEqual(['type-error']);
    expect(component.findings[0]?.message).toMatch(/^sample\.ts does not type-check: .*:2: TS2322: /);
  },
);

/** The environment that the suite makes for itself, as `setup` of a project in Python does. */
const VENV = [
  'python3 -m venv .venv',
  '.venv/bin/pip install --quiet --disable-pip-version-check mypy',
  'echo "PATH=$PWD/.venv/bin:$PATH" >> "$SHAKEDOWN_ENV"',
].join(' && ');

test.runIf(isThorough)(
  'a Python module whose stub lies is found, and a true stub passes',
  { timeout: LIMIT },
  async () => {
    await using rig = await Rig.create();
    for (const [name, stub] of [
      ['lying', 'def gone(text: str) -> int: ...\n'],
      ['honest', ''],
      ['loose', ''],
    ] as const) {
      const argument = name === 'loose' ? 'text' : 'text: str';
      rig.write(`${name}/__init__.py`, 'def parse(text):\n    return int(text)\n');
      rig.write(`${name}/__init__.pyi`, `def parse(${argument}) -> int: ...\n${stub}`);
      rig.write(`use_${name}.py`, `from ${name} import parse\n\nfour: int = parse("4")\nprint(four)\n`);
      rig.write(`misuse_${name}.py`, `from ${name} import parse\n\nparse(4)\n`);
    }
    rig.write('misspelt.py', 'from honst import parse\n\nparse(4)\n');
    const component = (name: string, negative = `misuse_${name}.py`): object => ({
      kind: 'types',
      sample: `use_${name}.py`,
      module: name,
      negative,
    });
    rig.config({
      setup: [{ run: VENV, name: 'venv' }],
      env: { PYTHONPATH: '.', MYPYPATH: '.' },
      components: {
        lying: component('lying'),
        honest: component('honest'),
        loose: component('loose'),
        misspelt: component('honest', 'misspelt.py'),
      },
    });
    await rig.run(['--keep-going', '--report', 'json=report.json']);
    const [lying, honest, loose, misspelt] = rig.report().components;
    expect(lying?.findings[0]?.message).toMatch(
      /^stubtest exited with code 1: lying\.gone is not present at runtime/,
    );
    expect([honest?.verdict, honest?.findings]).toEqual(['passed', []]);
    expect(honest?.steps.map(({ name }) => name)).toEqual(['sample', 'mypy', 'refusal-1', 'stubtest']);
    expect(loose?.findings.map(({ code }) => code)).toEqual(['accepted-misuse']);
    expect(misspelt?.findings.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      expect.stringMatching(/^accepted-misuse: misspelt\.py is not rejected because of its types: /),
    ]);
  },
);

test.runIf(isThorough)(
  'where pyright is installed it is asked as well, and for how much of a module is typed',
  {
    timeout: LIMIT,
  },
  async () => {
    await using rig = await Rig.create();
    const module = (name: string, signature: string): void => {
      rig.write(`${name}/py.typed`, '');
      rig.write(`${name}/__init__.py`, `def area(${signature}:\n    return width * 2\n`);
    };
    module('typed', 'width: float) -> float');
    module('bare', 'width)');
    rig.write('use_typed.py', 'from typed import area\n\nsize: float = area(2.0)\nprint(size)\n');
    // What has no types is anything to mypy; pyright infers that it is no text.
    rig.write('use_bare.py', 'from bare import area\n\nprint(area(2.0))\n');
    rig.write('misread.py', 'from bare import area\n\nsize: str = area(2)\nprint(size)\n');
    const component = (sample: string, module: string): object => ({
      ...{ kind: 'types', sample, module, completeness: 90 },
    });
    const pyright = 'npm install --no-audit --no-fund --prefix tools pyright';
    const onPath = 'echo "PATH=$PWD/tools/node_modules/.bin:$PATH" >> "$SHAKEDOWN_ENV"';
    rig.config({
      setup: [
        { run: VENV, name: 'venv' },
        { run: `${pyright} && ${onPath}`, name: 'pyright' },
      ],
      env: { PYTHONPATH: '.', MYPYPATH: '.' },
      components: {
        typed: component('use_typed.py', 'typed'),
        bare: component('use_bare.py', 'bare'),
        misread: component('misread.py', 'bare'),
      },
    });
    await rig.run(['--keep-going', '--report', 'json=report.json']);
    const [typed, bare, misread] = rig.report().components;
    expect([typed?.verdict, typed?.findings]).toEqual(['passed', []]);
    expect(typed?.steps.map(({ name }) => name)).toContain('verifytypes');
    expect(bare?.findings.map(({ message }) => message)).toEqual([
      'verifytypes exited with code 1: error: the type of 0% of the public names is known, wanted 90%',
    ]);
    expect(misread?.findings[0]?.message).toMatch(
      /^pyright exited with code 1: .*misread\.py:3:13 - error: /,
    );
  },
);

test.runIf(isThorough)(
  'packages of one name, packed at the same time, are each what they are',
  {
    timeout: LIMIT,
  },
  async () => {
    await using rig = await Rig.create();
    const wait = (name: string): string => `until test -e "${join(rig.dir, name)}"; do sleep 0.02; done`;
    // Each is packed before the other goes on: the second while the first has its tarball and has not used it.
    const scripts = {
      lacking: { postpack: `touch "${join(rig.dir, 'first')}"; ${wait('second')}` },
      sound: { prepack: wait('first'), postpack: `touch "${join(rig.dir, 'second')}"` },
    };
    for (const [folder, own] of Object.entries(scripts)) {
      const manifest = {
        name: 'fixture',
        version: '1.0.0',
        main: 'index.js',
        types: 'index.d.ts',
        scripts: own,
      };
      rig.write(`${folder}/package.json`, JSON.stringify(manifest));
      rig.write(`${folder}/index.js`, folder === 'sound' ? 'exports.parse = Number;\n' : '');
      rig.write(`${folder}/index.d.ts`, 'export declare function parse(text: string): number;\n');
    }
    const component = (folder: string): object => ({
      ...{ kind: 'types', package: `./${folder}`, typescript: 'latest', resolution: 'node16' },
    });
    rig.config({ components: { lacking: component('lacking'), sound: component('sound') } });
    await rig.run(['--jobs', '2', '--keep-going', '--report', 'json=report.json']);
    const found = rig.report().components.map((each) => [each.name, each.verdict, codesOf(each)]);
    expect(found).toEqual([
      ['lacking', 'failed', ['missing-export']],
      ['sound', 'passed', []],
    ]);
  },
);
