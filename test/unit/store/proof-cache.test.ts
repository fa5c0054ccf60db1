/** When a proof is not remembered: something that it depends on has changed. */
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stampsIn } from '../../../src/store/module-files.ts';
import {
  installedFingerprint,
  lastingVariables,
  projectFingerprint,
} from '../../../src/store/proof-cache.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'proof-cache-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As npm does: all versions of a package have the same time. */
const AGES_AGO = new Date('1985-10-26T08:15:00Z');

function write(name: string, text: string): void {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  utimesSync(file, AGES_AGO, AGES_AGO);
}

function link(name: string, target: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  symlinkSync(join(folder, target), join(folder, name));
}

describe('the fingerprint of a project', () => {
  const print = () => projectFingerprint(join(folder, 'packages/shop'));

  test.each([
    'packages/shop/index.js',
    'packages/shop/node_modules/.package-lock.json',
    'package-lock.json',
    'pnpm-lock.yaml',
    'packages/yarn.lock',
    'uv.lock',
    'node_modules/.package-lock.json',
    'node_modules/.modules.yaml',
  ])('changes with %s', async (name) => {
    write('packages/shop/package.json', '{}');
    const none = await print();
    write(name, '1');
    const one = await print();
    write(name, '22');
    expect(new Set([none, one, await print()]).size).toBe(3);
  });

  test('changes with what was written anew, even if that is as long and as old', async () => {
    const name = 'packages/shop/index.js';
    write(name, '1');
    const { ctimeMs } = statSync(join(folder, name));
    const before = await print();
    // The clock of the file system may stand still for a few milliseconds.
    do write(name, '2');
    while (statSync(join(folder, name)).ctimeMs === ctimeMs);
    expect(await print()).not.toBe(before);
  });

  test.each([
    ...['README.md', 'packages/other/index.js', 'packages/shop/node_modules/x/index.js'],
    'packages/shop/.pytest_cache/v/cache/lastfailed',
  ])('does not change with %s', async (name) => {
    write('packages/shop/package.json', '{}');
    const before = await print();
    write(name, '1');
    expect(await print()).toBe(before);
  });
});

