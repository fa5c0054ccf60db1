import { describe, expect, test } from 'vitest';
import { type Pattern, showPattern, toRegExp } from '../../../src/core/pattern.ts';
import fc from '../../rig/fast-check.ts';

const line = fc.string({ unit: fc.constantFrom(...'ab.*+?()[]{}|^$\\/- \tü😀'), maxLength: 6 });

describe('a text', () => {
  test('is found where it stands, letter by letter', () => {
    fc.assert(
      fc.property(line, fc.array(line, { maxLength: 4 }), (text, lines) => {
        const block = lines.join('\n');
        expect(toRegExp({ type: 'text', text }).test(block)).toBe(block.includes(text));
      }),
      { numRuns: 1000 },
    );
  });

  test('tells large from small letters', () => {
    expect(toRegExp({ type: 'text', text: 'Ready' }).test('ready')).toBe(false);
  });
});

describe('a regex', () => {
  const of = (source: string, flags = ''): RegExp => toRegExp({ type: 'regex', source, flags });

  test('has the ends of a line for ^ and $', () => {
    expect(of('^b$').test('a\nb\nc')).toBe(true);
    expect(of('^b$').test('ab\nbc')).toBe(false);
  });

  test('keeps its flags', () => {
    expect(of('READY', 'i').test('ready')).toBe(true);
    expect(of('a.b', 's').test('a\nb')).toBe(true);
    expect(of('^.$', 'u').test('😀')).toBe(true);
    expect(of('^.$').test('😀')).toBe(false);
  });

  test.each(['', 'g', 'y', 'gy', 'gim', 'm'])(
    'with the flags %j gives the same answer every time',
    (flags) => {
      const regex = of('b', flags);
      expect([1, 2, 3, 4].map(() => regex.test('ab ab'))).toEqual([true, true, true, true]);
    },
  );
});

test.each<[Pattern, string]>([
  [{ type: 'text', text: 'up' }, '"up"'],
  [{ type: 'text', text: 'say "up"' }, String.raw`"say \"up\""`],
  [{ type: 'regex', source: '^up$', flags: 'i' }, '/^up$/i'],
])('is shown as the user would write it', (pattern, shown) => {
  expect(showPattern(pattern)).toBe(shown);
});
