/** The single tests that a command ran: read from a file that it wrote, or from what it printed. */

/** Who wrote them: a file format, or the runner whose output was read. */
export type TestFormat =
  | 'junit'
  | 'tap'
  | 'node'
  | 'pytest'
  | 'unittest'
  | 'go'
  | 'cargo'
  | 'nextest'
  | 'vitest'
  | 'jest'
  /** Different runners, one after the other. */
  | 'several';

export type TestOutcome = 'passed' | 'failed' | 'skipped';

export interface TestCase {
  readonly name: string;
  /** The path of the groups that it is in, such as its file or class; empty if there is none. */
  readonly suite: string;
  readonly outcome: TestOutcome;
  /** Null if it is not told. */
  readonly durationMs: number | null;
  /** As the runner tells it. */
  readonly file: string | null;
  /** From 1. */
  readonly line: number | null;
  /** Why it failed or was skipped, in one line. */
  readonly message: string | null;
  /** What it printed, and the details of its failure: the first lines. */
  readonly output: readonly string[];
}

export type TestCounts = Readonly<Record<TestOutcome, number>>;

/** The tests of one attempt at a component. */
export interface TestResults {
  readonly format: TestFormat;
  /** The file, or the pattern of several files, relative to the root of the run; null: read from output. */
  readonly from: string | null;
  /** Whether the runner came to its end: else these are the tests so far. */
  readonly isComplete: boolean;
  /** Of all tests, those in `cases` and those left out. */
  readonly counts: TestCounts;
  /** In the order in which they were told, as many as are kept: failed ones rather than others. */
  readonly cases: readonly TestCase[];
  /** How many were left out. */
  readonly left: number;
}

/** How many tests are kept. */
export const MOST_CASES = 5000;

const none = { passed: 0, failed: 0, skipped: 0 };

/** How many tests there are of each outcome. */
export function countTests(cases: readonly Pick<TestCase, 'outcome'>[]): TestCounts {
  const counts: Record<TestOutcome, number> = { ...none };
  for (const { outcome } of cases) counts[outcome] += 1;
  return counts;
}

/** Of tests that consist of others, what node and pytest say of them if nothing but those failed. */
const OF_PARTS = /^(?:contains )?\d+ (?:failed subtests?|subtests? failed)$/;

/**
 * @returns those that failed by themselves, in order: one that failed only because of its parts is left out if one of them
 *   is here, which says why
 */
export function failedTests(cases: readonly TestCase[]): TestCase[] {
  const failed = cases.filter(({ outcome }) => outcome === 'failed');
  const groups = new Set(
    failed.flatMap(({ suite }) => {
      const path = suite.split(' › ');
      return path.map((_, at) => path.slice(0, at + 1).join(' › '));
    }),
  );
  return failed.filter((test) => !OF_PARTS.test(test.message ?? '') || !groups.has(testTitle(test)));
}

/** `412 passed, 3 skipped`; `so far` if the runner did not come to its end. */
export function showCounts({ counts, isComplete }: Pick<TestResults, 'counts' | 'isComplete'>): string {
  const { passed, failed, skipped } = counts;
  if (passed + failed + skipped === 0) return 'no test ran';
  const parts = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(passed > 0 ? [`${passed} passed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  return `${parts.join(', ')}${isComplete ? '' : ' so far'}`;
}

/** `suite › name`, or the name alone. */
export const testTitle = ({ suite, name }: Pick<TestCase, 'suite' | 'name'>): string =>
  suite === '' || suite === name ? name : `${suite} › ${name}`;

/** `test_math.py:12`; undefined if the file is not told. */
export const testPlace = ({ file, line }: Pick<TestCase, 'file' | 'line'>): string | undefined =>
  file === null ? undefined : line === null ? file : `${file}:${line}`;