describe('what is installed of a module', () => {
  const print = (module: string, env = {}) =>
    installedFingerprint([module], join(folder, 'shop'), { HOME: folder, PATH: join(folder, 'bin'), ...env });

  test.each([
    ['quick', 'shop/node_modules/quick/package.json'],
    ['quick/part', 'shop/node_modules/quick/package.json'],
    ['@a/quick', 'node_modules/@a/quick/package.json'],
    ['orjson', 'lib/python3.13/site-packages/orjson-3.1.dist-info/RECORD'],
    ['my_json', 'shop/.venv/lib/python3.13/site-packages/My.Json-3.1.dist-info/METADATA'],
    ['yaml', '.local/lib/python3.13/site-packages/yaml/__init__.py'],
    ['orjson', 'lib/python3/dist-packages/orjson.cpython-313-x86_64-linux-gnu.so'],
    ['orjson.sub', 'mine/orjson.py'],
  ])('of %s: it changes with %s, even if that is as long and as old', (module, file) => {
    const current = () => print(module, { PYTHONPATH: '../mine' });
    const none = current();
    write(file, '{"version":"1.0.1"}');
    const one = current();
    write(file, '{"version":"1.0.2"}');
    expect(new Set([none, one, current()]).size).toBe(3);
  });

  const MAPPING = (path: string): string =>
    `import sys\nMAPPING: dict[str, str] = {'quick': '${path}'}\nNAMESPACES = {}\n`;

  test.each<[string, string, string, (() => void)?]>([
    ['a file of its package', 'quick', 'shop/node_modules/quick/lib/add.js'],
    ['what was compiled of it', 'quick', 'shop/node_modules/quick/build/Release/quick.node'],
    ['a module within it', 'quick', 'lib/python3.13/site-packages/quick/core.py'],
    ['its extension', 'quick', 'lib/python3.13/site-packages/quick/_core.abi3.so'],
    ['an extension beside it', 'quick.core', 'lib/python3.13/site-packages/_quick.abi3.so'],
    ['a file that is named by its path', './tools/quick.mjs', 'shop/tools/quick.mjs'],
    [
      'its source, to which npm has linked it',
      '@a/quick',
      'linked/quick/src/add.js',
      () => link('shop/node_modules/@a/quick', 'linked/quick'),
    ],
    [
      'its source, in a folder that a .pth adds',
      'quick',
      'linked/src/quick/core.py',
      () => write('shop/.venv/lib/python3.13/site-packages/_quick.pth', `${folder}/linked/src\nimport sys\n`),
    ],
    [
      'its source, in a single file that a .pth leads to',
      'quick',
      'linked/src/quick.py',
      () => write('shop/.venv/lib/python3.13/site-packages/quick.pth', `${folder}/linked/src\n`),
    ],
    [
      'its source, that the finder of setuptools maps',
      'quick',
      'linked/quick/core.py',
      () =>
        write(
          'lib/python3.13/site-packages/__editable___quick_1_0_finder.py',
          MAPPING(join(folder, 'linked/quick')),
        ),
    ],
  ])('changes with %s, even if that is as long and as old', (_, module, file, prepare) => {
    write(file, '1.0.1');
    prepare?.();
    const one = print(module);
    write(file, '1.0.2');
    const two = print(module);
    expect(two).not.toBe(one);
    expect(print(module)).toBe(two);
    rmSync(join(folder, file));
    expect(print(module)).not.toBe(two);
  });

  test.each([
    'shop/node_modules/quick/node_modules/other/index.js',
    'lib/python3.13/site-packages/quick/__pycache__/core.pyc',
    'lib/python3.13/site-packages/quicker/core.py',
    'linked/src/other.py',
  ])('does not change with %s', (file) => {
    write('shop/node_modules/quick/index.js', '');
    write('lib/python3.13/site-packages/quick/core.py', '');
    write('lib/python3.13/site-packages/quick.pth', `${folder}/linked/src\n/none\n`);
    write('linked/src/quick.py', '');
    const before = print('quick');
    write(file, '1');
    expect(print('quick')).toBe(before);
  });

  test('is not looked at where it has too many files, nor in circles', () => {
    for (const name of ['a', 'b/c', 'b/d']) write(`linked/quick/${name}`, '');
    link('linked/quick/b/up', 'linked/quick');
    link('linked/quick/b/gone', 'linked/none');
    expect(stampsIn(join(folder, 'linked/quick'), 3)).toHaveLength(3);
    expect(stampsIn(join(folder, 'linked/quick'), 2)).toBeUndefined();
    expect(stampsIn(join(folder, 'none'), 2)).toEqual([]);
  });

  test('is not what is installed of others', () => {
    write('lib/python3.13/site-packages/orjson-3.1.dist-info/RECORD', '1');
    const before = print('orjson');
    write('lib/python3.13/site-packages/orjson_more-3.1.dist-info/RECORD', '1');
    write('shop/node_modules/other/package.json', '{}');
    expect(print('orjson')).toBe(before);
  });
});

test('of the environment all counts but what sessions set anew', () => {
  const session = {
    ...{ _: '/bin/x', PWD: '/', SHLVL: '2', TERM: 'dumb', TERM_SESSION_ID: '1', SSH_TTY: '/dev/pts/1' },
    ...{ npm_lifecycle_event: 'test', SHAKEDOWN_ENV: '/tmp/1' },
  };
  const lasting = { API_URL: 'http://a', PATH: '/bin', TERMINAL: 'x', npm_config_registry: 'http://b' };
  expect(lastingVariables({ ...session, ...lasting })).toEqual(Object.entries(lasting));
  expect(lastingVariables({ B: '', A: '1' })).toEqual(lastingVariables({ A: '1', B: '' }));
});
