/** What of TAP is shown of a failure: output of real runners. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { headline } from '../../../src/core/headline.ts';
import { tapFailure } from '../../../src/core/tap.ts';

const shown = (name: string): string[] | undefined => {
  const path = resolve(import.meta.dirname, `../../fixtures/headlines/${name}.txt`);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return tapFailure(lines, headline(lines) ?? '');
};

test('a test with its block, and nothing of the other tests', () => {
  const block = shown('node-test-tap');
  expect(block?.[0]).toBe('not ok 3 - it lists users');
  expect(block).toContain("  code: 'ERR_ASSERTION'");
  expect(block?.join('\n')).not.toMatch(/it answers|# fail/);
});

test('what a file has printed that ended before its tests', () => {
  const block = shown('node-test-tap-file');
  expect(block).toContain('# Error: no HOMEX');
  expect(block?.at(-1)).toBe('  ...');
  expect(block?.join('\n')).not.toContain('Subtest');
});

test('a test with its comments', () => {
  expect(shown('perl-test-more')?.slice(0, 2)).toEqual([
    'not ok 2 - it answers',
    "#   Failed test 'it answers'",
  ]);
  expect(shown('bats-equal')?.[0]).toBe('not ok 1 it answers');
});

test('nothing where it is not TAP that tells of the failure', () => {
  expect(shown('python-assert')).toBeUndefined();
  expect(tapFailure(['1..1', 'not ok 1 - a', 'Segmentation fault'], 'Segmentation fault')).toBeUndefined();
  expect(tapFailure([], 'x')).toBeUndefined();
});
