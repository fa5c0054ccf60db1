import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parsePythonSpec } from '../../../../src/consumer/python/spec.ts';

let cwd = '';

/** A tar of one empty file, as far as whoever looks for its name reads it. */
const tarOf = (name: string): Buffer => {
  const header = Buffer.alloc(1024);
  header.write(name, 0);
  header.write('00000000000', 124);
  return gzipSync(header);
};

const PROJECT = '[build-system]\nrequires = []\n';
const FILES: Readonly<Record<string, string | Buffer>> = {
  'library/pyproject.toml': PROJECT,
  'old/setup.py': '',
  'tools/pyproject.toml': '[tool.ruff]\nline-length = 100\n',
  'tools/package.json': '{ "name": "tools" }',
  'both/pyproject.toml': PROJECT,
  'both/package.json': '{ "name": "both" }',
  'private/pyproject.toml': PROJECT,
  'private/package.json': '{ "name": "site", "private": true }',
  'empty/notes.txt': '',
  'a-1.0-py3-none-any.whl': '',
  'a-1.0.tar.gz': tarOf('a-1.0/PKG-INFO'),
  'b-1.0.tar.gz': tarOf('package/package.json'),
  'c-1.0.tar.gz': 'not packed at all',
};

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'spec-'));
  for (const [path, content] of Object.entries(FILES)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), content);
  }
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

test.each([
  ['pypi:attrs', 'attrs', ''],
  ['pypi:attrs@23.1', 'attrs', '==23.1'],
  ['pypi:attrs==23.1', 'attrs', '==23.1'],
  ['pypi:attrs>=22, <24', 'attrs', '>=22,<24'],
  ['pypi:ruamel.yaml~=0.18', 'ruamel.yaml', '~=0.18'],
])('%s is looked up in the index', (text, name, version) => {
  expect(parsePythonSpec(text, cwd)).toEqual({ ok: true, value: { type: 'index', name, version } });
});

test.each([
  ['./library', 'folder', 'library'],
  ['pypi:./library', 'folder', 'library'],
  ['./old', 'folder', 'old'],
  ['./private', 'folder', 'private'],
  ['pypi:./both', 'folder', 'both'],
  ['a-1.0-py3-none-any.whl', 'wheel', 'a-1.0-py3-none-any.whl'],
  ['./a-1.0.tar.gz', 'sdist', 'a-1.0.tar.gz'],
])('%s is a %s', (text, type, path) => {
  expect(parsePythonSpec(text, cwd)).toEqual({ ok: true, value: { type, path: join(cwd, path) } });
});

test.each([
  'express',
  'express@5',
  './tools',
  './empty',
  './b-1.0.tar.gz',
  './c-1.0.tar.gz',
  './gone',
  'file:./library',
])('%s is none of ours', (text) => {
  expect(parsePythonSpec(text, cwd)).toBeUndefined();
});

test.each([
  ['./both', 'has a package for npm and one for Python'],
  ['pypi:./gone', 'does not exist'],
  ['pypi:./tools', 'has no pyproject.toml that makes a package of it'],
  ['pypi:', 'is not the name of a package'],
  ['pypi:--help', 'is not the name of a package'],
  ['pypi:a b', 'is not the name of a package'],
  ['gone-1.0-py3-none-any.whl', 'does not exist'],
])('%s: %s', (text, message) => {
  const parsed = parsePythonSpec(text, cwd);
  expect(parsed?.ok === false && parsed.error).toMatchObject({
    blame: 'spec',
    message: expect.stringContaining(message) as string,
    hint: expect.any(String) as string,
  });
});
