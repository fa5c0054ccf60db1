/** The schemas of values that are sent as JSON, or expected in it. */
import * as v from 'valibot';

/** Whether it survives a round trip through JSON. */
function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return false;
  const plain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  return plain && Object.values(value).every(isJson);
}
export const JsonSchema = v.pipe(v.unknown(), v.check(isJson, 'must be a value that JSON can hold'));

/** Replaces bigints by numbers. */
function withoutBigInts(value: unknown): unknown {
  if (typeof value === 'bigint') return 0;
  if (Array.isArray(value)) return value.map(withoutBigInts);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withoutBigInts(each)]));
}

/** Whether every integer in it is a safe one. */
function isExact(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isInteger(value) || Number.isSafeInteger(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isExact);
}

const hasPattern = (value: unknown): boolean =>
  value instanceof RegExp ||
  (typeof value === 'object' && value !== null && Object.values(value).some(hasPattern));

export const ExpectedJsonSchema = v.pipe(
  v.unknown(),
  v.check(
    (value) => isJson(withoutBigInts(value)),
    ({ input }) =>
      hasPattern(input)
        ? 'must be a value, not a regular expression: one can be held against the text of the body, by `body`'
        : 'must be a value that JSON can hold',
  ),
  v.check(
    isExact,
    'has a number beyond 2^53, where those of JavaScript have gaps: write it with an n, as 12345678901234567890n',
  ),
);
