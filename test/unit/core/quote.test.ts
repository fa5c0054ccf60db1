import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quote } from '../../../src/core/quote.ts';
import fc from '../../rig/fast-check.ts';

test('what no shell would touch is left as it is', () => {
  expect(quote('/srv/app/.shakedown')).toBe('/srv/app/.shakedown');
  expect(quote('')).toBe("''");
  expect(quote("/srv/it's here")).toBe("'/srv/it'\\''s here'");
});

test('a shell takes every word for what it was', () => {
  const char = fc.constantFrom(...'ab/ \'"\\$`!*?[]{}()<>|&;#~=\n\t-ß');
  const words = fc.array(
    fc.array(char, { maxLength: 12 }).map((chars) => chars.join('')),
    {
      minLength: 200,
      maxLength: 200,
    },
  );
  fc.assert(
    fc.property(words, (given) => {
      const line = `printf '%s\\0' ${given.map(quote).join(' ')}`;
      const said = execFileSync('/bin/sh', ['-c', line], { encoding: 'utf8' });
      expect(said.split('\0').slice(0, -1)).toEqual(given);
    }),
    { numRuns: 10 },
  );
});
