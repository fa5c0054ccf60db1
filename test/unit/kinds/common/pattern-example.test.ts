import { expect, test } from 'vitest';
import { type Pattern, toRegExp } from '../../../../src/core/pattern.ts';
import { exampleOf } from '../../../../src/kinds/common/pattern-example.ts';
import fc from '../../../rig/fast-check.ts';
import { shareOf } from '../../../rig/thorough.ts';

const regex = (source: string): Pattern => ({ type: 'regex', source, flags: '' });

test.each([
  ['^error: \\d+ (?:files|dirs)$', 'error: 1 files'],
  ['WARN(ING)?', 'WARNING'],
  ['[Ff]ailed.*!', 'Faileda!'],
  ['(a|b[)])c|d', 'ac'],
  ['[^x]y', 'ay'],
  ['\\\\d', '\\d'],
  ['(?<name>x)-\\w', 'x-a'],
  ['a{2,3}\\.b', undefined],
  ['(?!a)a', undefined],
])('%s', (source, example) => {
  expect(exampleOf(regex(source))).toBe(example);
});

test('a text is found, however it is written', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const source = text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
      expect(exampleOf(regex(source))).toBe(text);
      expect(exampleOf({ type: 'text', text })).toBe(text);
    }),
    { numRuns: shareOf(1000), examples: [['\\d'], ['\\.'], ['a|b'], ['[']] },
  );
});

test('what is found is always matched', () => {
  const part = fc.constantFrom(...'ab^$.|*+?()[]{},1\\dwb'.split(''), '(?:', '[^', '\\d+', '{2}');
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const source = parts.join('');
      try {
        new RegExp(source, 'm');
      } catch {
        return;
      }
      const example = exampleOf(regex(source));
      if (example !== undefined) expect(toRegExp(regex(source)).test(example)).toBe(true);
    }),
    { numRuns: shareOf(2000) },
  );
});
