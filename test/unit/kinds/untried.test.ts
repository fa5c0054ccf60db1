import { expect, test } from 'vitest';
import type { EntryLoad } from '../../../src/core/entry.ts';
import { MOST_RESTARTS, untried } from '../../../src/kinds/common/untried.ts';

const LOADS = Array.from(
  { length: 6 },
  (_, index): EntryLoad => ({
    specifier: `a/${index}`,
    form: index % 2 === 0 ? 'import' : 'require',
    file: `${index}.js`,
  }),
);

test('where none is left, nothing is said', () => {
  expect(untried(LOADS, LOADS.length, MOST_RESTARTS)).toEqual([]);
  expect(untried([], 0, -1)).toEqual([]);
});

test('what is left is counted, and the first are named', () => {
  expect(untried(LOADS, 1, MOST_RESTARTS)).toMatchObject([
    {
      code: 'entries-untried',
      message:
        'of 6 ways to load it 5 were not tried: require("a/1"), import "a/2", require("a/3") and 2 more',
      hint: expect.stringContaining('21 others ended the process'),
      count: 5,
    },
  ]);
});

test('that others ended the process is said only where that is the cause', () => {
  const [finding] = untried(LOADS, 5, 0);
  expect(finding?.message).toBe('of 6 ways to load it 1 was not tried: require("a/5")');
  expect(finding?.hint).toBeUndefined();
});
