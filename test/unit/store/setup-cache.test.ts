import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Plan } from '../../../src/core/plan.ts';
import type { Environment, SetupStep } from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import { missingOutputs, readExports } from '../../../src/engine/setup-outputs.ts';
import { cachedExports, fingerprint, rememberExports } from '../../../src/store/setup-cache.ts';
import fc from '../../rig/fast-check.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'setup-'));
  mkdirSync(cache(), { recursive: true });
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

function write(path: string, content: string): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), content);
}

/** The folder that they are remembered in. */
const cache = (): string => join(dir, '.shakedown/cache');

const step = (over: Partial<SetupStep> = {}): SetupStep => ({
  name: 'install',
  command: { type: 'shell', line: 'npm ci' },
  cwd: dir,
  env: {},
  inputs: ['package.json'],
  outputs: [],
  timeout: ms(60_000),
  undo: null,
  ...over,
});

const SUITE: Pick<Plan, 'env' | 'memory'> = { env: {}, memory: 'off' };

async function printOf(
  over: Partial<SetupStep> = {},
  exported: Environment = {},
  path = '/usr/bin:/bin',
  suite = SUITE,
): Promise<string> {
  const print = await fingerprint(step(over), exported, path, suite);
  if (!print.ok) throw new Error(`${print.error} matches nothing`);
  if (print.value === undefined) throw new Error('there is none');
  return print.value;
}

describe('the fingerprint', () => {
  beforeEach(() => {
    write('package.json', '{}');
    write('src/a.ts', 'a');
    write('src/deep/b.ts', 'b');
  });

  test('is that of what the steps before have exported, whatever the PATH of the day', async () => {
    const before = await printOf({}, { VERSION: '1', PATH: '/venv/bin:/usr/bin:/bin' });
    expect(await printOf({}, { VERSION: '1', PATH: '/venv/bin:/opt/bin' }, '/opt/bin')).toBe(before);
    expect(await printOf({}, { VERSION: '2', PATH: '/venv/bin:/usr/bin:/bin' })).not.toBe(before);
    expect(await printOf({}, { VERSION: '1', PATH: '/other/bin:/usr/bin:/bin' })).not.toBe(before);
  });

  test('is the same as long as nothing changes, touched or not', async () => {
    const before = await printOf();
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    utimesSync(join(dir, 'package.json'), 1, 1);
    expect(await printOf()).toBe(before);
    write('other.json', '{}');
    expect(await printOf()).toBe(before);
  });

  test('changes with the content of an input, be it of the same length', async () => {
    const before = await printOf();
    write('package.json', '[]');
    const after = await printOf();
    expect(after).not.toBe(before);
    write('package.json', '{}');
    expect(await printOf()).toBe(before);
  });

  test('changes with the command, the environment and the folder', async () => {
    mkdirSync(join(dir, 'src'), { recursive: true });
    write('src/package.json', '{}');
    const prints = await Promise.all([
      printOf(),
      printOf({ command: { type: 'shell', line: 'npm install' } }),
      printOf({ command: { type: 'argv', argv: ['npm', 'ci'] } }),
      printOf({ env: { CI: '1' } }),
      printOf({ env: { CI: '2' } }),
      printOf({ cwd: join(dir, 'src') }),
    ]);
    expect(new Set(prints).size).toBe(prints.length);
  });

  test('changes with what the suite gives to all that it runs', async () => {
    const prints = await Promise.all([
      printOf(),
      printOf({}, {}, '/usr/bin:/bin', { env: { CC: 'gcc' }, memory: 'off' }),
      printOf({}, {}, '/usr/bin:/bin', { env: { CC: 'clang' }, memory: 'off' }),
      printOf({}, {}, '/usr/bin:/bin', { env: {}, memory: 'debug' }),
    ]);
    expect(new Set(prints).size).toBe(prints.length);
  });

  test('does not change with what the step is called, how long it may take and what it makes', async () => {
    expect(await printOf({ name: 'x', timeout: ms(1), outputs: ['out'] })).toBe(await printOf());
  });

  test('takes in a folder with all that is in it', async () => {
    const inputs = ['src'];
    const before = await printOf({ inputs });
    write('src/deep/.hidden', '');
    const more = await printOf({ inputs });
    expect(more).not.toBe(before);
    rmSync(join(dir, 'src/deep/.hidden'));
    expect(await printOf({ inputs })).toBe(before);
    renameSync(join(dir, 'src/a.ts'), join(dir, 'src/c.ts'));
    expect(await printOf({ inputs })).not.toBe(before);
  });

  test('tells two files with exchanged contents apart', async () => {
    const inputs = ['src/**/*.ts'];
    const before = await printOf({ inputs });
    write('src/a.ts', 'b');
    write('src/deep/b.ts', 'a');
    expect(await printOf({ inputs })).not.toBe(before);
  });

  test('takes globs, and does not look into what installers fill', async () => {
    const inputs = ['**/*.ts'];
    const before = await printOf({ inputs });
    write('node_modules/x/index.ts', 'x');
    write('.git/y.ts', 'y');
    write('src/readme.md', 'z');
    expect(await printOf({ inputs })).toBe(before);
    write('new.ts', '');
    expect(await printOf({ inputs })).not.toBe(before);
  });

  test('does not depend on the order of the inputs, nor on one being named twice', async () => {
    const once = await printOf({ inputs: ['src', 'package.json'] });
    expect(await printOf({ inputs: ['package.json', 'src/a.ts', 'src'] })).toBe(once);
  });

  test('names the input that is not there', async () => {
    expect(await fingerprint(step({ inputs: ['package.json', 'yarn.lock'] }), {}, '/bin', SUITE)).toEqual({
      ok: false,
      error: 'yarn.lock',
    });
    expect(await fingerprint(step({ inputs: ['**/*.py'] }), {}, '/bin', SUITE)).toEqual({
      ok: false,
      error: '**/*.py',
    });
  });

  test('does not exist for a step without inputs: it always runs', async () => {
    expect(await fingerprint(step({ inputs: [] }), {}, '/bin', SUITE)).toEqual({
      ok: true,
      value: undefined,
    });
  });
});

