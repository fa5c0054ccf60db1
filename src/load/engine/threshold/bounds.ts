/**
 * What a measured value proves of the target when the load generator was not what it should have been.
 *
 * The truth is what a generator would have measured that sends each request when it is due and sees each answer when it
 * is there. In a queue a later arrival never makes for an earlier departure, of itself or of another, so of a
 * generator that was late it is known:
 *
 * - Open loop. Requests are due whatever becomes of them, and a response time counts from then: each that was measured is
 *   at least the true one. Percentiles, mean and extremes are upper bounds; a spread is nothing.
 * - Closed loop. Response times count from sending, and who sends late sends less, to a server that is less busy: single
 *   times prove nothing. But no more answers came than would have, so by Little's law (J. D. C. Little, 1961)
 *   connections × time / answers is at least the true mean, and by Markov's inequality mean / (1 − q) at least the true
 *   quantile q.
 * - What was answered is answered in truth, and as it was, unless it would have timed out: that can be ruled out when no
 *   time came near the timeout. So then counts are the true ones, where all that was due was answered.
 * - Service times, and what the target uses, get better by sending late, or less: they prove nothing.
 */
import {
  type LoadCounts,
  type LoadLatency,
  type LoadPlan,
  PERCENTILES,
  type ThresholdUnit,
} from '../../../core/load.ts';
import type { Metric, TimeMeasure } from '../../../core/metric.ts';
import { drainOf } from '../schedule/drain.ts';

/** Where the true value lies, both ends included. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** How well the generator did what the plan says. */
export interface Fidelity {
  readonly mode: LoadPlan['model']['type'];
  /** How many requests may be under way at a time. */
  readonly slots: number;
  /** Whether the clock ended the run: then a faster closed loop would have sent more. */
  readonly endedByClock: boolean;
  /** The shorter of the timeouts, in microseconds. */
  readonly patienceUs: number;
  /** Whether it was late, or may have left requests out, so that what was measured is not what would have been. */
  readonly isLate: boolean;
  /** Whether answers were counted that came after the time for them. */
  readonly isOvertime: boolean;
}

/** What is asked: a value of a metric as it was measured, with all else that was. */
interface Question {
  readonly metric: Metric;
  readonly unit: ThresholdUnit;
  readonly value: number;
  readonly measured: Counted;
  readonly fidelity: Fidelity;
}

type Time = Extract<Metric['about'], { type: 'time' }>;
type Counted = { readonly counts: LoadCounts; readonly latencyUs: LoadLatency; readonly durationMs: number };

const UNKNOWN: Bounds = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };
const exactly = (value: number): Bounds => ({ least: value, most: value });
const atLeast = (value: number): Bounds => ({ least: value, most: Number.POSITIVE_INFINITY });
const atMost = (value: number): Bounds => ({ least: 0, most: value });

/** Requests that ended without a response, and without a time: there is none that could be an upper bound. */
const untimed = ({ byFailure, failed }: LoadCounts): number => failed - byFailure.check;

const isAllAnswered = ({ counts }: Counted): boolean =>
  untimed(counts) + counts.timedOut + counts.inFlightAtEnd + counts.neverSent === 0;

/** Whether no request would have timed out. In a closed loop two measured times together are an upper bound of a true one. */
function isInTime({ latencyUs }: Counted, { mode, patienceUs }: Fidelity): boolean {
  const { response } = latencyUs;
  return response !== null && response.max * (mode === 'closed' ? 2 : 1) < patienceUs;
}

function responseBounds(
  measure: Exclude<TimeMeasure, 'stdev'>,
  { value, measured, fidelity }: Question,
): Bounds {
  const { counts, latencyUs, durationMs } = measured;
  // One that would have timed out would have taken nobody knows how long.
  if (untimed(counts) > 0 || !isInTime(measured, fidelity)) return UNKNOWN;
  if (fidelity.mode === 'open') return counts.neverSent > 0 ? UNKNOWN : atMost(value);
  if (!isAllAnswered(measured) || fidelity.isOvertime || latencyUs.response === null) return UNKNOWN;
  const spanMs = durationMs + (fidelity.endedByClock ? drainOf(durationMs) : 0);
  const mean = (fidelity.slots * spanMs * 1000) / latencyUs.response.count;
  if (measure === 'mean') return atMost(mean);
  return measure === 'min' || measure === 'max' ? UNKNOWN : atMost(mean / (1 - PERCENTILES[measure]));
}

