import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { describe, expect, test } from 'vitest';
import { plain, same, settle } from '../../../../src/kinds/threads/harness/outcome.ts';
import { overShared, shareBytes } from '../../../../src/kinds/threads/harness/values.ts';
import fc from '../../../rig/fast-check.ts';

/** As the process that judges hands it over. */
const handedOver = (value: unknown): unknown => deserialize(serialize(plain(value)));

class Point {
  readonly x: number;
  readonly #secret = 1;
  constructor(x: number) {
    this.x = x;
  }
  get secret(): number {
    return this.#secret;
  }
}

const circle: { self?: unknown } = {};
circle.self = circle;

const VALUES: Readonly<Record<string, () => unknown>> = {
  nothing: () => undefined,
  'minus zero': () => -0,
  'not a number': () => Number.NaN,
  'a large integer': () => 2n ** 70n,
  'a list with a hole in it': () => [1, undefined, null],
  'nested objects': () => ({ a: [{ b: { c: 'd' } }] }),
  'an instance': () => new Point(3),
  bytes: () => Buffer.from('abc'),
  'other bytes': () => new Float64Array([1, 2]),
  'a map': () => new Map<unknown, unknown>([['a', new Point(1)]]),
  'a set': () => new Set([1, { b: 2 }]),
  'a date': () => new Date(5),
  'a pattern': () => /x/g,
  'an error': () => new RangeError('too far'),
  'a function': () => Math.max,
  'a symbol': () => Symbol.for('s'),
  'a circle': () => circle,
  'a property of the name __proto__': () => JSON.parse('{"__proto__":{"a":1}}'),
  'another property of that name': () => JSON.parse('{"__proto__":{"a":2}}'),
  'an object without a prototype': () => Object.assign(Object.create(null), { a: 1 }),
};

describe('a value that was handed over', () => {
  test.each(Object.entries(VALUES))('is the same as the live one: %s', (_, make) => {
    expect(same(handedOver(make()), make())).toBe(true);
  });

  const pairs = Object.entries(VALUES).flatMap(([name, make], index) =>
    Object.entries(VALUES)
      .slice(index + 1)
      .map(([other, makeOther]) => ({ name, other, make, makeOther })),
  );
  test('is not the same as any other', () => {
    for (const { name, other, make, makeOther } of pairs) {
      expect(same(handedOver(make()), makeOther()), `${name} and ${other}`).toBe(false);
      expect(same(handedOver(makeOther()), make()), `${other} and ${name}`).toBe(false);
    }
  });

  test('is judged as node:util judges, whatever JSON holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        expect(same(handedOver(one), structuredClone(one))).toBe(true);
        expect(same(handedOver(one), other)).toBe(isDeepStrictEqual(plain(one), plain(other)));
      }),
    );
  });
});

test('an outcome is a result or the words of an error, also of a promise', async () => {
  expect(await settle(() => 1)).toEqual({ threw: false, value: 1 });
  expect(await settle(async () => [1])).toEqual({ threw: false, value: [1] });
  const error = { threw: true, value: 'TypeError: no' };
  expect(await settle(() => Promise.reject(new TypeError('no')))).toEqual(error);
  expect(
    await settle(() => {
      throw new TypeError('no');
    }),
  ).toEqual(error);
});

test('bytes among arguments keep their types over shared memory', () => {
  const args = [Buffer.from('ab'), { deep: [new Uint16Array([1, 2])] }, 'text'] as const;
  const blocks = shareBytes(args);
  const [buffer, object] = overShared(args, blocks) as typeof args;
  expect(Buffer.isBuffer(buffer) && buffer.equals(args[0])).toBe(true);
  expect(object.deep[0]).toEqual(new Uint16Array([1, 2]));
  expect(object.deep[0]?.buffer).toBe(blocks[1]);
});
