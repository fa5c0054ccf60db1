/** Keeps the first test that failed by the Test Anything Protocol: thousands that passed may be printed after it. */
import { errorLine } from '../../core/headline.ts';
import type { OutputScanner } from './scanner.ts';
import { EXCERPT_LINES, type Watch } from './watch.ts';

const NAME = 'failed TAP test';
const FAILURE = /^\s*not ok \d+\b(?!.*\s# (?:todo|skip)\b)/i;

/** What to look for in the output of a step. */
export const TAP_FAILURES: Watch = {
  name: NAME,
  regex: FAILURE,
  extent: EXCERPT_LINES,
  requiredText: ['not ok '],
};

/** How the report of a runner ends that has run all its tests. */
const SUMMARY = /^(?:# (?:fail(?:ed)?|tests)\b|1\.\.\d+$)/;
const SUMMARY_LINES = 12;

/**
 * @param tail the last lines of the output
 * @returns the lines about the test that failed first; undefined if the last lines tell of a failure themselves
 */
export function failedTest(scanner: OutputScanner, tail: readonly string[]): readonly string[] | undefined {
  const [first] = scanner.sightings().find(({ name }) => name === NAME)?.excerpts ?? [];
  if (first === undefined || tail.some((line) => FAILURE.test(line))) return undefined;
  const isWhole = tail.slice(-SUMMARY_LINES).some((line) => SUMMARY.test(line));
  // Tests that passed may have printed errors; a program that ended before its summary says at its end why.
  if (!isWhole && errorLine(tail) !== undefined) return undefined;
  const next = first.text.findIndex((line, at) => at > 0 && /^\s*(?:not )?ok \d/.test(line));
  const own = next === -1 ? first.text : first.text.slice(0, next);
  const end = own.findIndex((line) => /^\s*\.\.\.$/.test(line));
  return end === -1 ? own : own.slice(0, end + 1);
}
