import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isExact, parseSpec } from '../../../src/consumer/spec.ts';

let cwd = '';
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'spec-'));
  for (const folder of ['library', 'nested/library', '100%25 #1?', '.hidden']) {
    mkdirSync(join(cwd, folder), { recursive: true });
    writeFileSync(join(cwd, folder, 'package.json'), '{}');
  }
  mkdirSync(join(cwd, 'empty'));
  writeFileSync(join(cwd, 'a-1.0.0.tgz'), '');
  writeFileSync(join(cwd, 'b@1.0.0.tgz'), '');
  writeFileSync(join(cwd, 'notes.txt'), '');
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

test.each([
  ['express', 'express', 'latest'],
  ['express@5', 'express', '5'],
  ['express@^5.1.0', 'express', '^5.1.0'],
  ['express@next', 'express', 'next'],
  ['@scope/name', '@scope/name', 'latest'],
  ['@scope/name@1.2.3', '@scope/name', '1.2.3'],
  ['express@', 'express', 'latest'],
  ['express@*', 'express', '*'],
  ['express@>=4 <5', 'express', '>=4 <5'],
  ['express@ ^5 ', 'express', '^5'],
  ['express@=5.1.0', 'express', '=5.1.0'],
  ['Express', 'Express', 'latest'],
  // Whatever else npm takes after a name is for npm to fetch.
  ['express@github:expressjs/express', 'express', 'github:expressjs/express'],
  ['express@https://example.com/a.tgz', 'express', 'https://example.com/a.tgz'],
  ['five@npm:express@5', 'five', 'npm:express@5'],
  // As npm reads it: a path begins with a dot or a slash.
  ['library', 'library', 'latest'],
])('%s is looked up in the registry', (text, name, range) => {
  expect(parseSpec(text, cwd)).toEqual({ ok: true, value: { type: 'registry', name, range } });
});

test.each([
  ['./library', 'folder', 'library'],
  ['library/', 'folder', 'library'],
  ['./a-1.0.0.tgz', 'tarball', 'a-1.0.0.tgz'],
  ['a-1.0.0.tgz', 'tarball', 'a-1.0.0.tgz'],
  ['file:library', 'folder', 'library'],
  ['file:./a-1.0.0.tgz', 'tarball', 'a-1.0.0.tgz'],
  ['library@file:./library', 'folder', 'library'],
  ['nested/library', 'folder', 'nested/library'],
  // What is special in an address is not special in the name of a folder.
  ['./100%25 #1?', 'folder', '100%25 #1?'],
  ['.hidden', 'folder', '.hidden'],
  ['b@1.0.0.tgz', 'tarball', 'b@1.0.0.tgz'],
])('%s is a %s', (text, type, path) => {
  expect(parseSpec(text, cwd)).toEqual({ ok: true, value: { type, path: join(cwd, path) } });
});

test.each([
  ['./librari', './librari does not exist'],
  ['b-1.0.0.tgz', 'b-1.0.0.tgz does not exist'],
  ['./empty', './empty has no package.json, so it is not a package'],
  ['./notes.txt', './notes.txt is neither a folder nor a tarball'],
  ['express 5', '"express 5" is not the name of a package'],
  ['', '"" is not the name of a package'],
  ['file:./librari', 'file:./librari does not exist'],
  ['library@file:./librari', 'library@file:./librari does not exist'],
  ['express@no tag', '"express@no tag" is not the name of a package'],
  ['nested/librari', '"nested/librari" is not the name of a package'],
  ['-x', '"-x" is not the name of a package'],
  ['node_modules', '"node_modules" is not the name of a package'],
  ['express\nexit', '"express\\nexit" is not the name of a package'],
  ['https://example.com/a.tgz', '"https://example.com/a.tgz" is not the name of a package'],
  ['github:expressjs/express', '"github:expressjs/express" is not the name of a package'],
  ['e'.repeat(501), `"${'e'.repeat(99)}…" is not the name of a package`],
  ['npm:express@5', '"npm:express@5" is not the name of a package'],
])('%j is refused', (text, message) => {
  const spec = parseSpec(text, cwd);
  expect(spec.ok ? undefined : spec.error).toMatchObject({
    blame: 'spec',
    message,
    hint: expect.any(String),
  });
});

test('what is an address alone can be made a tarball', () => {
  const spec = parseSpec('github:expressjs/express', cwd);
  const hint = 'make a tarball with npm pack github:expressjs/express, and give that';
  expect(spec.ok ? undefined : spec.error.hint).toBe(hint);
});

test.each([
  ['1.2.3', true],
  ['1.2.3-beta.1', true],
  ['1.2.3+build', true],
  ['v1.2.3', true],
  ['=1.2.3', true],
  ['1.2.3-a..b', false],
  ['1.2', false],
  ['^1.2.3', false],
  ['latest', false],
  ['1.x', false],
])('%s is exact: %s', (range, exact) => {
  expect(isExact(range)).toBe(exact);
});
