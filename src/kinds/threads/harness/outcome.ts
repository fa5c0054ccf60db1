/** The outcome of a call, in a form that can be sent to another process and compared. */
import { inspect, isDeepStrictEqual } from 'node:util';
import { shorten } from '../../../core/shorten.ts';

export interface Outcome {
  readonly threw: boolean;
  /** The result, or the words of the error, in plain form. */
  readonly value: unknown;
}

export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

/** An error's name and message, without its stack. */
export const wordsOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : `threw ${inspect(error, { depth: 1 })}`;

const LONGEST = 160;

/** A value for a person to read. */
export function show(value: unknown): string {
  const text = inspect(value, { depth: 3, breakLength: Number.POSITIVE_INFINITY, maxStringLength: LONGEST });
  return shorten(text, LONGEST);
}

export const showOutcome = ({ threw, value }: Outcome): string =>
  threw ? `an error (${value})` : show(value);

type Plain = Record<string, unknown>;

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/**
 * The same value without what a structured clone would lose or refuse: functions and symbols become their names,
 * instances of classes the properties that they own, errors their words, bytes a copy of their own.
 */
export function plain(value: unknown, seen = new Map<object, unknown>()): unknown {
  if (typeof value === 'function') return `[function ${value.name}]`;
  if (typeof value === 'symbol') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (seen.has(value)) return seen.get(value);
  if (ArrayBuffer.isView(value))
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer)
    return new Uint8Array(value).slice();
  if (value instanceof Error) return `[${wordsOf(value)}]`;
  if (value instanceof Date) return new Date(value);
  if (value instanceof RegExp) return String(value);
  if (value instanceof Map)
    return new Map([...value].map(([key, each]) => [plain(key, seen), plain(each, seen)]));
  if (value instanceof Set) return new Set([...value].map((each) => plain(each, seen)));
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    seen.set(value, list);
    for (const each of value) list.push(plain(each, seen));
    return list;
  }
  const object: Plain = {};
  seen.set(value, object);
  for (const [key, each] of Object.entries(value)) setOwn(object, key, plain(each, seen));
  return object;
}

/** An assignment to `__proto__`, a name like any other in JSON, would give it a prototype and no property. */
function setOwn(object: Plain, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

function sameBytes(expected: Uint8Array, actual: ArrayBufferView): boolean {
  const bytes =
    actual instanceof Uint8Array
      ? actual
      : new Uint8Array(actual.buffer, actual.byteOffset, actual.byteLength);
  return Buffer.compare(expected, bytes) === 0;
}

/** Nested deeper than this a value may be a circle, which the slow way can tell. */
const DEEPEST = 50;

/**
 * Whether a live value equals this plain form. Common types are compared directly; only the rest is converted first.
 */
export function same(expected: unknown, actual: unknown, depth = 0): boolean {
  if (Object.is(expected, actual)) return true;
  if (typeof actual === 'function' || typeof actual === 'symbol') return expected === plain(actual);
  if (typeof actual !== 'object') return false;
  // Errors and patterns have become text.
  if (typeof expected !== 'object') return actual !== null && expected === plain(actual);
  if (expected === null || actual === null) return false;
  if (depth > DEEPEST) return isDeepStrictEqual(expected, plain(actual));
  if (expected instanceof Uint8Array && ArrayBuffer.isView(actual)) return sameBytes(expected, actual);
  if (Array.isArray(expected) && Array.isArray(actual))
    return (
      expected.length === actual.length &&
      expected.every((each, index) => same(each, actual[index], depth + 1))
    );
  if (!isPlain(expected) || !isPlain(actual)) return isDeepStrictEqual(expected, plain(actual));
  const keys = Object.keys(expected);
  return (
    keys.length === Object.keys(actual).length &&
    keys.every(
      (key) =>
        Object.hasOwn(actual, key) && same((expected as Plain)[key], (actual as Plain)[key], depth + 1),
    )
  );
}

/** Makes one call and waits for its outcome. */
export async function settle(call: () => unknown): Promise<Outcome> {
  try {
    return { threw: false, value: plain(await call()) };
  } catch (error) {
    return { threw: true, value: wordsOf(error) };
  }
}
