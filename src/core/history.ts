/** Earlier runs of a suite, and what is worth saying about a component in their light. */
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

export interface History {
  /** Oldest first. */
  readonly runs: readonly PastRun[];
  /**
   * By component, in the order of the runs: null for each in which it did not run, or was not the same, so that it cannot be
   * compared.
   */
  readonly components: Readonly<Record<string, readonly (PastComponent | null)[]>>;
}

/** @returns how a component did when it last ran, oldest first */
export function pastOf(history: History | null, name: string): PastComponent[] {
  if (history === null || !Object.hasOwn(history.components, name)) return [];
  return (history.components[name] ?? []).filter((past) => past !== null);
}
