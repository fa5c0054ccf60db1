/** JSON whose numbers are what they say, also where those of JavaScript are not: beyond 2^53, or with many digits. */
import type { JsonValue } from './load.ts';

/** So many digits, or an exponent, may say more than a number of JavaScript can hold. */
const MAY_SAY_MORE = /\d[\d.]{15}|\d[eE][-+\d]/;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const PARTS = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** A longer exponent is not added to. */
const LONGEST_EXPONENT = 15;

/** Index of the first, or after the last, digit that is not 0. */
function withoutZeros(digits: string): { from: number; to: number } {
  let from = 0;
  let to = digits.length;
  while (from < to && digits[from] === '0') from += 1;
  while (to > from && digits[to - 1] === '0') to -= 1;
  return { from, to };
}

/** The same text for all ways to write a number. */
function canonical(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = PARTS.exec(text) ?? [];
  const digits = whole + fraction;
  const { from, to } = withoutZeros(digits);
  if (from === to) return '0';
  const shift = digits.length - to - fraction.length;
  const scale = exponent.length > LONGEST_EXPONENT ? `${exponent}+${shift}` : Number(exponent) + shift;
  return `${sign}${digits.slice(from, to)}e${scale}`;
}

/** Whether a number of JavaScript holds what a text says. */
function isHeld(text: string): boolean {
  const value = Number(text);
  return Number.isFinite(value) && canonical(String(value)) === canonical(text);
}

/** A number that none of JavaScript is. */
export class ExactNumber {
  /** As it was written. */
  readonly text: string;
  readonly #canonical: string;

  constructor(text: string) {
    this.text = text;
    this.#canonical = canonical(text);
  }

  equals(other: unknown): boolean {
    return other instanceof ExactNumber && other.#canonical === this.#canonical;
  }
}

/** Where a string of JSON ends that begins at `from`. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Puts an object with one name in the place of each number that is not held. */
function marked(text: string, mark: string): string {
  let result = '';
  let copied = 0;
  for (let at = 0; at < text.length; ) {
    const char = text[at] as string;
    NUMBER.lastIndex = at;
    const number = char === '-' || (char >= '0' && char <= '9') ? NUMBER.exec(text)?.[0] : undefined;
    if (number !== undefined && !isHeld(number)) {
      result += `${text.slice(copied, at)}{"${mark}":"${number}"}`;
      copied = at + number.length;
    }
    at = char === '"' ? endOfString(text, at) : at + (number?.length ?? 1);
  }
  return result + text.slice(copied);
}

/**
 * As `JSON.parse`, but with an ExactNumber where a number of JavaScript would be another one.
 *
 * @throws SyntaxError, the one of `JSON.parse`
 */
export function parseExactJson(text: string): unknown {
  const plain: unknown = JSON.parse(text);
  if (!MAY_SAY_MORE.test(text)) return plain;
  // Drawn anew each time: no text can have the name in it on purpose.
  const mark = `exact ${Math.random()} ${Math.random()}`;
  return JSON.parse(marked(text, mark), (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, mark)) return value;
    return new ExactNumber((value as Record<string, string>)[mark] as string);
  });
}

/** As `JSON.stringify`, for what `parseExactJson` gives, and for integers of any size. */
export function exactJson(value: unknown): string {
  if (value instanceof ExactNumber) return value.text;
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(exactJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, each]) => `${JSON.stringify(name)}:${exactJson(each)}`)
    .join(',')}}`;
}

/** Whether two values are the same; the order of the names in an object does not matter. */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (one instanceof ExactNumber) return one.equals(other);
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other;
  if (other instanceof ExactNumber || Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every(
      (name) =>
        Object.hasOwn(other, name) &&
        isSameJson((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name]),
    )
  );
}

/** A value as plain data, and its text beside it where that is not all of it. */
export function asPlainJson(value: unknown): { readonly value: JsonValue; readonly text?: string } {
  const text = exactJson(value);
  const plain = JSON.parse(text) as JsonValue;
  return isSameJson(parseExactJson(text), plain) ? { value: plain } : { value: plain, text };
}
