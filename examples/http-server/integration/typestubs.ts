// How a user of the library would type it. The types refuse what the library refuses when it runs.
import { strict as assert } from 'node:assert';
import { canonicalize, JsonSyntaxError, type JsonValue, parse, stringify } from '../src/index.ts';

const ferry: JsonValue = { name: 'Fähre', stops: ['Kiel', 'Oslo'], retired: null };
const canonical: string = stringify(ferry);
const back: JsonValue = parse(canonical);
assert.deepEqual(back, ferry);
const sorted: string = canonicalize(' { "b": 1, "a": 2 } ');
assert.equal(sorted, '{"a":2,"b":1}');

// @ts-expect-error: JSON has no big integers
assert.throws(() => stringify({ passengers: 750n }), TypeError);

// @ts-expect-error: the canonical form is a text, not its bytes
assert.equal(canonicalize('[]').byteLength, undefined);

// @ts-expect-error: what a text holds is known only after looking
const length: number = parse('21.5');
assert.equal(length, 21.5);

try {
  parse('[1,\n2,]');
  assert.fail('a trailing comma was accepted');
} catch (error) {
  assert.ok(error instanceof JsonSyntaxError);
  const place: [line: number, column: number] = [error.line, error.column];
  assert.deepEqual(place, [2, 3]);
  // @ts-expect-error: a line has a number
  const line: string = error.line;
  // @ts-expect-error: so has a column
  const column: string = error.column;
  assert.deepEqual([line, column], place);
}

console.log(`typed use works: ${canonical}`);
