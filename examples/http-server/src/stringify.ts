import { quote } from './strings.ts';
import { type JsonValue, MAX_DEPTH } from './value.ts';

/**
 * Writes a value as canonical JSON (RFC 8785): no whitespace, keys sorted by UTF-16 code units, numbers
 * as ECMAScript prints them. Equal values give equal texts.
 *
 * @param value what to write
 * @returns the canonical text
 * @throws TypeError for what JSON cannot say: NaN, infinities, undefined, functions, cycles
 */
export function stringify(value: JsonValue): string {
  return write(value, 0);
}

function write(value: JsonValue, depth: number): string {
  if (depth > MAX_DEPTH) throw new TypeError(`nested deeper than ${MAX_DEPTH} levels, perhaps a cycle`);
  if (value === null) return 'null';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'boolean' || Number.isFinite(value)) return String(value);
  // Array.from also visits holes, which map() would leave out of the text.
  if (Array.isArray(value)) return `[${Array.from(value, (item) => write(item, depth + 1)).join()}]`;
  if (typeof value === 'object') return writeObject(value, depth);
  throw new TypeError(`${String(value)} (${typeof value}) has no JSON form`);
}

function writeObject(value: { [key: string]: JsonValue }, depth: number): string {
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${quote(key)}:${write(member, depth + 1)}`);
  return `{${members.join()}}`;
}
