import { expect, test } from 'vitest';
import { countTests, showCounts, testPlace, testTitle } from '../../../src/core/test-results.ts';

test.each([
  [{ passed: 412, failed: 0, skipped: 3 }, true, '412 passed, 3 skipped'],
  [{ passed: 2, failed: 1, skipped: 0 }, true, '1 failed, 2 passed'],
  [{ passed: 0, failed: 0, skipped: 0 }, true, 'no test ran'],
  [{ passed: 0, failed: 0, skipped: 3 }, true, '3 skipped'],
  [{ passed: 9, failed: 0, skipped: 0 }, false, '9 passed so far'],
])('%j are told as they are', (counts, isComplete, text) => {
  expect(showCounts({ counts, isComplete })).toBe(text);
});

test('tests are counted by their outcome', () => {
  const outcomes = ['passed', 'failed', 'passed', 'skipped'] as const;
  expect(countTests(outcomes.map((outcome) => ({ outcome })))).toEqual({ passed: 2, failed: 1, skipped: 1 });
});

test('a test is named with its groups and its place, as far as they are known', () => {
  expect(testTitle({ suite: '', name: 'adds' })).toBe('adds');
  expect(testTitle({ suite: 'math', name: 'adds' })).toBe('math › adds');
  expect(testPlace({ file: null, line: 3 })).toBeUndefined();
  expect(testPlace({ file: 'a.py', line: null })).toBe('a.py');
  expect(testPlace({ file: 'a.py', line: 3 })).toBe('a.py:3');
});
