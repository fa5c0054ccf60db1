/** JSON with exact numbers, even where JavaScript's are not: beyond 2^53, or with many digits. */
import type { JsonValue } from './load.ts';

/** A number with this many digits, or an exponent, may exceed what JavaScript can represent. */
const MAY_SAY_MORE = /\d[\d.]{15}|\d[eE][-+\d]/;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const PARTS = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** Longer exponents are not computed with. */
const LONGEST_EXPONENT = 15;

/** The index of the first nonzero digit, and that after the last one. */
function withoutZeros(digits: string): { from: number; to: number } {
  let from = 0;
  let to = digits.length;
  while (from < to && digits[from] === '0') from += 1;
  while (to > from && digits[to - 1] === '0') to -= 1;
  return { from, to };
}

/** A canonical form: the same for all notations of a number. */
function canonical(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = PARTS.exec(text) ?? [];
  const digits = whole + fraction;
  const { from, to } = withoutZeros(digits);
  if (from === to) return '0';
  const shift = digits.length - to - fraction.length;
  const scale = exponent.length > LONGEST_EXPONENT ? `${exponent}+${shift}` : Number(exponent) + shift;
  return `${sign}${digits.slice(from, to)}e${scale}`;
}

/** Whether JavaScript represents a number exactly. */
function isHeld(text: string): boolean {
  const value = Number(text);
  return Number.isFinite(value) && canonical(String(value)) === canonical(text);
}

/** A number that JavaScript cannot represent. */
export class ExactNumber {
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

/** The end of the JSON string that begins at `from`. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** What is left of JSON without its strings; something stands between any two numbers still. */
function withoutStrings(text: string): string {
  let rest = '';
  let from = 0;
  for (let quote = text.indexOf('"'); quote !== -1; quote = text.indexOf('"', from)) {
    rest += text.slice(from, quote);
    from = endOfString(text, quote);
  }
  return rest + text.slice(from);
}

/** Replaces each inexact number by an object with a single, unguessable key. */
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
 * Like `JSON.parse`, but gives an ExactNumber where a JavaScript number would be inexact.
 *
 * @throws the SyntaxError of `JSON.parse`
 */
export function parseExactJson(text: string): unknown {
  const plain: unknown = JSON.parse(text);
  // Most ids within texts look like such numbers.
  if (!MAY_SAY_MORE.test(text) || !MAY_SAY_MORE.test(withoutStrings(text))) return plain;
  // Random, so that no text can contain the key on purpose.
  const mark = `exact ${Math.random()} ${Math.random()}`;
  return JSON.parse(marked(text, mark), (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, mark)) return value;
    return new ExactNumber((value as Record<string, string>)[mark] as string);
  });
}

/** Like `JSON.stringify`, for results of `parseExactJson` and for integers of any size. */
export function exactJson(value: unknown): string {
  if (value instanceof ExactNumber) return value.text;
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(exactJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, each]) => `${JSON.stringify(name)}:${exactJson(each)}`)
    .join(',')}}`;
}

/** Whether two values are equal, whatever the order of keys. */
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

/** A value as plain data, with its exact text where that loses digits. */
export function asPlainJson(value: unknown): { readonly value: JsonValue; readonly text?: string } {
  const text = exactJson(value);
  const plain = JSON.parse(text) as JsonValue;
  return isSameJson(parseExactJson(text), plain) ? { value: plain } : { value: plain, text };
}
