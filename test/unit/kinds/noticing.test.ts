import { expect, test } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import { isOfProgram } from '../../../src/kinds/module-sabotage.ts';

const FAILED: Finding = {
  ...{ code: 'failed-tests', step: 'unit', count: 1, hint: '' },
  message: 'unit passed, although 1 of its tests failed',
};

test('a program that only its single tests tell of has noticed a fault', () => {
  expect(isOfProgram(FAILED)).toBe(true);
  expect(isOfProgram({ ...FAILED, code: 'exit-code', exitCode: 1, signal: null })).toBe(true);
  expect(isOfProgram({ ...FAILED, code: 'zero-work' })).toBe(false);
});

test('one that could not do its work has noticed nothing', () => {
  const message = 'unit exited with code 1: [Errno 28] No space left on device';
  expect(isOfProgram({ ...FAILED, message })).toBe(false);
});
