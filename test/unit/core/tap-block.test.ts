/** What is read of the diagnostics of TAP. What real runners print is in `fixtures/headlines`. */
import { expect, test } from 'vitest';
import { headline } from '../../../src/core/headline.ts';
import { innermostFailure, tapBlock, tapMessage, tapValues } from '../../../src/core/tap-block.ts';
import fc from '../../rig/fast-check.ts';

const failed = (...block: string[]): string[] => ['not ok 1 - a', '  ---', ...block, '  ...', '1..1'];
const valuesOf = (...block: string[]): string | undefined =>
  tapValues(tapBlock(failed(...block)) ?? new Map());

test.each([
  ['literal', '|-'],
  ['kept', '|+'],
  ['folded', '>-'],
  ['with its indentation', '|2-'],
])('a text below its key is read: %s', (_, mark) => {
  const block = tapBlock(failed(`  expected: ${mark}`, '    a', '      b: c', '    d', '  actual: 1'));
  expect(block?.get('expected')?.lines).toEqual(['a', '  b: c', 'd']);
  expect(block?.get('actual')).toEqual({ lines: ['1'], isBelow: false });
});

test('values of several lines are told by the first in which they differ', () => {
  expect(valuesOf('  expected: |-', '    a', '    b', '  actual: |-', '    a', '    c')).toBe(
    'expected b, got c',
  );
  expect(valuesOf('  expected: |-', '    a', '    b', '  actual: |-', '    a')).toBe('missing b');
  expect(valuesOf("  expected: 'a'", '  actual: |-', '    a', '    c', '    d')).toBe(
    'unexpected c, and 1 more difference',
  );
  expect(valuesOf('  wanted: |', '    a', '  found: |', '    b')).toBe('expected a, got b');
  expect(valuesOf('  expected: |-', '    a', '  actual: |-', '    a')).toBeUndefined();
  expect(valuesOf('  expected: 1', '  actual: 2')).toBeUndefined();
  expect(valuesOf('  expected:', '  operator: match')).toBeUndefined();
});

test('of a long line, the part that differs is shown', () => {
  const long = 'x'.repeat(300);
  const told = valuesOf('  expected: |-', `    ${long}1`, '  actual: |-', `    ${long}2`);
  expect(told).toBe(`expected …${'x'.repeat(40)}1, got …${'x'.repeat(40)}2`);
});

test('the message of the program counts, and not the one of its runner', () => {
  const said = (error: string): string | undefined =>
    tapMessage(tapBlock(failed(`  error: ${error}`)) ?? new Map());
  expect(said("'it''s gone'")).toBe("it's gone");
  expect(said("'Expected values to be strictly equal:'")).toBeUndefined();
  expect(said("'2 subtests failed'")).toBeUndefined();
});

test('a test within a test is what failed', () => {
  const lines = [
    '    not ok 1 - inner',
    '      ---',
    "      error: 'no such item'",
    '      ...',
    'not ok 1 - outer',
    '  ---',
    "  error: '1 subtest failed'",
    '  ...',
  ];
  expect(innermostFailure(lines, 4)).toBe(0);
  expect(headline(lines)).toBe('not ok 1 - inner: no such item');
  expect(innermostFailure(lines.slice(4), 0)).toBe(0);
});

test('whatever a program prints, it is read in the end', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom('  ---', '  ...', '  expected: |-', '    a', 'not ok 1', '  actual: |'),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const block = tapBlock(['not ok 1', '  ---', ...lines]) ?? new Map();
      for (const told of [tapValues(block), tapMessage(block)])
        if (told !== undefined) expect(told).not.toMatch(/\n/);
    }),
  );
});
