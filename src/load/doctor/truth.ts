/** Loads on servers with known behaviour, and how to compare the measurements with what the servers really did. */
import {
  type LoadPlan,
  type LoadResult,
  PERCENTILES,
  type PercentileName,
  type ThresholdUnit,
} from '../../core/load.ts';
import { ms } from '../../core/units.ts';

export type Behaviour = 'fixed' | 'alternating' | 'stall' | 'drip' | 'resets' | 'truncated' | 'errors';

/** What a server did, in milliseconds on its own clock. */
export interface Truth {
  readonly arrivedAt: readonly number[];
  /** From the arrival of each request to the end of its response. */
  readonly tookMs: readonly number[];
  readonly answeredAt: readonly number[];
  /** How many requests were reset, truncated or answered with an error. */
  readonly faults: number;
}

export type FromServers =
  | { readonly type: 'ready'; readonly port: number }
  | { readonly type: 'truth'; readonly truth: Truth };

export interface ToServers {
  readonly behaviour: Behaviour;
}

/** One measure: the truth, and what was measured. */
export interface Comparison {
  readonly measure: string;
  readonly unit: ThresholdUnit;
  readonly truth: number;
  readonly measured: number;
  /** Counts must be equal, times nearly so. */
  readonly holds: boolean;
}

export interface TruthCheck {
  readonly behaviour: Behaviour;
  readonly title: string;
  readonly plan: Pick<LoadPlan, 'model' | 'limit'>;
  readonly compare: (truth: Truth, result: LoadResult) => Comparison[];
}

/** A time may be off by this share of the truth, or by `AT_LEAST_WITHIN` microseconds if that is more. */
const TIME_WITHIN = 0.05;
const AT_LEAST_WITHIN = 2000;

const STALL_RATE = 200;
const FIXED_RATE = 50;
const ROUNDS = 200;

const closed = (connections: number, requests: number): TruthCheck['plan'] => ({
  model: { type: 'closed', connections, stages: [] },
  limit: { type: 'requests', requests },
});

const open = (rate: number, connections: number, seconds: number): TruthCheck['plan'] => ({
  model: { type: 'open', rate, arrivals: 'constant', stages: [], connections },
  limit: { type: 'duration', duration: ms(seconds * 1000) },
});

const count = (measure: string, truth: number, measured: number): Comparison => ({
  measure,
  unit: 'count',
  truth,
  measured,
  holds: truth === measured,
});

const time = (measure: string, truth: number, measured: number): Comparison => ({
  measure,
  unit: 'us',
  truth,
  measured,
  holds: Math.abs(measured - truth) <= Math.max(AT_LEAST_WITHIN, truth * TIME_WITHIN),
});

/** @param times in milliseconds; the percentile is in microseconds */
function percentile(times: readonly number[], name: PercentileName): number {
  const sorted = [...times].sort((a, b) => a - b);
  return (sorted[Math.max(1, Math.ceil(PERCENTILES[name] * sorted.length)) - 1] ?? 0) * 1000;
}

const serviceTimes = (truth: Truth, { latencyUs }: LoadResult, ...names: PercentileName[]): Comparison[] =>
  names.map((name) =>
    time(`service ${name}`, percentile(truth.tookMs, name), latencyUs.service?.[name] ?? 0),
  );

/** Response times of requests that were due at an even rate and answered in order. */
function responseTimes(truth: Truth, { latencyUs }: LoadResult, ...names: PercentileName[]): Comparison[] {
  const [first = 0] = truth.arrivedAt;
  const waited = truth.answeredAt.map((at, index) => at - first - (index * 1000) / STALL_RATE);
  return names.map((name) =>
    time(`response ${name}`, percentile(waited, name), latencyUs.response?.[name] ?? 0),
  );
}

/** The longest time between two arrivals; at an even rate all are equal. */
function largestGap({ arrivedAt }: Truth): Comparison {
  const gaps = arrivedAt.slice(1).map((at, index) => at - (arrivedAt[index] ?? 0));
  return time('largest gap', 1_000_000 / FIXED_RATE, Math.max(0, ...gaps) * 1000);
}

const requests = (truth: Truth, { counts }: LoadResult): Comparison =>
  count('requests', truth.arrivedAt.length, counts.scheduled);

export const TRUTH_CHECKS: readonly TruthCheck[] = [
  {
    behaviour: 'fixed',
    title: `a delay of 20 ms, asked ${FIXED_RATE} times a second`,
    plan: open(FIXED_RATE, 10, 2),
    compare: (truth, result) => [
      requests(truth, result),
      ...serviceTimes(truth, result, 'p50', 'p99'),
      largestGap(truth),
    ],
  },
  {
    behaviour: 'alternating',
    title: 'delays of 5 ms and 50 ms in turn',
    plan: closed(1, 60),
    compare: (truth, result) => [requests(truth, result), ...serviceTimes(truth, result, 'p50', 'p90')],
  },
  {
    behaviour: 'stall',
    title: `a stall of one second, asked ${STALL_RATE} times a second over one connection`,
    plan: open(STALL_RATE, 1, 4),
    compare: (truth, result) => [
      requests(truth, result),
      ...responseTimes(truth, result, 'p75', 'p90', 'p99'),
      ...serviceTimes(truth, result, 'p50', 'p99'),
    ],
  },
  {
    behaviour: 'drip',
    title: 'a body that comes in ten pieces, 10 ms apart',
    plan: closed(10, 50),
    compare: (truth, result) => [requests(truth, result), ...serviceTimes(truth, result, 'p50', 'p99')],
  },
  {
    behaviour: 'resets',
    title: 'one connection in ten reset',
    plan: closed(4, ROUNDS),
    compare: (truth, result) => [
      requests(truth, result),
      count('cut off', truth.faults, result.counts.byFailure['cut-off']),
      count('completed', truth.tookMs.length, result.counts.completed),
    ],
  },
  {
    behaviour: 'truncated',
    title: 'one body in ten truncated',
    plan: closed(4, ROUNDS),
    compare: (truth, result) => [
      requests(truth, result),
      count('cut off', truth.faults, result.counts.byFailure['cut-off']),
      count('completed', truth.tookMs.length, result.counts.completed),
    ],
  },
  {
    behaviour: 'errors',
    title: 'one answer in ten is 503',
    plan: closed(4, ROUNDS),
    compare: (truth, result) => [
      requests(truth, result),
      count('status 503', truth.faults, result.counts.byStatus['503'] ?? 0),
      count('failed', truth.faults, result.counts.failed),
      count('completed', truth.tookMs.length - truth.faults, result.counts.completed),
    ],
  },
];
