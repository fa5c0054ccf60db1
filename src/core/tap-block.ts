/** What the diagnostics of a failed TAP test say: a block of YAML, as far as test runners write it. */

import { shorten } from './shorten.ts';
import { plural } from './units.ts';

const NOT_OK = /^\s*not ok\b/;
const KEY = /^( *)([\w$-]+):(?: (.*))?$/;
/** A text of several lines, which follow: `|-`. */
const FOLLOWS = /^[|>][-+]?\d?[-+]?$/;

/** How many lines a block may have: a stack may be long. */
const MOST_LINES = 200;
const LONGEST_LINE = 120;

const indentOf = (line: string): number => /^ */.exec(line)?.[0].length ?? 0;
const isDeeper = (line: string, indent: number): boolean => line.trim() === '' || indentOf(line) > indent;

interface Value {
  readonly lines: readonly string[];
  /** Whether it stands below its key. */
  readonly isBelow: boolean;
  /** What is nested in it, as lines. */
  readonly nested?: readonly string[];
}

/** Values by their keys. */
export type TapBlock = ReadonlyMap<string, Value>;

/** `'it''s'` or `"it's"`, without the quotes. */
function unquoted(text: string): string {
  const [, single] = /^'(.*)'$/.exec(text) ?? [];
  const [, double] = /^"(.*)"$/.exec(text) ?? [];
  if (double !== undefined) return double.replaceAll('\\"', '"');
  return single === undefined ? text.trim() : single.replaceAll("''", "'").replaceAll("\\'", "'");
}

/** @returns the lines of a text that begins below its key, without their common indentation */
function textBelow(lines: readonly string[], indent: number): string[] {
  const end = lines.findIndex((line) => !isDeeper(line, indent));
  const own = lines.slice(0, end === -1 ? lines.length : end);
  const margin = Math.min(...own.filter((line) => line.trim() !== '').map(indentOf));
  return own.map((line) => line.slice(margin).trimEnd());
}

/**
 * @param output beginning with the line of a failed test; blank ones may be missing
 * @returns undefined if no block follows it
 */
export function tapBlock(output: readonly string[]): TapBlock | undefined {
  const [first = '', start = '', ...rest] = output.slice(0, MOST_LINES);
  if (!NOT_OK.test(first) || start.trim() !== '---') return undefined;
  const indent = rest[0] === undefined ? 0 : indentOf(rest[0]);
  const block = new Map<string, Value>();
  for (const [at, line] of rest.entries()) {
    if (/^\s*\.\.\.$/.test(line)) break;
    const [, margin = '', key, value = ''] = KEY.exec(line) ?? [];
    if (key === undefined || margin.length !== indent || block.has(key)) continue;
    const isBelow = FOLLOWS.test(value);
    const lines = isBelow ? textBelow(rest.slice(at + 1), indent) : [unquoted(value)];
    const nested = value === '' && !isBelow ? textBelow(rest.slice(at + 1), indent) : [];
    block.set(key, { lines, isBelow, ...(nested.length === 0 ? {} : { nested }) });
  }
  return block;
}

const cut = (line: string): string => shorten(line, LONGEST_LINE);

/** How much is shown of what two lines have in common before they differ. */
const BEFORE = 40;

/** A long line from shortly before the place where it differs from another. */
function around(line: string, other: string): string {
  if (line.length <= LONGEST_LINE) return line;
  const same = [...line].findIndex((character, at) => character !== other[at]);
  return same <= BEFORE ? cut(line) : cut(`…${line.slice(same - BEFORE)}`);
}

/** Both values, if one of them stands below its key: the first lines in which they differ. */
export function tapValues(block: TapBlock): string | undefined {
  const expected = block.get('expected') ?? block.get('wanted');
  const got = block.get('actual') ?? block.get('found');
  if (expected === undefined || got === undefined) return undefined;
  if (![expected, got].some(({ isBelow, nested }) => isBelow || nested !== undefined)) return undefined;
  const linesOf = ({ lines, nested }: Value): readonly string[] =>
    nested?.map((line) => line.trim()) ?? lines;
  const [wants, finds] = [linesOf(expected), linesOf(got)];
  const length = Math.max(wants.length, finds.length);
  const pairs = Array.from({ length }, (_, at) => [wants[at] ?? '', finds[at] ?? ''] as const);
  const [first, ...others] = pairs.filter(([wanted, found]) => wanted !== found);
  // Blank lines are lost on the way.
  if (first === undefined) return undefined;
  const [wanted, found] = first;
  const more = others.length === 0 ? '' : `, and ${plural(others.length, 'more difference')}`;
  if (wanted === '') return `unexpected ${cut(found)}${more}`;
  if (found === '') return `missing ${cut(wanted)}${more}`;
  return `expected ${around(wanted, found)}, got ${around(found, wanted)}${more}`;
}

/** What runners say themselves of a comparison, or of tests within a test. */
const OF_RUNNERS =
  /^(?:Expected .*:|The (?:input|expression|function|validation) .*:?|Values? .*:|test failed|\d+ subtests? failed)$/;

/** What the program said of its failure: the first line. */
export function tapMessage(block: TapBlock): string | undefined {
  const text = (block.get('error') ?? block.get('message'))?.lines.find((line) => line.trim() !== '');
  return text === undefined || OF_RUNNERS.test(text) ? undefined : cut(text);
}

/** @returns the index of the failed test within a failed test that only says so; else the same */
export function innermostFailure(lines: readonly string[], at: number): number {
  const [error = ''] = tapBlock(lines.slice(at))?.get('error')?.lines ?? [];
  if (!/^\d+ subtests? failed$/.test(error)) return at;
  const outer = indentOf(lines[at] ?? '');
  const inner = lines.slice(0, at).findLastIndex((line) => NOT_OK.test(line) && indentOf(line) > outer);
  return inner === -1 ? at : innermostFailure(lines, inner);
}