describe('what a step exported', () => {
  const PATH = ['/usr/local/bin', '/usr/bin', '/bin'].join(delimiter);

  test('is remembered for its fingerprint', async () => {
    const exported = { VIRTUAL_ENV: '/srv/app/.venv', EMPTY: '', WITH: 'a=b c' };
    expect(await cachedExports(cache(), step(), 'one', PATH)).toBeUndefined();
    rememberExports(cache(), step(), 'one', exported, PATH);
    expect(await cachedExports(cache(), step(), 'one', PATH)).toEqual(exported);
    expect(await cachedExports(cache(), step(), 'two', PATH)).toBeUndefined();
    rememberExports(cache(), step(), 'two', {}, PATH);
    expect(await cachedExports(cache(), step(), 'one', PATH)).toBeUndefined();
    expect(await cachedExports(cache(), step(), 'two', PATH)).toEqual({});
  });

  test('is remembered for each step by itself', async () => {
    rememberExports(cache(), step(), 'one', { A: '1' }, PATH);
    expect(await cachedExports(cache(), step({ name: 'other' }), 'one', PATH)).toBeUndefined();
    expect(
      await cachedExports(cache(), step({ command: { type: 'shell', line: 'x' } }), 'one', PATH),
    ).toBeUndefined();
    expect(await cachedExports(cache(), step({ timeout: ms(1) }), 'one', PATH)).toEqual({ A: '1' });
  });

  test('is forgotten when what the step made is gone', async () => {
    const made = step({ outputs: ['out', 'log.txt'] });
    write('out/x', '');
    write('log.txt', '');
    rememberExports(cache(), made, 'one', { A: '1' }, PATH);
    expect(await missingOutputs(made)).toEqual([]);
    expect(await cachedExports(cache(), made, 'one', PATH)).toEqual({ A: '1' });
    rmSync(join(dir, 'out'), { recursive: true });
    expect(await missingOutputs(made)).toEqual(['out']);
    expect(await cachedExports(cache(), made, 'one', PATH)).toBeUndefined();
  });

  test('is remembered as long as something matches a pattern of what the step made', async () => {
    const made = step({ outputs: ['src/*.so', 'build/{debug,release}'] });
    write('src/_native.cpython-311.so', '');
    mkdirSync(join(dir, 'build/release'), { recursive: true });
    rememberExports(cache(), made, 'one', { A: '1' }, PATH);
    expect(await missingOutputs(made)).toEqual([]);
    expect(await cachedExports(cache(), made, 'one', PATH)).toEqual({ A: '1' });
    rmSync(join(dir, 'src/_native.cpython-311.so'));
    expect(await missingOutputs(made)).toEqual(['src/*.so']);
    expect(await cachedExports(cache(), made, 'one', PATH)).toBeUndefined();
  });

  test.each(['', '{', 'null', '[]', '{"fingerprint":"one"}'])(
    'is not believed when it reads %j',
    async (content) => {
      rememberExports(cache(), step(), 'one', {}, PATH);
      const [file = ''] = readdirSync(cache());
      writeFileSync(join(cache(), file), content);
      expect(await cachedExports(cache(), step(), 'one', PATH)).toBeUndefined();
    },
  );

  test('keeps the PATH of the day around the folders that it adds', async () => {
    const folder = fc
      .array(fc.constantFrom('usr', 'bin', 'opt', '.venv', 'a b', '$&', '$$', '$1'), {
        minLength: 1,
        maxLength: 3,
      })
      .map((parts) => `/${parts.join('/')}`);
    const folders = (min: number) => fc.array(folder, { minLength: min, maxLength: 3 });
    const join_ = (...lists: readonly (readonly string[])[]): string => lists.flat().join(delimiter);
    await fc.assert(
      fc.asyncProperty(folders(0), folders(1), folders(0), folders(1), async (before, then, after, now) => {
        const exported = { PATH: join_(before, then, after), OTHER: join_(then) };
        rememberExports(cache(), step(), 'one', exported, join_(then));
        const [same, later] = await Promise.all(
          [join_(then), join_(now)].map((path) => cachedExports(cache(), step(), 'one', path)),
        );
        expect(same).toEqual(exported);
        // Where the folders of the day stand more than once in it, which of them is theirs cannot be told.
        const all = [...before, ...then, ...after];
        const stands = all.filter((_, at) => join_(all.slice(at, at + then.length)) === join_(then)).length;
        if (stands === 1) expect(later).toEqual({ ...exported, PATH: join_(before, now, after) });
      }),
      { numRuns: 300 },
    );
  });

  test('keeps a PATH that was made anew', async () => {
    rememberExports(cache(), step(), 'one', { PATH: '/opt/tools/bin' }, '/bin');
    expect(await cachedExports(cache(), step(), 'one', '/usr/bin:/bin')).toEqual({ PATH: '/opt/tools/bin' });
  });
});

