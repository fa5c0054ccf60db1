/** What the single tests of a command say about it. */
import { firstFew, nameFew } from '../../../core/few.ts';
import type { Finding } from '../../../core/finding.ts';
import {
  failedTests,
  type TestCase,
  type TestResults,
  testPlace,
  testTitle,
} from '../../../core/test-results.ts';
import { plural } from '../../../core/units.ts';
import type { OutputScanner } from '../../../process/output/scanner.ts';
import { quoted, withoutTests } from '../../../process/output/test-runs.ts';
import { visibleLine } from '../../../process/output/visible-line.ts';
import type { ToldTests } from './step-tests.ts';

const NAMED = 3;
const LISTED = 10;
const DETAILS = 12;

/** `test_math.py › test_adds at test_math.py:12: AssertionError: 2 != 1` */
function failureLine(test: TestCase, cause?: string): string {
  const place = testPlace(test);
  const reason = test.message ?? cause;
  return visibleLine(
    `${testTitle(test)}${place === undefined ? '' : ` at ${place}`}${reason === undefined ? '' : `: ${reason}`}`,
  );
}

/**
 * @param cause the most telling line of the output, for a test that says nothing itself
 * @returns in one line how many tests failed, which, and why the first of them; and all of them with what the first one said.
 *   Undefined if none did
 */
export function failuresOf(
  { counts, cases, isComplete }: TestResults,
  cause?: string,
): { readonly message: string; readonly evidence: readonly string[] } | undefined {
  const failed = failedTests(cases);
  const groups = cases.filter(({ outcome }) => outcome === 'failed').length - failed.length;
  const [first, ...others] = failed;
  if (counts.failed === 0) return undefined;
  const all = counts.passed + counts.failed + counts.skipped;
  const many = `${counts.failed} of ${plural(all, 'test')}${isComplete ? '' : ' so far'} failed`;
  if (first === undefined) return cause === undefined ? { message: many, evidence: [] } : undefined;
  const rest = Array.from({ length: counts.failed - groups - 1 }, (_, at) =>
    at < NAMED - 1 ? others[at] : undefined,
  );
  const names = rest.map((test) => (test === undefined ? '' : visibleLine(testTitle(test))));
  const also = names.length === 0 ? '' : `; also ${nameFew(names, Math.min(NAMED - 1, others.length))}`;
  const lines =
    others.length === 0
      ? []
      : firstFew(
          failed.map((test) => failureLine(test)),
          LISTED,
        );
  const details = first.output.slice(0, DETAILS).map((line) => visibleLine(line));
  return {
    message: `${many}: ${failureLine(first, cause)}${also}`,
    evidence: [...lines, ...(lines.length === 0 || details.length === 0 ? [] : ['']), ...details],
  };
}

const LOST = 'something on the way has lost the exit code of its tests, such as a pipe or `|| true`';

/** Tests that failed although the command exited with 0. Whoever expects another code expects failures, too. */
function lostFailures(
  { name: step, title = step }: { readonly name: string; readonly title?: string },
  scanner: OutputScanner,
  { results, summary, saysFailed, broken }: ToldTests,
): Finding[] {
  if (results === undefined) return [];
  const { from, counts } = results;
  const count = Math.max(counts.failed, saysFailed);
  const isPrinted = from === null;
  const line = (count === 0 ? null : summary) ?? broken?.line ?? null;
  // Who calls a runner again, for those that failed, goes by its last call.
  if ((count === 0 && line === null) || (isPrinted && (line === null || scanner.allows(line)))) return [];
  const told = failuresOf(results) ?? {
    message: broken?.words ?? `${plural(count, 'test')} failed, by the sum in ${from}`,
    evidence: line !== null && broken?.line === line ? [visibleLine(line)] : [],
  };
  const allow = isPrinted ? `; if that is meant, allow it: expect: { allow: [${quoted(line ?? '')}] }` : '';
  return [
    {
      code: 'failed-tests',
      step,
      message: `${title} exited with code 0, although ${told.message}`,
      ...(told.evidence.length === 0 ? {} : { evidence: told.evidence }),
      hint: `${(line === broken?.line ? broken?.hint : undefined) ?? LOST}${allow}`,
      count,
    },
  ];
}

/** A file without a single test that ran: zero work never passes. */
function nothingRan(step: string, title: string, { from, counts }: TestResults): Finding[] {
  if (counts.passed + counts.failed > 0) return [];
  const what =
    counts.skipped === 0
      ? `there is no test in ${from}`
      : `all ${plural(counts.skipped, 'test')} in ${from} were skipped`;
  return [
    {
      code: 'zero-work',
      step,
      message: `${title} ran no test: ${what}`,
      hint:
        counts.skipped > 0
          ? 'find out why they are skipped'
          : 'check which files and names its runner looks for',
    },
  ];
}

/** @returns what the tests of a command say against it, which has ended with a code that was expected */
export function judgeTests(
  step: { readonly name: string; readonly title?: string },
  exitCode: number,
  scanner: OutputScanner,
  told: ToldTests,
): Finding[] {
  const { name, title = name } = step;
  const { results } = told;
  const lost = exitCode === 0 ? lostFailures(step, scanner, told) : [];
  const fromFile = results !== undefined && results.from !== null;
  const none =
    fromFile && told.saysFailed === 0
      ? nothingRan(name, title, results)
      : fromFile
        ? []
        : withoutTests(scanner, step);
  return [...lost, ...told.findings, ...none];
}

/** @returns a note why tests that were seen are not told, however their command has ended; none if that is not so */
export function untoldTests(
  { name: step, title = step }: { readonly name: string; readonly title?: string },
  { untold }: ToldTests,
): Finding[] {
  if (untold === null) return [];
  return [
    {
      code: 'untold-tests',
      step,
      message: `the single tests of ${title} are not told: ${untold}`,
      hint: 'give each runner a component of its own, or have them write JUnit XML and name it: results',
    },
  ];
}
