import { expect, test } from 'vitest';
import { explainMissing } from '../../../src/cli/missing-value.ts';

test('an option without its value is told with what it wants, and an example; other mistakes are as they are', () => {
  expect(explainMissing("error: option '--list <file>' argument missing\n")).toBe(
    'error: --list needs a file that names packages, one on each line\n  → shakedown package --list packages.txt\n',
  );
  for (const text of ["error: unknown option '--lost'\n", "error: option '--seed <n>' argument missing\n"])
    expect(explainMissing(text)).toBe(text);
});
