import { expect, test } from 'vitest';
import { endOf, shorten, startOf } from '../../../src/core/shorten.ts';
import fc from '../../rig/fast-check.ts';

const LONE = /\p{Cs}/u;
const text = fc.string({ unit: fc.constantFrom('a', 'é', '𐀀', '👩') });
const length = fc.nat(20);

test('a text that is short enough stays as it is; of a longer one the mark is the last character', () => {
  expect(shorten('abcd', 4)).toBe('abcd');
  expect(shorten('abcde', 4)).toBe('abc…');
  expect(shorten('ab😀', 3)).toBe('ab…');
  expect(shorten('ab😀e', 4)).toBe('ab…');
  expect(endOf('a😀b', 2)).toBe('b');
  expect(endOf('abc', 5)).toBe('abc');
  expect(startOf('a😀b', 2)).toBe('a');
});

test('no character is ever cut in two, and nothing is longer than it may be', () => {
  fc.assert(
    fc.property(text, length, (whole, most) => {
      for (const cut of [startOf(whole, most), endOf(whole, most), shorten(whole, most + 1)])
        expect(cut).not.toMatch(LONE);
      expect(startOf(whole, most).length).toBeLessThanOrEqual(most);
      expect(endOf(whole, most).length).toBeLessThanOrEqual(most);
      expect(shorten(whole, most + 1).length).toBeLessThanOrEqual(most + 1);
      expect(whole.startsWith(startOf(whole, most)) && whole.endsWith(endOf(whole, most))).toBe(true);
    }),
  );
});
