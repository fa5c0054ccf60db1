/** When a proof is not remembered: something that it depends on has changed. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { installedFingerprint, projectFingerprint } from '../../../src/store/proof-cache.ts';

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

  test.each(['README.md', 'packages/other/index.js', 'packages/shop/node_modules/x/index.js'])(
    'does not change with %s',
    async (name) => {
      write('packages/shop/package.json', '{}');
      const before = await print();
      write(name, '1');
      expect(await print()).toBe(before);
    },
  );
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

  test('is not what is installed of others', () => {
    write('lib/python3.13/site-packages/orjson-3.1.dist-info/RECORD', '1');
    const before = print('orjson');
    write('lib/python3.13/site-packages/orjson_more-3.1.dist-info/RECORD', '1');
    write('shop/node_modules/other/package.json', '{}');
    expect(print('orjson')).toBe(before);
  });
});
