/** Changes of one place in a JSON text: that they are what they are called, and change nothing else. */
import { describe, expect, test } from 'vitest';
import { otherType, otherValue, placesIn, Walker } from '../../../src/proxy/harness/json-edit.ts';
import fc from '../../rig/fast-check.ts';

const json = fc.json({ maxDepth: 4 });

/** The places at which two values differ. */
function differences(one: unknown, other: unknown, path = '$'): string[] {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null;
  if (!isObject(one) || !isObject(other)) return Object.is(one, other) ? [] : [path];
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].flatMap((name) => differences(one[name], other[name], `${path}/${name}`));
}

const typeOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;

function at(value: unknown, path: string): unknown {
  const names = path.split('/').slice(1);
  return names.reduce<unknown>(
    (inner, name) => (inner as Record<string, unknown> | undefined)?.[name],
    value,
  );
}

/** Names without a slash, which the paths here are made with. */
const plain = json.filter((text) => !text.includes('/') && !text.includes('__proto__'));

describe('of any document', () => {
  test('one value becomes another one of the same type', () => {
    fc.assert(
      fc.property(plain, fc.nat(100), (text, seed) => {
        const changed = new Walker(seed).change(text, '', 'wrong-value');
        const before: unknown = JSON.parse(text);
        if (changed === undefined) {
          expect(placesIn(text)?.scalars.every(({ start, end }) => text.slice(start, end) === 'null')).toBe(
            true,
          );
          return;
        }
        const after: unknown = JSON.parse(changed);
        const places = differences(before, after);
        expect(places).toHaveLength(1);
        expect(typeOf(at(after, places[0] ?? ''))).toBe(typeOf(at(before, places[0] ?? '')));
      }),
    );
  });

  test('one value becomes one of another type', () => {
    fc.assert(
      fc.property(plain, fc.nat(100), (text, seed) => {
        const changed = new Walker(seed).change(text, '', 'wrong-type');
        if (changed === undefined) return;
        const [before, after] = [JSON.parse(text) as unknown, JSON.parse(changed) as unknown];
        const places = differences(before, after);
        expect(places).toHaveLength(1);
        expect(typeOf(at(after, places[0] ?? ''))).not.toBe(typeOf(at(before, places[0] ?? '')));
      }),
    );
  });

  test('one member is gone', () => {
    fc.assert(
      fc.property(plain, fc.nat(100), fc.constantFrom(0, 2), (text, seed, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), null, indent);
        const changed = new Walker(seed).change(spaced, '', 'missing-field');
        const members = placesIn(spaced)?.members.length;
        expect(changed === undefined).toBe(members === 0);
        if (changed === undefined) return;
        const places = differences(JSON.parse(spaced), JSON.parse(changed));
        expect(places).toHaveLength(1);
        expect(placesIn(changed)?.members.length).toBeLessThan(members ?? 0);
      }),
    );
  });

  test('what is no JSON is left alone', () => {
    for (const text of ['', '{', '[1,]', 'hello', '{"a":1} x', "{'a':1}"])
      expect(new Walker(0).change(text, '', 'wrong-value')).toBeUndefined();
  });

  test('paths are short, however long the names are', () => {
    const inner = Array.from({ length: 1000 }, (_, at) => `"${'y'.repeat(1000)}${at}":1`).join(',');
    const text = `${`{"${'x'.repeat(100_000)}":`.repeat(50)}{${inner}}${'}'.repeat(50)}`;
    const places = placesIn(text);
    expect(places?.scalars).toHaveLength(1000);
    const longest = Math.max(
      ...[...(places?.scalars ?? []), ...(places?.members ?? [])].map(({ path }) => path.length),
    );
    expect(longest).toBeLessThan(500);
    expect(JSON.parse(new Walker(0).change(text, '', 'wrong-value') ?? '')).not.toEqual(JSON.parse(text));
  });

  test('a document that is too deep to walk is left alone', () => {
    const deep = `${'['.repeat(5000)}1${']'.repeat(5000)}`;
    expect(new Walker(0).change(deep, '', 'wrong-value')).toBeUndefined();
  });
});

test.each([
  ['1', '2'],
  ['-1', '0'],
  ['9007199254740993', '9007199254740994'],
  // As a double it is the same as one more.
  ['-9044687625744980', '0'],
  ['1.5', '2.5'],
  ['1e300', '0'],
  ['true', 'false'],
  ['"abc"', '"bbc"'],
  ['"Z9"', '"A9"'],
  ['""', '"x"'],
  ['"\\n"', '"\\nx"'],
  ['null', undefined],
])('the other value for %s is %s', (literal, expected) => {
  expect(otherValue(literal)).toBe(expected);
});

test.each([
  ['1', '"1"'],
  ['true', '"true"'],
  ['"a"', '0'],
  ['null', 'false'],
])('the other type for %s is %s', (literal, expected) => {
  expect(otherType(literal)).toBe(expected);
});

test('every character but that of the change stays as it is', () => {
  const text = '{ "b" : 12345678901234567890 ,\n\t"a":[ 1.0, "\\u00e9" ], "a": 2 }';
  expect(new Walker(1).change(text, '', 'wrong-value')).toBe(text.replace('1.0', '2'));
});

test('over several answers every path is changed, then each again', () => {
  const text = '{"a":1,"b":{"c":2},"list":[{"d":3},{"d":4}]}';
  const walker = new Walker(5);
  const changed = Array.from({ length: 8 }, () => walker.change(text, 'GET /', 'wrong-value'));
  const one = (from: string, to: string): string => text.replace(from, to);
  expect(new Set(changed)).toEqual(
    new Set([one('"a":1', '"a":2'), one('"c":2', '"c":3'), one('"d":3', '"d":4'), one('"d":4', '"d":5')]),
  );
  expect([...walker.changedFields].sort()).toEqual(['$.a of GET /', '$.b.c of GET /', '$.list[].d of GET /']);
});

test('the same seed gives the same changes', () => {
  const run = (seed: number): unknown[] => {
    const walker = new Walker(seed);
    return Array.from({ length: 6 }, () => walker.change('{"a":1,"b":2,"c":3}', '', 'missing-field'));
  };
  expect(run(3)).toEqual(run(3));
  expect(run(3)).not.toEqual(run(4));
});
