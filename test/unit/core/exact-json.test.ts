import { describe, expect, test } from 'vitest';
import { asPlainJson, exactJson, isSameJson, parseExactJson } from '../../../src/core/exact-json.ts';
import fc from '../../rig/fast-check.ts';

const isSame = (one: string, other: string): boolean =>
  isSameJson(parseExactJson(one), parseExactJson(other));

describe('numbers', () => {
  test.for([
    ['12345678901234567890', '12345678901234567999', false],
    ['9007199254740992', '9007199254740993', false],
    ['9007199254740993', '9007199254740993', true],
    ['-9007199254740993', '9007199254740993', false],
    ['1e400', '1e401', false],
    ['1e400', '10e399', true],
    ['1e-400', '0', false],
    ['0.1', '0.10000000000000000001', false],
    ['0.1', '0.10', true],
    ['1', '1.0', true],
    ['100', '1e2', true],
    ['1E+2', '1e2', true],
    ['-0', '0', true],
    ['0e99999999999999999999', '0', true],
    ['1e99999999999999999999', '1e99999999999999999998', false],
    ['12345678901234567890', '12345678901234567890.0', true],
    ['12345678901234567890', '1234567890123456789e1', true],
    ['12345678901234567000', '12345678901234567001', false],
    ['1e21', '1000000000000000000000', true],
    ['"12345678901234567890"', '12345678901234567890', false],
  ] as const)('%s and %s: the same is %s', ([one, other, same]) => {
    expect(isSame(one, other)).toBe(same);
    expect(isSame(other, one)).toBe(same);
    expect(isSame(`{"a":[${one}]}`, ` { "a" : [ ${other} ] } `)).toBe(same);
  });

  test('of any size are told apart as big integers are', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt({ min: -2n, max: 2n }), (value, step) => {
        expect(isSame(`${value}`, `${value + step}`)).toBe(step === 0n);
      }),
    );
  });
});

test('strings that look like numbers, or like marks, stay what they are', () => {
  const text = '{"a\\"12345678901234567890":"\\\\","b":"12345678901234567890 {","c":12345678901234567890}';
  const value = parseExactJson(text) as Record<string, unknown>;
  expect(Object.keys(value)).toEqual(['a"12345678901234567890', 'b', 'c']);
  expect(value.b).toBe('12345678901234567890 {');
  expect(exactJson(value)).toBe(text);
  expect(isSame('{"id":{"exact":"12345678901234567890"}}', '{"id":12345678901234567890}')).toBe(false);
});

test('any JSON comes back the same', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (text) => {
      expect(JSON.parse(exactJson(parseExactJson(text)))).toEqual(JSON.parse(text));
      expect(isSame(text, text)).toBe(true);
    }),
  );
});

test('what is no JSON is told in the words of JSON.parse', () => {
  for (const text of ['', '{', '12345678901234567890x', '01234567890123456789'])
    expect(() => parseExactJson(text)).toThrow(SyntaxError);
});

test('a value is plain data, with its text where that says more', () => {
  expect(asPlainJson({ a: [1, 'x', null] })).toEqual({ value: { a: [1, 'x', null] } });
  expect(asPlainJson(12345678901234567890n)).toEqual({
    value: 12345678901234567000,
    text: '12345678901234567890',
  });
  expect(asPlainJson(7n)).toEqual({ value: 7 });
  expect(asPlainJson(parseExactJson('[9007199254740993]'))).toEqual({
    value: [9007199254740992],
    text: '[9007199254740993]',
  });
});
