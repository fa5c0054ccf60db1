/** Which lines tell of a test that failed long before the output ended: output of the real `node --test`, version 20. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { headline } from '../../../src/core/headline.ts';
import { tapFailure } from '../../../src/core/tap.ts';
import { OutputScanner } from '../../../src/process/output/scanner.ts';
import { failedTest, TAP_FAILURES } from '../../../src/process/output/tap-failures.ts';

const MANY = readFileSync(resolve(import.meta.dirname, '../../fixtures/tap/node-test-many.txt'), 'utf8');
const SUMMARY = MANY.indexOf('1..');

function told(output: string): readonly string[] | undefined {
  const scanner = new OutputScanner([TAP_FAILURES]);
  scanner.push(Buffer.from(output));
  scanner.end();
  return failedTest(scanner, scanner.tail(400));
}

test('of many tests, the one that failed', () => {
  const lines = told(MANY) ?? [];
  const cause = headline(lines) ?? '';
  expect(cause).toMatch(/^not ok 1 - all of them/);
  expect(tapFailure(lines, cause)).toContain("      error: '2 == 3'");
  expect(lines.at(-1)?.trim()).toBe('...');
});

test('none where the last lines show one themselves', () => {
  expect(told(`${MANY}not ok 200 - the last one\n`)).toBeUndefined();
});

test('none where all passed, or what failed is still to be done', () => {
  expect(told('ok 1 - a\n1..1\n')).toBeUndefined();
  const fine = MANY.replaceAll(/not ok (.*)/g, 'not ok $1 # TODO later');
  expect(told(fine)).toBeUndefined();
});

test('none where the program ended in an error before its summary', () => {
  expect(told(`${MANY.slice(0, SUMMARY)}TypeError: x is not a function\n`)).toBeUndefined();
});
