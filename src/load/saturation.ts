/** Whether it was the generator, and not the target, that set the limit. Then the figures say little of the target. */
import type { LoadLatency, LoadModel } from '../domain/load.ts';

/** A thread that is at work for this share of its time has no more to give. */
const BUSY = 0.95;
/** Of a shorter run, in milliseconds, most is start-up, in which a thread is always busy. */
const TELLING = 1000;
/** A rate is kept when at least this share of what was to be sent was sent. */
const KEPT = 0.99;
/** Lag below this is never held against the generator, in microseconds: no measured latency is told finer by a timer. */
const NEGLIGIBLE_LAG = 1000;

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
}

/** @returns why the result says little of the target, one reason a line; empty when it does */
export function saturation({
  mode,
  busiest,
  durationMs,
  latency,
  lateUs,
  scheduled,
  neverSent,
}: GeneratorState): string[] {
  const reasons: string[] = [];
  if (busiest >= BUSY && durationMs >= TELLING)
    reasons.push(
      `a thread of the load generator was busy for ${Math.round(Math.min(1, busiest) * 100)} % of its time`,
    );
  if (mode === 'closed') return reasons;
  const { service } = latency;
  if (service !== null && lateUs > NEGLIGIBLE_LAG && lateUs > service.p99)
    reasons.push(
      `requests were taken up ${Math.round(lateUs / 1000)} ms late (p99), which is more than the target took to answer`,
    );
  if (scheduled - neverSent < scheduled * KEPT)
    reasons.push(
      `${neverSent} of ${scheduled} requests were never sent: too many waited for a connection already`,
    );
  return reasons;
}
