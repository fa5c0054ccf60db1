/**
 * What a measured value proves about the target when the generator was late or saturated.
 *
 * The true value is what an ideal generator would have measured, which sends each request when it is due and sees each
 * response when it arrives. In a queue, a later arrival never makes any departure earlier. So for a late generator:
 *
 * - Open loop. Due times do not depend on the responses, and response times count from them: each measured one is at least
 *   the true one. Percentiles, mean and extremes are upper bounds; the spread proves nothing.
 * - Closed loop. Response times count from sending, and a late generator sends less, to a less busy server: single times
 *   prove nothing. But there are no more responses than there would have been, so by Little's law (J. D. C. Little,
 *   1961) connections × time / responses is at least the true mean, and by Markov's inequality mean / (1 − q) is at least
 *   the true quantile q.
 * - What was answered would also have been answered, and in the same way, unless it would have timed out. If no time came
 *   near the timeout that is ruled out, and the counts are true where every due request was answered.
 * - Of a name among several the same is true, as the nth request has the same name in both runs: only its numbers are its
 *   own, the conditions are about all requests. But how many of its requests the true run answered by the end is known
 *   only up to those that can be in flight.
 * - Service times and the target's resource usage improve with late or less sending: they prove nothing.
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

/** The range of the true value, inclusive. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** How well the generator kept to the plan. */
export interface Fidelity {
  readonly mode: LoadPlan['model']['type'];
  /** How many requests can be due and unanswered at once: those in flight or, with users, one of each. */
  readonly slots: number;
  /** Whether users send, each when its last request was answered. */
  readonly hasUsers: boolean;
  /** Whether the run was limited by time: then a faster closed loop would have sent more. */
  readonly endedByClock: boolean;
  /** The shorter of the timeouts, in microseconds. */
  readonly patienceUs: number;
  /** Whether it was late or may have skipped requests, so that the measurement is distorted. */
  readonly isLate: boolean;
  /** Whether it stood still for a while, which may be what broke a threshold. */
  readonly stoodStill: boolean;
  /** Whether responses were counted that arrived too late. */
  readonly isOvertime: boolean;
  /** How far times may be from what they are known as, as a share of it; absent: nothing was left out. */
  readonly blur?: Blur | undefined;
}

export interface Blur {
  readonly whole: number;
  /** Of the requests of a name. */
  readonly named: number;
}

/** The measured value of a metric, with everything else that was measured. */
interface Question {
  readonly metric: Metric;
  readonly unit: ThresholdUnit;
  readonly value: number;
  /** The whole run. */
  readonly measured: Counted;
  /** What the metric is about: the whole, or the requests of one name. */
  readonly part: Counted;
  readonly fidelity: Fidelity;
}

type Time = Extract<Metric['about'], { type: 'time' }>;
type Counted = { readonly counts: LoadCounts; readonly latencyUs: LoadLatency; readonly durationMs: number };

const UNKNOWN: Bounds = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };
const exactly = (value: number): Bounds => ({ least: value, most: value });
const atLeast = (value: number): Bounds => ({ least: value, most: Number.POSITIVE_INFINITY });
const atMost = (value: number): Bounds => ({ least: 0, most: value });

/** Requests that failed without a response have no time that could be an upper bound. */
const untimed = ({ byFailure, failed }: LoadCounts): number => failed - byFailure.check;

const isAllAnswered = ({ counts }: Counted): boolean =>
  untimed(counts) + counts.timedOut + counts.inFlightAtEnd + counts.neverSent === 0;

const isNamed = ({ measured, part }: Question): boolean => measured !== part;

/** Whether no request would have timed out. In a closed loop the sum of two measured times is an upper bound of a true one. */
function isInTime({ latencyUs }: Counted, { mode, patienceUs }: Fidelity): boolean {
  const { response } = latencyUs;
  return response !== null && response.max * (mode === 'closed' ? 2 : 1) < patienceUs;
}

function responseBounds(measure: Exclude<TimeMeasure, 'stdev'>, question: Question): Bounds {
  const { value, measured, part, fidelity } = question;
  const { counts, durationMs } = measured;
  // How long a request would have taken that would have timed out is unknown.
  if (untimed(counts) > 0 || !isInTime(measured, fidelity)) return UNKNOWN;
  // When the later steps of users are due depends on the responses.
  if (fidelity.mode === 'open') return counts.neverSent > 0 || fidelity.hasUsers ? UNKNOWN : atMost(value);
  if (!isAllAnswered(measured) || fidelity.isOvertime) return UNKNOWN;
  const answered = (part.latencyUs.response?.count ?? 0) - (isNamed(question) ? fidelity.slots : 0);
  if (answered <= 0) return UNKNOWN;
  const spanMs = durationMs + (fidelity.endedByClock ? drainOf(durationMs) : 0);
  const mean = (fidelity.slots * spanMs * 1000) / answered;
  if (measure === 'mean') return atMost(mean);
  return measure === 'min' || measure === 'max' ? UNKNOWN : atMost(mean / (1 - PERCENTILES[measure]));
}

/** A wrong response would have been an error in any case, even if a timeout instead. */
function seenWrong({ metric, unit, part: { counts } }: Question): Bounds {
  if (metric.name !== 'errors') return UNKNOWN;
  return atLeast(counts.byFailure.check / (unit === 'share' ? counts.scheduled : 1));
}

