import { expect, test } from 'vitest';
import { isForTypes, REFUSALS } from '../../../src/kinds/types/refusal.ts';

test.each(['TS2322', 'TS2345', 'TS2339', 'TS7006'])('%s is a refusal', (number) => {
  expect(isForTypes(number)).toBe(true);
});

test.each(['TS1005', 'TS1109', 'TS2304', 'TS2307', 'TS2305', 'TS7016', 'TS2552', 'TS5083', 'TS6053'])(
  '%s is none',
  (number) => {
    expect(isForTypes(number)).toBe(false);
    expect(new RegExp(REFUSALS.tsc).test(`bad.mts(1,1): error ${number}: what it says`)).toBe(false);
  },
);

test.each([
  ['bad.py:3: error: Argument 1 to "f" has incompatible type "str"; expected "int"  [arg-type]', true],
  [
    'bad.py:1: error: Cannot find implementation or library stub for module named "x"  [import-not-found]',
    false,
  ],
  ['bad.py:2: error: Name "g" is not defined  [name-defined]', false],
  ['bad.py:2: error: invalid syntax  [syntax]', false],
])('mypy: %s', (line, isRefusal) => {
  expect(new RegExp(REFUSALS.mypy).test(line)).toBe(isRefusal);
});
