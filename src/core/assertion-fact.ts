/**
 * Extracts the two values from a failed assertion's output. Each tool has its own format: a comparison, a line diff, or
 * a label before each value; usually below the line with the error.
 */

import { shorten } from './shorten.ts';
import { plural } from './units.ts';

/** How many lines below the error belong to it. */
const REACH = 40;
const LONGEST_VALUE = 120;

/** A line without indentation and the prefixes of test runners. */
const plain = (line: string): string => line.replace(/^(?:E {3,}|[\s|#│])+/, '').trimEnd();

const short = (value: string): string => {
  const whole = value.trim().replace(/,$/, '');
  return shorten(whole, LONGEST_VALUE);
};

/** `4200 !== 4201`, alone on a line. */
const COMPARISON = /^\S.* (?:[!=]==?) \S/;

/** Legends that say which sign in the diff below means which value. */
const EXPECTED_IS_MINUS = /^(?:- expected\b.*|--- expected\b.*|.*\(-want \+got\):|received:)$/i;
const EXPECTED_IS_PLUS = /^(?:\+ actual - expected\b.*|\+ expected - actual|.*\(- actual, \+ expected\):)$/i;
const EXPECTED_IS_DOUBLE_PLUS = /^(?:\+\+.* \(expected\)|--.* \(actual\))$/i;
/** Lines that continue a legend, or surround a diff without being part of it. */
const LEGEND_GOES_ON = /^(?:\+ received\b.*|\+\+\+ actual\b.*|@@ .*)$/i;
const DIFFERENCE_ENDS = /^\s*(?:at \S|❯ |generatedMessage: |code: '|[\d>][ \d>]*\| |Test: {3}|stack: )/;

interface Hunk {
  readonly expected: string[];
  readonly got: string[];
}

/** Which sign marks the expected value; undefined: the line is not a legend. */
function expectedSign(line: string): '+' | '-' | undefined {
  if (/^\+ actual - expected\b/.test(line)) return '-';
  if (EXPECTED_IS_PLUS.test(line)) return '+';
  return EXPECTED_IS_MINUS.test(line) ? '-' : undefined;
}

function hunksOf(lines: readonly string[], sign: '+' | '-'): Hunk[] {
  const hunks: Hunk[] = [];
  let isOpen = false;
  for (const line of lines) {
    const text = plain(line);
    if (LEGEND_GOES_ON.test(text)) continue;
    if (DIFFERENCE_ENDS.test(line) || expectedSign(text) !== undefined) break;
    const [, found, value = ''] = /^([+-])(.*)$/.exec(text) ?? [];
    if (found === undefined) {
      isOpen = false;
      continue;
    }
    if (!isOpen) hunks.push({ expected: [], got: [] });
    isOpen = true;
    const hunk = hunks.at(-1);
    (found === sign ? hunk?.expected : hunk?.got)?.push(value.trim());
  }
  return hunks;
}

function tellHunks(hunks: readonly Hunk[]): string | undefined {
  const [first] = hunks;
  if (first === undefined) return undefined;
  const expected = short(first.expected.join(' '));
  const got = short(first.got.join(' '));
  const others = hunks.length - 1;
  const more = others === 0 ? '' : `, and ${plural(others, 'more difference')}`;
  if (first.expected.length === 0) return `unexpected ${got}${more}`;
  if (first.got.length === 0) return `missing ${expected}${more}`;
  return `expected ${expected}, got ${got}${more}`;
}

function difference(below: readonly string[]): string | undefined {
  for (const [index, line] of below.entries()) {
    const text = plain(line);
    if (EXPECTED_IS_DOUBLE_PLUS.test(text)) return doubled(below.slice(index));
    const sign = expectedSign(text);
    if (sign === undefined) continue;
    const told = tellHunks(hunksOf(below.slice(index + 1), sign));
    if (told !== undefined) return told;
  }
  return undefined;
}

/** uvu: `++200    (Expected)` and `--500    (Actual)`. */
function doubled(lines: readonly string[]): string {
  const value = (sign: string): string =>
    short((lines.map(plain).find((line) => line.startsWith(sign)) ?? '').slice(2).replace(/ \(\w+\)$/, ''));
  return `expected ${value('++')}, got ${value('--')}`;
}

/** A labelled value, in most languages; it may be on the next line. */
const EXPECTED_LABEL =
  /^(?:- )?(?:expected|desired)(?: (?:length|substring|pattern|value|path|message|object|constructor|string|number of calls))? *:(?: (.*))?$/i;
const GOT_LABEL =
  /^(?:\+ )?(?:actual|got|received(?: (?:length|string|value|path|message|object|constructor|number of calls))?) *:(?: (.*))?$/i;
const RUST_SIDE = /^(left|right): (.+)$/;

function labelled(below: readonly string[], label: RegExp): string | undefined {
  const at = below.findIndex((line) => label.test(plain(line)));
  if (at === -1) return undefined;
  const beside = label.exec(plain(below[at] ?? ''))?.[1]?.trim() ?? '';
  // The first line of a longer value is of no use alone.
  if (beside !== '') return /^[[{]$/.test(beside) ? undefined : short(beside);
  const next = plain(below[at + 1] ?? '');
  return next === '' || next.endsWith(':') ? undefined : short(next);
}

/** Facts on a line of their own: the failed condition in Bats, both values in test-unit. */
function inOneLine(below: readonly string[]): string | undefined {
  const lines = below.map(plain);
  const at = lines.findIndex((line) => /^(?:`.+' failed|<.*> expected but was$)/.test(line));
  const found = lines[at];
  return found?.startsWith('<') === true ? `${found} ${lines[at + 1] ?? ''}` : found;
}

function labels(below: readonly string[], telling: string): string | undefined {
  const sides = below.flatMap((line) => RUST_SIDE.exec(plain(line)) ?? []);
  if (sides.length >= 6) return `left is ${short(sides[2] ?? '')}, right is ${short(sides[5] ?? '')}`;
  const expected = labelled(below, EXPECTED_LABEL);
  const got = labelled(below, GOT_LABEL);
  if (expected === undefined) return inOneLine(below);
  if (telling.includes(expected) && (got === undefined || telling.includes(got))) return undefined;
  if (IS_NO_VALUE.test(expected)) return undefined;
  const silent = below.map(plain).find((line) => /^Received function did not throw$/.test(line));
  if (silent !== undefined) return `expected ${expected}, r${silent.slice(1)}`;
  // When an error was expected, there is no other value.
  return got === undefined || got === 'undefined'
    ? `expected ${expected}`
    : `expected ${expected}, got ${got}`;
}

/** node:assert's stand-ins for a condition, a failure, or a (missing) error: the error line says it all. */
const IS_NO_VALUE = /^(?:true|undefined|null|\[Function: .*)$/;

/** Lines that say only that something was compared. */
const SAYS_NOTHING = /`left [!=]= right`|Expected values to be|to be called/;
const COMPARES = / [!=]==? \S/;
const SAYS_BOTH = /^expected:? .+ (?:to|but was|but got|got|received)\b/i;

/** Whether a line contains both values. */
function holdsBoth(line: string): boolean {
  if (SAYS_NOTHING.test(line)) return false;
  return COMPARES.test(line) || SAYS_BOTH.test(line.slice(Math.max(0, line.search(/\bexpected\b/i))));
}

const IS_CUT = /…|\.\.\.|\bArray\(\d+\)/;

/**
 * @param lines of the output, starting with that of the failed assertion
 * @param telling the part of that line that is shown
 * @returns the expected and the actual value, unless `telling` contains them; undefined when they are not found
 */
export function assertionFact(lines: readonly string[], telling: string): string | undefined {
  if (holdsBoth(telling) && !IS_CUT.test(telling)) return undefined;
  const below = lines.slice(1, REACH);
  const next = below.map(plain).find((line) => line !== '') ?? '';
  if (COMPARISON.test(next) && !telling.includes(next)) return short(next);
  // The line itself may be the legend.
  return difference(lines.slice(0, REACH)) ?? labels(below, telling);
}
