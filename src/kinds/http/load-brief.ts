/** Loads made short for faults that show soon: whatever is broken in every answer, or in one of twenty. */
import type { LoadClient, LoadRequest, Threshold } from '../../core/load.ts';
import { metricOf } from '../../core/metric.ts';
import { ms } from '../../core/units.ts';
import type { Sharing } from '../common/fault.ts';

/** What the control showed of a load. */
export interface Pace {
  /** How many answers it got. */
  readonly answers: number;
  /** How long it was sent, in milliseconds; 0 if that is not known. */
  readonly durationMs: number;
}

/** In milliseconds, at the pace of the control: a short load takes no longer. */
const BRIEF = 1000;
/** Enough for a fault in one answer of twenty. */
const FEWEST = 20;
/** Enough for another value of a document to be changed each time. */
const MOST = 200;
/** Requests for each connection, where each is lost or late. The pause before connecting again grows with each loss. */
const ROUNDS = 4;
/** In milliseconds: long enough to wait for an answer that never comes. */
const IN_VAIN = 1000;

/** How many requests can be in flight. */
export const slotsOf = ({ model, pipelining, scenario }: LoadClient): number =>
  scenario?.users ?? model.connections * pipelining;

const aboutOf = ({ metric }: Threshold): string => metricOf(metric)?.about.type ?? '';

/** Whether a condition on outcomes may hold, or not, only because there are so many requests. */
const isAboutLength = (threshold: Threshold): boolean =>
  aboutOf(threshold) === 'bytes' ||
  (['requests', 'failures', 'responses'].includes(aboutOf(threshold)) &&
    threshold.unit === 'count' &&
    threshold.value > 0);

/** Conditions on times, rates and resources, and all on iterations, which depend on them. */
const isAboutPace = (threshold: Threshold): boolean =>
  ['time', 'rate', 'target', 'iterations'].includes(aboutOf(threshold));

/** A search for the highest rate as one load: at its first rate, for a moment, with its conditions as thresholds. */
export function asOneRate(load: LoadClient): LoadClient {
  const { findRate } = load;
  if (findRate === null) return load;
  const limit = { type: 'duration', duration: ms(BRIEF) } as const;
  return { ...load, findRate: null, limit, warmup: ms(0), thresholds: findRate.conditions };
}

/** The same load with no more requests than that, none of which is for warming up. */
export function shortened(load: LoadClient, requests: number): LoadClient {
  const { limit, model } = load;
  const level =
    model.type === 'open' ? { rate: Math.max(model.rate, ...model.stages.map(({ to }) => to)) } : {};
  // A stream of events may go on for ever: only the clock ends it.
  if (load.channel?.type === 'sse' && limit.type === 'duration') return { ...load, warmup: ms(0) };
  const most = limit.type === 'requests' ? Math.min(limit.requests, requests) : requests;
  return {
    ...load,
    model: { ...model, ...level, stages: [] },
    limit: { type: 'requests', requests: Math.max(load.workers, Math.ceil(most)) },
    warmup: ms(0),
  };
}

/** How many requests take no longer than a short load should. */
const inBrief = ({ answers, durationMs }: Pace): number =>
  Math.max(FEWEST, durationMs > 0 ? (answers * BRIEF) / durationMs : answers);

/** The rarer a request of a mix, the more requests it takes to meet it. */
function rarity(request: LoadRequest | undefined, { requests, scenario }: LoadClient): number {
  // Users that take all steps meet each of them every time.
  if (request === undefined || request.weight <= 0 || scenario?.order === 'sequence') return 1;
  return requests.reduce((sum, { weight }) => sum + weight, 0) / request.weight;
}

/**
 * For faults in what answers contain. Conditions on times and rates are left out: what breaks one of these is a busy
 * machine, not the fault.
 *
 * @param request of the mix, if only its answers are changed
 * @returns the load, shorter unless a threshold depends on its length
 */
export function withoutPace(load: LoadClient, pace: Pace, request?: LoadRequest): LoadClient {
  const thresholds = load.thresholds.filter((threshold) => !isAboutPace(threshold));
  const abortOn = load.abortOn.filter((threshold) => !isAboutPace(threshold));
  const judged = { ...load, thresholds, abortOn };
  if (thresholds.some(isAboutLength)) return judged;
  const enough = Math.min(MOST, inBrief(pace)) * load.checkEvery * rarity(request, load);
  return shortened(judged, Math.min(pace.answers, enough));
}

/** Of a load without conditions on time. One with a rate must keep to it; and of the server, there may be only one. */
export const sharingOf = ({ model }: LoadClient): Sharing | undefined =>
  model.type === 'open' ? undefined : 'others';

/**
 * How many requests are enough if each is late or lost.
 *
 * @param request of the mix, if only its answers matter
 */
export const fewRounds = (load: LoadClient, pace: Pace, rounds = ROUNDS, request?: LoadRequest): number =>
  Math.min(slotsOf(load) * rounds, inBrief(pace)) * rarity(request, load);

/** For faults that make every answer late. */
export const forLateness = (load: LoadClient, pace: Pace): LoadClient =>
  load.thresholds.some(isAboutLength) ? load : shortened(load, fewRounds(load, pace));

/** For faults with which no request is ever answered: that fails any load, whatever its thresholds. */
export function forSilence(load: LoadClient, pace: Pace, rounds = ROUNDS): LoadClient {
  const { connect, response } = load.timeouts;
  const timeouts = { connect: ms(Math.min(connect, IN_VAIN)), response: ms(Math.min(response, IN_VAIN)) };
  return shortened({ ...load, thresholds: [], abortOn: [], timeouts }, fewRounds(load, pace, rounds));
}