/** For a late open loop, and a closed one with a number of requests: the true run sends the same requests. */
function lateCount(question: Question): Bounds {
  const { metric, value, measured, fidelity } = question;
  // In an open loop the due times are known beforehand.
  const { name, about } = metric;
  if (name === 'scheduled' || (name === 'rate.offered' && fidelity.mode === 'open')) return exactly(value);
  const wouldEnd = isInTime(measured, fidelity);
  // Sending all requests takes longer than sending only some of them.
  const isSameSpan = (fidelity.endedByClock && !isNamed(question)) || measured.counts.neverSent === 0;
  if (name === 'rate') return wouldEnd && isSameSpan && !fidelity.isOvertime ? atLeast(value) : UNKNOWN;
  const isAnswered = wouldEnd && isAllAnswered(measured);
  if (about.type === 'failures' && value === 0 && isAnswered) return exactly(0);
  if (!isAnswered || fidelity.isOvertime) return seenWrong(question);
  return name === 'rate.offered' ? atLeast(value) : exactly(value);
}

/** For a late closed loop with a time limit: the true run has more requests, and no fewer responses. */
function lateCountByClock(question: Question): Bounds {
  const { metric, unit, value, measured, fidelity } = question;
  const isFailures = metric.about.type === 'failures';
  if (isFailures && value > 0) return unit === 'share' ? UNKNOWN : seenWrong(question);
  if (!isInTime(measured, fidelity) || fidelity.isOvertime) return UNKNOWN;
  // All requests sent were answered well. The threshold says nothing about further ones.
  if (isFailures && value === 0 && isAllAnswered(measured)) return exactly(0);
  if (metric.name === 'neverSent') return exactly(value);
  if (unit === 'share' || isFailures || metric.name === 'inFlightAtEnd') return UNKNOWN;
  return isNamed(question) ? moreOfName(question) : atLeast(value);
}

/** The true run sent no fewer requests of the name, but others of them may be in flight at its end. */
function moreOfName({ metric, unit, value, measured, fidelity }: Question): Bounds {
  if (metric.name === 'scheduled' || metric.name === 'rate.offered') return atLeast(value);
  if (unit === 'bytes') return UNKNOWN;
  return atLeast(value - fidelity.slots / (unit === 'per-second' ? measured.durationMs / 1000 : 1));
}

/**
 * For a generator on time, but a target too slow for all due requests to be sent: each unsent one could have failed,
 * and slowed others. A longer queue makes no service slower, but other requests may be quicker to serve.
 */
function withoutSome({ metric: { name, about }, unit, value, measured, part }: Question): Bounds {
  const { type } = about;
  if (type === 'target' || type === 'iterations' || (type === 'time' && isNoLonger(about))) return UNKNOWN;
  if (type === 'time' || type === 'bytes') return atLeast(value);
  if (type === 'responses' && unit === 'share') return UNKNOWN;
  if (type !== 'responses' && type !== 'failures' && name !== 'inFlightAtEnd') return exactly(value);
  return {
    least: value,
    most: value + measured.counts.neverSent / (unit === 'share' ? part.counts.scheduled : 1),
  };
}

/** Whether more requests in the queue cannot make these times longer. */
const isNoLonger = ({ clock, measure }: Time): boolean =>
  clock === 'service' || measure === 'min' || measure === 'stdev';

/** How far a time may be from what it is known as, as a share of it. The mean is always known. */
export function blurOf({ metric, unit, measured, part, fidelity: { blur } }: Question): number {
  if (blur === undefined || unit !== 'us') return 0;
  if (metric.about.type === 'time' && metric.about.measure === 'mean') return 0;
  const share = measured === part ? blur.whole : blur.named;
  const isSpread = metric.about.type === 'time' && metric.about.measure === 'stdev';
  return share > 0 && isSpread ? Number.POSITIVE_INFINITY : share;
}

/** @returns the range of the true value, as far as the generator affects it, and the way that its report took */
export function boundsOf(question: Question): Bounds {
  const { least, most } = boundsOfSeen(question);
  const blur = blurOf(question);
  if (blur === 0) return { least, most };
  return { least: Math.min(least, least * (1 - blur)), most: most * (1 + blur) };
}

function boundsOfSeen(question: Question): Bounds {
  const { metric, unit, value, measured, fidelity } = question;
  if (!fidelity.isLate) return measured.counts.neverSent > 0 ? withoutSome(question) : exactly(value);
  const { about } = metric;
  if (about.type === 'target' || about.type === 'iterations') return UNKNOWN;
  if (about.type === 'channel') return lateChannel(question);
  if (about.type === 'time') return lateTime(about, question);
  const { least, most } =
    fidelity.mode === 'closed' && fidelity.endedByClock ? lateCountByClock(question) : lateCount(question);
  return unit === 'share' ? { least: Math.max(0, least), most: Math.min(1, most) } : { least, most };
}

/** How much of a gap, or of the time to connect, was the generator's is unknown. What was seen, and that nothing was, is certain. */
function lateChannel({ unit, value }: Question): Bounds {
  if (unit === 'us') return UNKNOWN;
  return value === 0 ? exactly(0) : atLeast(value);
}

function lateTime({ clock, measure }: Time, question: Question): Bounds {
  const { value, measured, fidelity } = question;
  if (measure === 'stdev') return UNKNOWN;
  if (clock === 'response') return responseBounds(measure, question);
  const isSendLag = clock === 'sendLag' && fidelity.mode === 'open';
  return isSendLag && isAllAnswered(measured) ? atMost(value) : UNKNOWN;
}
