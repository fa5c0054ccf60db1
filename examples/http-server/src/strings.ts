import { decoded, encoded } from './escapes.ts';
import type { Scanner } from './scanner.ts';

// "unescaped" of the JSON grammar and its complement; control characters stay out of the source this way.
const UNESCAPED = /[ !#-[\]-\uffff]+/y;
const TO_ESCAPE = /[^ !#-[\]-\uffff]/g;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Writes a string as canonical JSON.
 *
 * @param text any string
 * @returns the string in double quotes, with no more escapes than JSON demands
 * @throws TypeError for half of a surrogate pair, which UTF-8 cannot carry
 */
export function quote(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('a string with a lone surrogate has no JSON form');
  return `"${text.replace(TO_ESCAPE, (character) => encoded().get(character) ?? character)}"`;
}

/**
 * Reads the rest of a string whose opening quote has just been read.
 *
 * @param scan stands behind the opening quote, afterwards behind the closing one
 * @returns the string which the text stands for
 * @throws JsonSyntaxError for bad escapes, raw control characters, lone surrogates and a missing end
 */
export function readString(scan: Scanner): string {
  const start = scan.offset - 1;
  let value = '';
  while (!scan.take('"')) {
    const piece = scan.match(UNESCAPED) || decode(scan.match(ESCAPE));
    if (!piece) throw scan.expected('more of a string or its closing quote');
    value += piece;
  }
  if (!value.isWellFormed()) throw scan.error('string with a lone surrogate', start);
  return value;
}

function decode(escaped: string): string {
  return escaped.startsWith('\\u')
    ? String.fromCharCode(Number.parseInt(escaped.slice(2), 16))
    : (decoded().get(escaped) ?? '');
}