describe('the file of exports', () => {
  function read(content: string): ReturnType<typeof readExports> {
    write('exports', content);
    return readExports(join(dir, 'exports'));
  }

  test.each<[string, Record<string, string>]>([
    ['', {}],
    ['A=1\nB=2\n', { A: '1', B: '2' }],
    ['A=1', { A: '1' }],
    ['A=1\nA=2\n', { A: '2' }],
    ['A=\n', { A: '' }],
    ['A= b = c \n', { A: ' b = c ' }],
    ['_a1=x\n', { _a1: 'x' }],
    ['export A=1\n', { A: '1' }],
    ['# a comment\n\n  \nA=1\n', { A: '1' }],
    ['A=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['A="quoted"\n', { A: '"quoted"' }],
    ['URL=postgres://u:p@127.0.0.1/x?a=b#c\n', { URL: 'postgres://u:p@127.0.0.1/x?a=b#c' }],
    ['A=grüße\n', { A: 'grüße' }],
  ])('%j', (content, exported) => {
    expect(read(content)).toEqual({ ok: true, value: exported });
  });

  test.each([
    ['A=1\nactivate\n', 'activate'],
    ['1A=x\n', '1A=x'],
    ['A B=x\n', 'A B=x'],
    ['=x\n', '=x'],
    ['source venv/bin/activate\nA=1\n', 'source venv/bin/activate'],
  ])('%j is refused, with the line', (content, line) => {
    expect(read(content)).toEqual({ ok: false, error: line });
  });

  test('may be missing', () => {
    expect(readExports(join(dir, 'nope'))).toEqual({ ok: true, value: {} });
  });

  test('gives back what a script has written', () => {
    const name = fc.stringMatching(/^[A-Za-z_]\w{0,6}$/);
    const value = fc.string({ maxLength: 12 }).filter((text) => !/[\r\n]/.test(text));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 5 }), (pairs) => {
        const read_ = read(pairs.map(([key, text]) => `${key}=${text}\n`).join(''));
        expect(read_).toEqual({ ok: true, value: Object.fromEntries(pairs) });
      }),
    );
  });
});
