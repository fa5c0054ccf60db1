import { Scanner } from './scanner.ts';
import { quote, readString } from './strings.ts';
import { type JsonValue, MAX_DEPTH } from './value.ts';

const SPACE = /[ \t\n\r]+/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const WORDS = new Map<string, JsonValue>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/**
 * Reads one JSON text, more strictly than `JSON.parse`: an object may not name a key twice, a number
 * must fit a double, a string must be well-formed Unicode and nesting is bounded.
 *
 * @param text the JSON text
 * @returns the value it stands for
 * @throws JsonSyntaxError with line and column of the first fault
 */
export function parse(text: string): JsonValue {
  const scan = new Scanner(text);
  const value = readValue(scan, 0);
  if (scan.offset < text.length) throw scan.expected('the end');
  return value;
}

function readValue(scan: Scanner, depth: number): JsonValue {
  scan.match(SPACE);
  const value = readBare(scan, depth);
  scan.match(SPACE);
  return value;
}

function readBare(scan: Scanner, depth: number): JsonValue {
  if (depth > MAX_DEPTH) throw scan.error(`nested deeper than ${MAX_DEPTH} levels`);
  if (scan.take('{')) return readObject(scan, depth);
  if (scan.take('[')) return readArray(scan, depth);
  if (scan.take('"')) return readString(scan);
  const word = WORDS.get(scan.match(WORD));
  return word === undefined ? readNumber(scan) : word;
}

function readNumber(scan: Scanner): number {
  const start = scan.offset;
  const digits = scan.match(NUMBER);
  if (!digits) throw scan.expected('a value');
  const value = Number(digits);
  if (!Number.isFinite(value)) throw scan.error('number too large for a double', start);
  return value;
}

function readArray(scan: Scanner, depth: number): JsonValue[] {
  const items: JsonValue[] = [];
  scan.match(SPACE);
  if (scan.take(']')) return items;
  do items.push(readValue(scan, depth + 1));
  while (scan.take(','));
  if (!scan.take(']')) throw scan.expected('"," or "]"');
  return items;
}

function readObject(scan: Scanner, depth: number): JsonValue {
  const members = new Map<string, JsonValue>();
  scan.match(SPACE);
  if (scan.take('}')) return {};
  do {
    scan.match(SPACE);
    const start = scan.offset;
    if (!scan.take('"')) throw scan.expected('a key in double quotes');
    const key = readString(scan);
    if (members.has(key)) throw scan.error(`duplicate key ${quote(key)}`, start);
    scan.match(SPACE);
    if (!scan.take(':')) throw scan.expected('":"');
    members.set(key, readValue(scan, depth + 1));
  } while (scan.take(','));
  if (!scan.take('}')) throw scan.expected('"," or "}"');
  // Defines each property instead of assigning it, so that "__proto__" is a key like any other.
  return Object.fromEntries(members);
}