/** What was answered wrongly would have been an error in any case, if only of another kind: too late. */
function seenWrong({ metric, unit, measured: { counts } }: Question): Bounds {
  if (metric.name !== 'errors') return UNKNOWN;
  return atLeast(counts.byFailure.check / (unit === 'share' ? counts.scheduled : 1));
}

/** Of a late open loop, and of a closed one that was to send so many: the same requests are sent in truth. */
function lateCount(question: Question): Bounds {
  const { metric, value, measured, fidelity } = question;
  // When a request is due in an open loop is known beforehand.
  const { name, about } = metric;
  if (name === 'scheduled' || (name === 'rate.offered' && fidelity.mode === 'open')) return exactly(value);
  const wouldEnd = isInTime(measured, fidelity);
  // A number of requests that is whole takes longer than one of which some were left out.
  const isSameSpan = fidelity.endedByClock || measured.counts.neverSent === 0;
  if (name === 'rate') return wouldEnd && isSameSpan && !fidelity.isOvertime ? atLeast(value) : UNKNOWN;
  const isAnswered = wouldEnd && isAllAnswered(measured);
  if (about.type === 'failures' && value === 0 && isAnswered) return exactly(0);
  if (!isAnswered || fidelity.isOvertime) return seenWrong(question);
  return name === 'rate.offered' ? atLeast(value) : exactly(value);
}

/** Of a late closed loop that the clock ended: in truth there are more requests, and no fewer answers. */
function lateCountByClock(question: Question): Bounds {
  const { metric, unit, value, measured, fidelity } = question;
  const isFailures = metric.about.type === 'failures';
  if (isFailures && value > 0) return unit === 'share' ? UNKNOWN : seenWrong(question);
  if (!isInTime(measured, fidelity) || fidelity.isOvertime) return UNKNOWN;
  // All that was sent was answered well. Of what would have been sent beyond, nothing was asked.
  if (isFailures && value === 0 && isAllAnswered(measured)) return exactly(0);
  if (metric.name === 'neverSent') return exactly(value);
  return unit === 'share' || isFailures || metric.name === 'inFlightAtEnd' ? UNKNOWN : atLeast(value);
}

/**
 * What was measured on time, though the target was too slow for all that was due to be sent: each that was not could have
 * failed, and slowed others. A longer queue makes no service slower, but other requests may be quicker to serve.
 */
function withoutSome({ metric: { name, about }, unit, value, measured: { counts } }: Question): Bounds {
  const { type } = about;
  if (type === 'target' || (type === 'time' && isNoLonger(about))) return UNKNOWN;
  if (type === 'time' || type === 'bytes') return atLeast(value);
  if (type === 'responses' && unit === 'share') return UNKNOWN;
  if (type !== 'responses' && type !== 'failures' && name !== 'inFlightAtEnd') return exactly(value);
  return { least: value, most: value + counts.neverSent / (unit === 'share' ? counts.scheduled : 1) };
}

/** Whether these times do not get longer by more requests in the queue. */
const isNoLonger = ({ clock, measure }: Time): boolean =>
  clock === 'service' || measure === 'min' || measure === 'stdev';

/** @returns between what the true value lies, as far as the generator is concerned */
export function boundsOf(question: Question): Bounds {
  const { metric, unit, value, measured, fidelity } = question;
  if (!fidelity.isLate) return measured.counts.neverSent > 0 ? withoutSome(question) : exactly(value);
  const { about } = metric;
  if (about.type === 'target') return UNKNOWN;
  if (about.type === 'time') return lateTime(about, question);
  const { least, most } =
    fidelity.mode === 'closed' && fidelity.endedByClock ? lateCountByClock(question) : lateCount(question);
  return unit === 'share' ? { least: Math.max(0, least), most: Math.min(1, most) } : { least, most };
}

function lateTime({ clock, measure }: Time, question: Question): Bounds {
  const { value, measured, fidelity } = question;
  if (measure === 'stdev') return UNKNOWN;
  if (clock === 'response') return responseBounds(measure, question);
  const isSendLag = clock === 'sendLag' && fidelity.mode === 'open';
  return isSendLag && isAllAnswered(measured) ? atMost(value) : UNKNOWN;
}
