/** Earlier runs of a suite, and what is worth saying about a component in their light. */
import { formatDuration } from './units.ts';
import type { Verdict } from './verdict.ts';

/** How many earlier runs a run is compared with: with itself they are 20. */
export const PAST_RUNS = 19;

export interface PastRun {
  readonly run: string;
  readonly startedAt: string;
  readonly verdict: Verdict;
  readonly durationMs: number;
}

/** How a component did in an earlier run. */
export interface PastComponent {
  readonly verdict: Exclude<Verdict, 'skipped'>;
  /** Of all its attempts, without setup, and without the start of services that it shares with others. */
  readonly durationMs: number;
  /** Whether it passed on a later attempt. */
  readonly flaky: boolean;
  /** Whole responses per second of the built-in client; null if there was none, as of the next two. */
  readonly rate: number | null;
  /** From when a request was due to the end of its response, in microseconds. */
  readonly p99Us: number | null;
  /** Requests that failed or timed out. */
  readonly errors: number | null;
}

const USUAL = { verdict: 'passed', flaky: false, rate: null, p99Us: null, errors: null } as const;

/** The same as an event tells it, without what is usual: there may be a thousand components with 19 runs each. */
export type ToldPast = Pick<PastComponent, 'durationMs'> & Partial<PastComponent>;

/** To a microsecond. */
export function tellPast({ durationMs, ...past }: PastComponent): ToldPast {
  const unusual = Object.entries(past).filter(([name, value]) => value !== USUAL[name as keyof typeof USUAL]);
  return { durationMs: Math.round(durationMs * 1000) / 1000, ...Object.fromEntries(unusual) };
}

export interface History {
  /** Oldest first. */
  readonly runs: readonly PastRun[];
  /**
   * By component, in the order of the runs: null for each in which it did not run, or was not the same, so that it cannot be
   * compared.
   */
  readonly components: Readonly<Record<string, readonly (PastComponent | null)[]>>;
}

/** A history as its event tells it. */
export interface ToldHistory extends Pick<History, 'runs'> {
  readonly components: Readonly<Record<string, readonly (ToldPast | null)[]>>;
}

export const knownHistory = ({ runs, components }: ToldHistory): History => ({
  runs,
  components: Object.fromEntries(
    Object.entries(components).map(([name, all]) => [
      name,
      all.map((past) => (past === null ? null : { ...USUAL, ...past })),
    ]),
  ),
});

/** @returns how a component did when it last ran, oldest first */
export function pastOf(history: History | null, name: string): PastComponent[] {
  if (history === null || !Object.hasOwn(history.components, name)) return [];
  return (history.components[name] ?? []).filter((past) => past !== null);
}

/** How a component has ended. */
export interface Ended {
  readonly verdict: Verdict;
  readonly durationMs: number;
  readonly flaky: boolean;
}

/** What is known of a component's past, in few numbers. Runs that came to no verdict do not count. */
export interface Past {
  readonly runs: number;
  readonly failed: number;
  readonly flaky: number;
  /** How many passed at the first attempt. */
  readonly passed: number;
  /** How long those took; null if there are none. */
  readonly medianMs: number | null;
  /** Whether this run, which passed likewise, was markedly slower than all of those. */
  readonly slowest: boolean;
}

/** With fewer earlier runs nothing is said: one of two is the slowest, and failing once of two is no pattern. */
const LEAST = 5;
/**
 * A run is slow only if it took longer than each earlier one, so that a component whose times vary by themselves is told at most
 * once in so many runs; and by so much more than usual that it is not the machine being a little busier; and so much in
 * milliseconds that somebody would notice, since what takes 20 ms takes 60 ms whenever a core is busy.
 */
const SLOWER = { times: 1.5, byMs: 250 } as const;

function medianOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  const lower = sorted[sorted.length - 1 - middle];
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2;
}

/**
 * @param now null while it runs
 * @param past as `pastOf` returns it
 * @returns undefined if there is no past
 */
export function comparePast(now: Ended | null, past: readonly PastComponent[]): Past | undefined {
  const decided = past.filter(({ verdict }) => verdict !== 'inconclusive');
  if (decided.length === 0) return undefined;
  // What was retried took the time of all its attempts.
  const times = decided.flatMap(({ verdict, flaky, durationMs }) =>
    verdict === 'passed' && !flaky ? [durationMs] : [],
  );
  const medianMs = medianOf(times);
  return {
    runs: decided.length,
    failed: decided.filter(({ verdict }) => verdict === 'failed').length,
    flaky: decided.filter(({ flaky }) => flaky).length,
    passed: times.length,
    medianMs,
    slowest:
      now !== null && now.verdict === 'passed' && !now.flaky && isSlow(now.durationMs, times, medianMs),
  };
}

const isSlow = (durationMs: number, times: readonly number[], medianMs: number | null): boolean =>
  medianMs !== null &&
  times.length >= LEAST &&
  durationMs > Math.max(...times) &&
  durationMs >= medianMs * SLOWER.times &&
  durationMs >= medianMs + SLOWER.byMs;

/** @returns what is worth saying of how a component has ended, in the light of its past: `failed 3 of the last 20 runs` */
export function remarkOnPast(now: Ended, past: Past | undefined): string | undefined {
  if (past === undefined || past.runs < LEAST) return undefined;
  const runs = past.runs + 1;
  const first = `for the first time in ${runs} runs`;
  const ofLast = (earlier: number): string => `${earlier + 1} of the last ${runs} runs`;
  if (now.verdict === 'failed')
    return past.failed === 0 ? `failed ${first}` : `failed ${ofLast(past.failed)}`;
  if (now.verdict !== 'passed') return undefined;
  if (now.flaky) return past.flaky === 0 ? `flaky ${first}` : `flaky in ${ofLast(past.flaky)}`;
  return past.slowest && past.medianMs !== null
    ? `slowest of ${past.passed + 1}, usually ${formatDuration(past.medianMs)}`
    : undefined;
}
