/** From the calls of runners in one output, and from the files that they wrote, the tests of a command. */
import {
  MOST_CASES,
  type TestCase,
  type TestCounts,
  type TestFormat,
  type TestOutcome,
  type TestResults,
} from '../../../core/test-results.ts';
import { type Broken, MOST_SESSIONS, type Session } from './reader.ts';

export interface PrintedTests {
  readonly results: TestResults;
  /** The line in which a runner says that tests failed, if there was one runner only. */
  readonly summary: string | null;
  /** Why the last of them has failed, whatever its tests say; null if it has not. */
  readonly broken: Broken | null;
}

/** Tests were seen that are not told: why, as a clause. */
export interface UntoldTests {
  readonly untold: string;
}

type Range = Pick<Session, 'from' | 'to'>;

const isWithin = (inner: Range, outer: Range): boolean =>
  inner !== outer &&
  inner.from >= outer.from &&
  inner.to <= outer.to &&
  inner.to - inner.from < outer.to - outer.from;

/** Those that are kept, in their order: failed ones rather than others. */
export function keptCases(cases: readonly TestCase[]): TestCase[] {
  if (cases.length <= MOST_CASES) return [...cases];
  const failed = cases.filter(({ outcome }) => outcome === 'failed').length;
  let [failing, others] = [Math.min(failed, MOST_CASES), Math.max(0, MOST_CASES - failed)];
  return cases.filter(({ outcome }) => (outcome === 'failed' ? failing-- > 0 : others-- > 0));
}

export function addCounts(all: readonly TestCounts[]): TestCounts {
  const sum = (outcome: TestOutcome): number => all.reduce((total, counts) => total + counts[outcome], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

export function resultsOf(
  counts: TestCounts,
  cases: readonly TestCase[],
  how: Pick<TestResults, 'format' | 'from' | 'isComplete'>,
): TestResults {
  const kept = keptCases(cases);
  return { ...how, counts, cases: kept, left: counts.passed + counts.failed + counts.skipped - kept.length };
}

const RUNNERS: Readonly<Record<TestFormat, string>> = {
  ...{
    junit: 'JUnit',
    tap: 'TAP',
    node: 'node --test',
    pytest: 'pytest',
    unittest: 'unittest',
    go: 'go test',
  },
  ...{ cargo: 'cargo test', nextest: 'nextest', vitest: 'Vitest', jest: 'Jest', several: 'several runners' },
};

/** `pytest in lines 3 to 40` */
function nameOf({ format, from, to }: Session): string {
  return `${RUNNERS[format]} in ${from === to ? `line ${from}` : `lines ${from} to ${to}`}`;
}

/** Why calls of runners, of which at least one is certain, are not told; undefined if they can be. */
function whyUntold(inOrder: readonly Session[], rest: readonly Session[]): UntoldTests | undefined {
  const unsure = rest.find((each) => !inOrder.some((other) => isWithin(each, other)));
  if (unsure !== undefined)
    return { untold: `what looks like ${nameOf(unsure)} has no sum of its own that agrees with its tests` };
  for (const [index, later] of inOrder.entries()) {
    const earlier = inOrder[index - 1];
    if (earlier !== undefined && later.from <= earlier.to)
      return { untold: `${nameOf(earlier)} and ${nameOf(later)} printed at the same time` };
  }
  return undefined;
}

/**
 * Runners that were called one after the other add up. What a test prints is no runner's report, however much it looks like
 * one: what lies within another call does not count. If a call is not certain, or two mingle, no tests are told at all.
 *
 * @returns the tests; or why they are not told, if there are some that would be but for others; undefined if there are none
 */
export function together(sessions: readonly Session[]): PrintedTests | UntoldTests | undefined {
  const sure = sessions.filter(({ isSure }) => isSure);
  if (sessions.length > MOST_SESSIONS)
    return sure.length === 0
      ? undefined
      : { untold: `there are more than ${MOST_SESSIONS} calls of runners` };
  const outer = sure.filter((each) => !sure.some((other) => isWithin(each, other)));
  const inOrder = outer.toSorted((a, b) => a.from - b.from);
  const [first] = inOrder;
  if (first === undefined) return undefined;
  const untold = whyUntold(
    inOrder,
    sessions.filter((each) => !outer.includes(each)),
  );
  if (untold !== undefined) return untold;
  const isOne = inOrder.every(({ format }) => format === first.format);
  const how = {
    format: isOne ? first.format : 'several',
    from: null,
    isComplete: inOrder.every(({ isComplete }) => isComplete),
  } as const;
  const counts = addCounts(inOrder.map((session) => session.counts));
  const broken = inOrder.at(-1)?.broken ?? null;
  if (broken === null && counts.passed + counts.failed + counts.skipped === 0) return undefined;
  const results = resultsOf(
    counts,
    inOrder.flatMap(({ cases }) => cases),
    how,
  );
  return { results, summary: inOrder.length === 1 ? first.summary : null, broken };
}
