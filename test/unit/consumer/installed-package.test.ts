import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type PackageContents, readInstalled } from '../../../src/consumer/installed-package.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A package with this manifest and these files, as npm would have installed it. */
function installed(manifest: object, files: Readonly<Record<string, string>>, name = 'a'): PackageContents {
  const consumer = mkdtempSync(join(tmpdir(), 'consumer-'));
  folders.push(consumer);
  const all = { ...files, 'package.json': JSON.stringify({ name, version: '1.0.0', ...manifest }) };
  for (const [path, content] of Object.entries(all)) {
    const absolute = join(consumer, 'node_modules', name, path);
    mkdirSync(dirname(absolute), { recursive: true });
    writeFileSync(absolute, content);
  }
  return readInstalled(consumer, name);
}

const paths = ({ entryPoints }: PackageContents) =>
  entryPoints.map((entry) => [
    entry.specifier,
    entry.import?.path ?? null,
    entry.require?.path ?? null,
    entry.importTypes?.path ?? null,
    entry.requireTypes?.path ?? null,
  ]);

test('without `exports`, `main` is the entry point, as require finds it', () => {
  expect(paths(installed({ main: 'lib' }, { 'lib/index.js': '', 'lib/index.d.ts': '' }))).toEqual([
    ['a', 'lib/index.js', 'lib/index.js', 'lib/index.d.ts', 'lib/index.d.ts'],
  ]);
  expect(paths(installed({ main: './b' }, { 'b.js': '' }))).toEqual([['a', 'b.js', 'b.js', null, null]]);
  expect(paths(installed({}, { 'index.js': '' }))).toEqual([['a', 'index.js', 'index.js', null, null]]);
  expect(paths(installed({ types: 'x' }, { 'index.js': '', 'x.d.ts': '' }))).toEqual([
    ['a', 'index.js', 'index.js', 'x.d.ts', 'x.d.ts'],
  ]);
});

test('a `main` that leads nowhere is kept, to be told', () => {
  const [entry] = installed({ main: 'dist/a.js' }, {}).entryPoints;
  expect(entry?.require).toEqual({ path: 'dist/a.js', exists: false, format: 'commonjs', isProgram: false });
});

test('a package of declarations or of programs alone has nothing to load', () => {
  expect(paths(installed({ main: '', types: 'index.d.ts' }, { 'index.d.ts': '' }))).toEqual([
    ['a', null, null, 'index.d.ts', 'index.d.ts'],
  ]);
  expect(paths(installed({ bin: 'cli.js' }, { 'cli.js': '' }))).toEqual([]);
});

test('`exports` lead `import`, `require` and TypeScript each to its own', () => {
  const exports = {
    './fp': './fp.js',
    '.': {
      import: { types: './a.d.mts', default: './a.mjs' },
      require: { types: './a.d.cts', default: './a.cjs' },
    },
    './browser': { browser: './browser.js' },
    './private/*': null,
  };
  const files = { 'a.mjs': '', 'a.cjs': '', 'a.d.mts': '', 'a.d.cts': '', 'fp.js': '', 'fp.d.ts': '' };
  expect(paths(installed({ exports }, files))).toEqual([
    ['a', 'a.mjs', 'a.cjs', 'a.d.mts', 'a.d.cts'],
    ['a/fp', 'fp.js', 'fp.js', 'fp.d.ts', 'fp.d.ts'],
  ]);
});

test('a pattern is there once for each file that fits it, and for no other pattern better', () => {
  const exports = {
    './icons/*': { import: './icons/*.mjs', require: './icons/*.cjs' },
    './icons/internal/*': null,
    './*': './*',
  };
  const files = {
    'icons/a.mjs': '',
    'icons/a.cjs': '',
    'icons/internal/b.mjs': '',
    'c.js': '',
    LICENSE: '',
  };
  expect(paths(installed({ exports }, files, '@scope/a'))).toEqual([
    ['@scope/a/icons/a', 'icons/a.mjs', 'icons/a.cjs', null, null],
    ['@scope/a/c.js', 'c.js', 'c.js', null, null],
    ['@scope/a/package.json', 'package.json', 'package.json', null, null],
  ]);
});

test('the format of a file is that of its name, or of the package.json nearest to it', () => {
  const exports = {
    './a': './a.js',
    './b': './cjs/b.js',
    './c': './c.cjs',
    './d': './d.wasm',
    './e': './e.css',
  };
  const files = {
    'a.js': '#!/usr/bin/env node\n',
    'cjs/b.js': '',
    'cjs/package.json': '{"type":"commonjs"}',
    'c.cjs': '',
    'd.wasm': '',
    'e.css': '',
  };
  const { entryPoints } = installed({ type: 'module', exports }, files);
  expect(entryPoints.map((entry) => entry.import?.format)).toEqual([
    'module',
    'commonjs',
    'commonjs',
    'wasm',
    'other',
  ]);
  expect(entryPoints.map((entry) => entry.import?.isProgram)).toEqual([true, false, false, false, false]);
});

test('programs are told with the names that npm gives them', () => {
  expect(installed({ bin: './cli.js' }, { 'cli.js': '' }, '@scope/a').bins).toEqual([
    { name: 'a', path: 'cli.js', exists: true },
  ]);
  expect(installed({ bin: { b: 'b.js', c: 'gone.js' } }, { 'b.js': '' }).bins).toEqual([
    { name: 'b', path: 'b.js', exists: true },
    { name: 'c', path: 'gone.js', exists: false },
  ]);
});
