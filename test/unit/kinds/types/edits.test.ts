import { expect, test } from 'vitest';
import { applyEdits } from '../../../../src/kinds/types/edits.ts';
import fc from '../../../rig/fast-check.ts';

const insertAt = (at: number, text: string) => ({ start: at, end: at, text });

test('edits are made whatever their order, and the same one once', () => {
  const edits = [
    { start: 4, end: 7, text: 'two' },
    { start: 0, end: 3, text: 'one' },
    { start: 4, end: 7, text: 'two' },
  ];
  expect(applyEdits('1.. 2.. 3', edits)).toBe('one two 3');
});

test('of two at one place the first comes first, and what is within a replaced part is left out', () => {
  expect(applyEdits('x', [insertAt(0, 'a'), insertAt(0, 'b')])).toBe('abx');
  expect(applyEdits('f(a, b)', [{ start: 1, end: 7, text: '()' }, insertAt(3, '?')])).toBe('f()');
});

test('what is not edited stays as it is', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.string(), fc.string())), (parts) => {
      let at = 0;
      const edits = parts.map(([kept, dropped, text]) => {
        const start = at + kept.length;
        at = start + dropped.length;
        return { start, end: at, text };
      });
      const before = parts.map(([kept, dropped]) => kept + dropped).join('');
      // Those that drop nothing, at one place, are no longer told apart if they say the same.
      fc.pre(parts.every(([kept]) => kept.length > 0));
      expect(applyEdits(before, edits)).toBe(parts.map(([kept, , text]) => kept + text).join(''));
    }),
  );
});
