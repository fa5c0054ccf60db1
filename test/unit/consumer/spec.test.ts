import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isExact, parseSpec } from '../../../src/consumer/spec.ts';

let cwd = '';
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'spec-'));
  mkdirSync(join(cwd, 'library'));
  writeFileSync(join(cwd, 'library/package.json'), '{}');
  mkdirSync(join(cwd, 'empty'));
  writeFileSync(join(cwd, 'a-1.0.0.tgz'), '');
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
])('%s is a %s', (text, type, path) => {
  expect(parseSpec(text, cwd)).toEqual({ ok: true, value: { type, path: join(cwd, path) } });
});

test.each([
  ['./librari', './librari does not exist'],
  ['b-1.0.0.tgz', 'b-1.0.0.tgz does not exist'],
  ['./empty', './empty has no package.json, so it is no package'],
  ['./notes.txt', './notes.txt is neither a folder nor a tarball'],
  ['express 5', '"express 5" is not the name of a package'],
  ['', '"" is not the name of a package'],
])('%j is refused', (text, message) => {
  const spec = parseSpec(text, cwd);
  expect(spec.ok ? undefined : spec.error).toMatchObject({
    blame: 'spec',
    message,
    hint: expect.any(String),
  });
});

test.each([
  ['1.2.3', true],
  ['1.2.3-beta.1', true],
  ['1.2.3+build', true],
  ['1.2', false],
  ['^1.2.3', false],
  ['latest', false],
  ['1.x', false],
])('%s is exact: %s', (range, exact) => {
  expect(isExact(range)).toBe(exact);
});
