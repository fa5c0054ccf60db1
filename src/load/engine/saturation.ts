/** Whether the generator, not the target, was the bottleneck: then the figures say little about the target. */
import type { LoadModel } from '../../core/load.ts';
import { formatDuration } from '../../core/units.ts';
import { STANDSTILL } from './attention.ts';

/** A thread that works this share of its time is at its limit. */
const BUSY = 0.95;
/** A shorter run, in milliseconds, is mostly start-up, in which a thread is always busy. */
const TELLING = 1000;
/** A rate is kept if at least this share of the requests was sent. */
const KEPT = 0.99;
/** Lag below this many microseconds never counts: it is below the resolution of timers. */
const NEGLIGIBLE_LAG = 1000;
/**
 * Requests that were never sent are clearly the target's fault only if each thread was idle half of the time and
 * picked up requests within 1 % of the time for which the target holds a connection. Otherwise the connections may
 * have been busy with responses that the generator had not read yet, which lengthens every wait in the queue.
 */
const IDLE = 0.5;
const HARMLESS_LAG = 0.01;

export interface GeneratorState {
  readonly mode: LoadModel['type'];
  /** The largest share of its time that any thread worked, without spinning. */
  readonly busiest: number;
  readonly durationMs: number;
  /** The longest time for which a thread looked at nothing, in milliseconds. */
  readonly maxLoopLagMs: number;
  /** From when requests were written, in microseconds; null without a response. */
  readonly service: { readonly p50: number; readonly p99: number } | null;
  /** How late requests were picked up, apart from waiting for connections: the 99th percentile, in microseconds. */
  readonly lateUs: number;
  readonly scheduled: number;
  readonly neverSent: number;
  readonly inFlightAtEnd: number;
  /** How many requests can be in flight at once. */
  readonly slots: number;
}

export interface Saturation {
  /** Why the generator was the bottleneck, one line per reason; empty if it was not. */
  readonly reasons: readonly string[];
  /** Whether it was late, or may itself be why requests were never sent, and so distorted what it measured. */
  readonly isLate: boolean;
  /** Whether it stood still for a while: what is worst in its measurements may be its own doing. */
  readonly stoodStill: boolean;
}

export function saturation(state: GeneratorState): Saturation {
  const late = lateness(state);
  const { maxLoopLagMs } = state;
  const stoodStill = maxLoopLagMs > STANDSTILL;
  const still = `a thread of the load generator stood still for ${formatDuration(maxLoopLagMs)}`;
  return {
    reasons: [...late, ...omission(state), ...(stoodStill ? [still] : [])],
    isLate: late.length > 0 || mayHaveOmitted(state),
    stoodStill,
  };
}

function lateness({ mode, busiest, durationMs, service, lateUs }: GeneratorState): string[] {
  const reasons: string[] = [];
  if (busiest >= BUSY && durationMs >= TELLING)
    reasons.push(
      `a thread of the load generator was busy for ${Math.round(Math.min(1, busiest) * 100)} % of its time`,
    );
  if (mode === 'open' && service !== null && lateUs > NEGLIGIBLE_LAG && lateUs > service.p99)
    reasons.push(
      `requests were picked up ${Math.round(lateUs / 1000)} ms late (p99), which is more than the target took to answer`,
    );
  return reasons;
}

function omission({ mode, scheduled, neverSent }: GeneratorState): string[] {
  if (mode === 'closed' || scheduled - neverSent >= scheduled * KEPT) return [];
  return [`${neverSent} of ${scheduled} requests were never sent: too many waited for a connection already`];
}

/**
 * Whether requests were never sent, and not clearly because the target held all connections to the end of the run: if
 * the queue had emptied before, the unsent requests would have been answered, within an unknown time.
 */
function mayHaveOmitted(state: GeneratorState): boolean {
  const { neverSent, inFlightAtEnd, slots, busiest, lateUs, service } = state;
  if (neverSent === 0) return false;
  if (service === null || inFlightAtEnd <= slots) return true;
  return busiest > IDLE || lateUs > Math.max(NEGLIGIBLE_LAG, service.p50 * HARMLESS_LAG);
}
