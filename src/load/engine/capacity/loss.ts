/** Whether a level is lost before it has ended: then the target is spared the rest. */
import type { LoadLatency, LoadPlan, LoadWindow, Threshold } from '../../../core/load.ts';
import { PERCENTILES } from '../../../core/load.ts';
import { metricOf } from '../../../core/metric.ts';
import { formatDuration } from '../../../core/units.ts';
import { decodeHdr } from '../../hdr/encoding.ts';

/** By more standard deviations than this the number of arrivals in a time never exceeds its mean. */
const DEVIATIONS = 5;
/** A backlog of so many milliseconds of requests, and of so many times what may be waited, is not made up for. */
const LONGEST_BACKLOG = 2000;
const BEYOND_PATIENCE = 4;
/** A backlog grows if it gains this share of all requests between the first and the last third of a measurement. */
const GROWTH = 0.01;
/** Over fewer seconds than this only a fast growth is told from chance. */
const ENOUGH = 6;
const FAST_GROWTH = 0.1;

const UPPER = new Set<Threshold['operator']>(['<', '<=']);

/** A condition on a percentile of response times: how many requests may take longer than its limit. */
interface Patience {
  readonly text: string;
  readonly limitUs: number;
  readonly allowed: number;
  over: number;
}

function patienceOf(condition: Threshold, planned: number): Patience[] {
  // How many requests of a name there will be is not known.
  if (condition.name !== null) return [];
  const about = metricOf(condition.metric)?.about;
  if (about?.type !== 'time' || about.clock !== 'response' || !UPPER.has(condition.operator)) return [];
  const share = about.measure === 'max' ? 1 : PERCENTILES[about.measure as keyof typeof PERCENTILES];
  if (share === undefined) return [];
  return [{ text: condition.text, limitUs: condition.value, allowed: (1 - share) * planned, over: 0 }];
}

/** How many requests an arrival makes: with a scenario it is an iteration, and what its users do on a status is not known. */
function requestsOf(scenario: LoadPlan['scenario']): number {
  if (scenario === null || scenario.order === 'weighted') return 1;
  return scenario.order === 'function' || scenario.onStatus.length > 0
    ? Number.POSITIVE_INFINITY
    : scenario.steps.length;
}

/** How many failures the conditions allow; without one about failures, none. */
function failuresAllowed(conditions: readonly Threshold[], planned: number): number {
  const about = conditions.filter(({ metric }) => metricOf(metric)?.about.type === 'failures');
  if (about.length === 0) return 0;
  if (about.some(({ name }) => name !== null)) return Number.POSITIVE_INFINITY;
  return Math.max(...about.map(({ value, unit }) => (unit === 'share' ? value * planned : value)));
}

/** The shortest limit on a response time among the conditions, in milliseconds; 0: there is none. */
function limitMsOf(conditions: readonly Threshold[]): number {
  const limits = conditions.filter(({ unit }) => unit === 'us').map(({ value }) => value / 1000);
  return limits.length === 0 ? 0 : Math.max(...limits);
}

export class LossWatch {
  readonly #rate: number;
  readonly #patience: readonly Patience[];
  readonly #failuresAllowed: number;
  /** In milliseconds of requests. */
  readonly #longestBacklog: number;
  /** Requests of the warm-up in flight when it ended. */
  #left = 0;
  #failures = 0;

  /**
   * @param rate in arrivals per second
   * @param arrivals how many there will be while it is measured
   * @param unloadedMs how long a response takes without load, at most times
   */
  constructor(
    { scenario }: Pick<LoadPlan, 'scenario'>,
    rate: number,
    arrivals: number,
    conditions: readonly Threshold[],
    unloadedMs: number,
  ) {
    this.#rate = rate;
    const planned = arrivals * requestsOf(scenario);
    this.#patience = conditions.flatMap((condition) => patienceOf(condition, planned));
    this.#failuresAllowed = failuresAllowed(conditions, planned);
    const waits = BEYOND_PATIENCE * Math.max(limitMsOf(conditions), unloadedMs);
    this.#longestBacklog = Math.max(LONGEST_BACKLOG, waits);
  }

  /** @returns why the level is lost, whatever comes; undefined while it may still hold */
  take(window: LoadWindow, latencyUs: LoadLatency): string | undefined {
    const { inFlight } = window.counts;
    const backlogMs = (inFlight / this.#rate) * 1000;
    if (backlogMs > this.#longestBacklog)
      return `requests came faster than they were answered: ${formatDuration(backlogMs)} of them were waiting`;
    if (window.phase === 'warmup') {
      this.#left = inFlight;
      return undefined;
    }
    return this.#failed(window) ?? this.#late(window, latencyUs);
  }

  #failed({ counts: { failed, timedOut } }: LoadWindow): string | undefined {
    this.#failures += failed + timedOut;
    return this.#failures > this.#failuresAllowed ? 'too many requests failed' : undefined;
  }

  #late({ counts }: LoadWindow, { response }: LoadLatency): string | undefined {
    const buckets = response === null ? [] : decodeHdr(response.hdr);
    for (const patience of this.#patience) {
      for (const { from, count } of buckets) if (from > patience.limitUs) patience.over += count;
      patience.over += counts.timedOut + counts.neverSent;
      // Whoever is in flight, but not among those that were due within the limit, is over it.
      const recent = (this.#rate * patience.limitUs) / 1_000_000;
      const spread = DEVIATIONS * Math.sqrt(recent);
      const overdue = Math.max(0, counts.inFlight - this.#left - recent - spread);
      if (patience.over + overdue > patience.allowed) return `"${patience.text}" could no longer be met`;
    }
    return undefined;
  }
}

/** Whether requests piled up throughout a measurement, so that the rate would not hold for longer. */
export function backlogGrew(windows: readonly LoadWindow[], scheduled: number): boolean {
  // In the last window in which requests are due, fewer may be: it goes on until all are answered.
  const waiting = windows
    .filter(({ phase, counts }) => phase === 'measured' && counts.scheduled > 0)
    .slice(0, -1)
    .map(({ counts }) => counts.inFlight);
  if (waiting.length < 2) return false;
  const third = Math.max(1, Math.floor(waiting.length / 3));
  const before = Math.max(...waiting.slice(0, third));
  const growth = Math.min(...waiting.slice(-third)) - before;
  return growth > (waiting.length < ENOUGH ? FAST_GROWTH : GROWTH) * scheduled;
}
