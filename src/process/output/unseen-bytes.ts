/**
 * Finds what a reader does not see (`core/unseen.ts`) in bytes of UTF-8, without decoding them. Where the bytes end within a
 * character that may be one of these, or within a sequence, that counts as well.
 */
import { isAscii } from 'node:buffer';
import { Gaps } from '../../core/gaps.ts';
import { isUnseen, someWithoutWidth } from '../../core/unseen.ts';

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BELL = 0x07;
const ESCAPE = 0x1b;
const BACKSLASH = 0x5c;
const DELETE = 0x7f;
/** The first byte of a control character beyond ASCII. */
const C1 = 0xc2;
/** The second bytes of those that begin a control sequence, begin a string, and end one. */
const CONTROL_SEQUENCE = 0x9b;
const STRINGS = new Set([0x90, 0x98, 0x9d, 0x9e, 0x9f]);
const STRING_END = 0x9c;
/** What follows an escape. */
const BRACKET = 0x5b;
const STRINGS_ESCAPED = new Set(Buffer.from(']PX^_'));

/** What may begin something unseen: 1 for ASCII, otherwise the length of the character. */
const BEGINS = new Uint8Array(256);
const CONTROLS = Array.from({ length: 0x20 }, (_, byte) => byte).filter(
  (byte) => byte !== TAB && byte !== NEWLINE,
);
CONTROLS.push(DELETE);
for (const byte of CONTROLS) BEGINS[byte] = 1;
/** By the first two bytes of a character beyond ASCII, whether it may be unseen: most scripts need no look at the rest. */
const MAY_BE = new Uint8Array(1 << 16);
const enter = (code: number): void => {
  const [first = 0, second = 0, ...more] = Buffer.from(String.fromCodePoint(code));
  BEGINS[first] = more.length + 2;
  MAY_BE[(first << 8) | second] = 1;
};
for (let code = 0x80; code <= 0x9f; code += 1) enter(code);
someWithoutWidth(enter);

const isIn = (byte: number | undefined, first: number, last: number): boolean =>
  byte !== undefined && byte >= first && byte <= last;

function skip(bytes: Buffer, from: number, first: number, last: number): number {
  let at = from;
  while (isIn(bytes[at], first, last)) at += 1;
  return at;
}

/** Parameters, intermediate bytes, and the final one. */
function endOfControl(bytes: Buffer, from: number): number {
  const at = skip(bytes, skip(bytes, from, 0x30, 0x3f), 0x20, 0x2f);
  return isIn(bytes[at], 0x40, 0x7e) ? at + 1 : at;
}

/** A string ends by itself, or where a line or another sequence begins. */
function endOfString(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === BELL) return at + 1;
    if (byte === NEWLINE) return at;
    if (byte === ESCAPE) return bytes[at + 1] === BACKSLASH ? at + 2 : at;
    if (byte === C1 && bytes[at + 1] === STRING_END) return at + 2;
  }
  return bytes.length;
}

function endOfEscape(bytes: Buffer, from: number): number {
  const next = bytes[from];
  if (next === BRACKET) return endOfControl(bytes, from + 1);
  if (next !== undefined && STRINGS_ESCAPED.has(next)) return endOfString(bytes, from + 1);
  const at = skip(bytes, from, 0x20, 0x2f);
  return isIn(bytes[at], 0x30, 0x7e) ? at + 1 : at;
}

/** @param length of the character that begins there */
function endOfCharacter(bytes: Buffer, at: number, length: number): number {
  let code = (bytes[at] ?? 0) & (0x7f >> length);
  for (let index = 1; index < length; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) return bytes.length;
    if ((byte & 0xc0) !== 0x80) return at;
    code = (code << 6) | (byte & 0x3f);
  }
  if (!isUnseen(code)) return at;
  if (code === CONTROL_SEQUENCE) return endOfControl(bytes, at + length);
  return STRINGS.has(code) ? endOfString(bytes, at + length) : at + length;
}

/** The end of something unseen that begins there; the same place if nothing does. */
function unseenEnd(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) return at;
  if (byte === ESCAPE) return endOfEscape(bytes, at + 1);
  const length = BEGINS[byte] ?? 0;
  return length <= 1 ? at + length : endOfCharacter(bytes, at, length);
}

/** @param at where something that may be unseen begins, by its first byte */
const mayBeUnseen = (bytes: Buffer, at: number): boolean =>
  BEGINS[bytes[at] as number] === 1 ||
  at + 1 === bytes.length ||
  MAY_BE[((bytes[at] as number) << 8) | (bytes[at + 1] as number)] === 1;

/** The first byte from there on that may begin something unseen; their length if none does. */
function nextBeginning(bytes: Buffer, from: number): number {
  const { length } = bytes;
  let at = from;
  while (at < length && !(BEGINS[bytes[at] as number] !== 0 && mayBeUnseen(bytes, at))) at += 1;
  return at;
}

function areLineEnds(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(RETURN); at !== -1; at = bytes.indexOf(RETURN, at + 1))
    if (bytes[at + 1] !== NEWLINE) return false;
  return true;
}

/** Whether all of it is seen, as far as native searches tell: together they take a third of the time of one pass over it. */
const isPlain = (bytes: Buffer, ofLines: boolean): boolean =>
  isAscii(bytes) &&
  !CONTROLS.some((byte) => bytes.includes(byte) && !(ofLines && byte === RETURN && areLineEnds(bytes)));

const mayGoOn = (first: number | undefined): boolean => first === ESCAPE || first === C1;

interface Unseen {
  /** What is adjacent is one gap. */
  readonly gaps: Gaps;
  /** Where the last sequence begins if it may go on after the end of the bytes; otherwise their length. */
  readonly open: number;
}

/**
 * @param ofLines whether nothing is looked for that goes beyond a line: then it does not matter that a return before a newline
 *   is not seen, and that is left out where nothing else is unseen, which is much faster
 * @returns everything unseen
 */
export function unseenIn(bytes: Buffer, ofLines = false): Unseen {
  const gaps = new Gaps();
  if (isPlain(bytes, ofLines)) return { gaps, open: bytes.length };
  let last = 0;
  for (let at = nextBeginning(bytes, 0); at < bytes.length; at = nextBeginning(bytes, at)) {
    const start = at;
    for (let end = unseenEnd(bytes, at); end > at; end = unseenEnd(bytes, at)) {
      last = at;
      at = end;
    }
    if (at > start) gaps.add(start, at);
    else at += 1;
    if (at >= bytes.length && at > start && mayGoOn(bytes[last])) return { gaps, open: last };
  }
  return { gaps, open: bytes.length };
}
