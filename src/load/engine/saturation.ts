/** Whether it was the generator, and not the target, that set the limit. Then the figures say little of the target. */
import type { LoadLatency, LoadModel } from '../../core/load.ts';

/** A thread that is at work for this share of its time has no more to give. */
const BUSY = 0.95;
/** Of a shorter run, in milliseconds, most is start-up, in which a thread is always busy. */
const TELLING = 1000;
/** A rate is kept when at least this share of what was to be sent was sent. */
const KEPT = 0.99;
/** Lag below this is never held against the generator, in microseconds: no measured latency is told finer by a timer. */
const NEGLIGIBLE_LAG = 1000;
/**
 * Requests that were never sent are plainly the target's doing only where a thread is idle for half of its time, and takes
 * requests up within a hundredth of the time for which the target holds a connection. Beyond that the connections may
 * have been busy with answers that nobody had read yet, and each wait in the queue is longer by theirs.
 */
const IDLE = 0.5;
const HARMLESS_LAG = 0.01;

export interface GeneratorState {
  readonly mode: LoadModel['type'];
  /** The largest share of its time that a thread was at work, spinning left out. */
  readonly busiest: number;
  readonly durationMs: number;
  readonly latency: LoadLatency;
  /** How late requests were taken up, connections apart: the 99th percentile, in microseconds. */
  readonly lateUs: number;
  readonly scheduled: number;
  readonly neverSent: number;
  readonly inFlightAtEnd: number;
  /** How many requests may be under way at a time. */
  readonly slots: number;
}

export interface Saturation {
  /** Why the generator, and not the target, set the limit, one reason a line; empty when it did not. */
  readonly reasons: readonly string[];
  /** Whether it was late, or may itself be why requests were never sent: then it did not only send less. */
  readonly isLate: boolean;
}

export function saturation(state: GeneratorState): Saturation {
  const late = lateness(state);
  return { reasons: [...late, ...omission(state)], isLate: late.length > 0 || mayHaveOmitted(state) };
}

function lateness({ mode, busiest, durationMs, latency, lateUs }: GeneratorState): string[] {
  const reasons: string[] = [];
  if (busiest >= BUSY && durationMs >= TELLING)
    reasons.push(
      `a thread of the load generator was busy for ${Math.round(Math.min(1, busiest) * 100)} % of its time`,
    );
  const { service } = latency;
  if (mode === 'open' && service !== null && lateUs > NEGLIGIBLE_LAG && lateUs > service.p99)
    reasons.push(
      `requests were taken up ${Math.round(lateUs / 1000)} ms late (p99), which is more than the target took to answer`,
    );
  return reasons;
}

function omission({ mode, scheduled, neverSent }: GeneratorState): string[] {
  if (mode === 'closed' || scheduled - neverSent >= scheduled * KEPT) return [];
  return [`${neverSent} of ${scheduled} requests were never sent: too many waited for a connection already`];
}

/**
 * Whether requests were never sent, and not plainly since the target held all connections, to the end of the run: had the
 * queue been empty by then, those that were not sent would have been answered, nobody knows how soon.
 */
function mayHaveOmitted(state: GeneratorState): boolean {
  const { neverSent, inFlightAtEnd, slots, busiest, lateUs } = state;
  const { service } = state.latency;
  if (neverSent === 0) return false;
  if (service === null || inFlightAtEnd <= slots) return true;
  return busiest > IDLE || lateUs > Math.max(NEGLIGIBLE_LAG, service.p50 * HARMLESS_LAG);
}
