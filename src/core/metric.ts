/** The metrics of thresholds, with their units and how to read each of them from the measurements. */
import {
  type Latency,
  type LoadCounts,
  type LoadLatency,
  type LoadResult,
  PERCENTILE_NAMES,
  type PercentileName,
  type TargetResources,
  type ThresholdUnit,
} from './load.ts';
import type { ChannelResult } from './load-channel.ts';
import type { LoadIterations } from './load-scenario.ts';

/** What thresholds can refer to: a run, or part of it. */
export type Measured = Pick<
  LoadResult,
  'durationMs' | 'counts' | 'bytes' | 'rate' | 'latencyUs' | 'byName' | 'iterations' | 'channel' | 'resources'
> &
  Partial<Pick<LoadResult, 'capacity'>>;

/**
 * What was measured of the requests of a name.
 *
 * @returns undefined if there was none
 */
export function measuredOf(measured: Measured, name: string | null): Measured | undefined {
  // With a single name, all requests have it.
  if (name === null || measured.byName.length === 0) return measured;
  const part = measured.byName.find((each) => each.part === 'load' && each.name === name);
  if (part === undefined || part.counts.scheduled === 0) return undefined;
  return {
    ...part,
    durationMs: measured.durationMs,
    byName: [],
    iterations: null,
    channel: null,
    resources: null,
  };
}

export interface Reading {
  /** In the requested unit. */
  readonly value: number;
  /** Whether requests without a response make it a lower bound. */
  readonly atLeast: boolean;
}

/** Undefined when nothing was measured. */
type Read = (measured: Measured) => Reading | undefined;

export type TimeMeasure = 'min' | 'mean' | 'stdev' | PercentileName | 'max';

/** What a metric measures: this decides what its value proves when the generator lagged. */
export type Subject =
  | { readonly type: 'time'; readonly clock: keyof LoadLatency; readonly measure: TimeMeasure }
  | {
      readonly type:
        | 'requests'
        | 'failures'
        | 'responses'
        | 'rate'
        | 'bytes'
        | 'target'
        | 'channel'
        | 'iterations'
        | 'capacity';
    };

export interface Metric {
  readonly name: string;
  readonly about: Subject;
  /** By unit, the usual one first. */
  readonly read: ReadonlyMap<ThresholdUnit, Read>;
}

const TIMES: readonly TimeMeasure[] = ['min', 'mean', 'stdev', ...PERCENTILE_NAMES, 'max'];
export const CLOCKS = ['response', 'service', 'sendLag'] as const satisfies (keyof LoadLatency)[];

const exactly = (value: number | undefined): Reading | undefined =>
  value === undefined ? undefined : { value, atLeast: false };

const share = (part: number | undefined, whole: number): number | undefined =>
  part === undefined || whole === 0 ? undefined : part / whole;

function time(name: string, clock: keyof LoadLatency, measure: TimeMeasure): Metric {
  const read: Read = ({ latencyUs }) => {
    const latency = latencyUs[clock];
    if (latency === null) return undefined;
    // A deviation is unknown if any of the times is.
    const atLeast = latency.atLeast.some((each) => measure === 'stdev' || each === measure);
    return { value: latency[measure], atLeast };
  };
  return { name, about: { type: 'time', clock, measure }, read: new Map([['us', read]]) };
}

/** A number of requests, or its share of a total. */
function count(
  name: string,
  type: 'requests' | 'failures' | 'responses',
  part: (counts: LoadCounts) => number | undefined,
  whole: (counts: LoadCounts) => number = ({ scheduled }) => scheduled,
): Metric {
  const read = new Map<ThresholdUnit, Read>([
    ['count', ({ counts }) => exactly(part(counts))],
    ['share', ({ counts }) => exactly(share(part(counts), whole(counts)))],
  ]);
  return { name, about: { type }, read };
}

/** A metric with a single unit. */
const single = (
  name: string,
  type: 'rate' | 'bytes' | 'target' | 'capacity',
  unit: ThresholdUnit,
  value: (measured: Measured) => number | undefined,
): Metric => ({ name, about: { type }, read: new Map([[unit, (measured) => exactly(value(measured))]]) });

const CPU = new Map<ThresholdUnit, Read>([
  ['share', ({ resources, durationMs }) => exactly(share(resources?.cpuMs, durationMs))],
  ['us', ({ resources }) => exactly(resources === null ? undefined : resources.cpuMs * 1000)],
]);

type Span = TargetResources['threads'];

const LEVELS: readonly (readonly [string, (span: Span) => number])[] = [
  ['first', ({ first }) => first],
  ['last', ({ last }) => last],
  ['peak', ({ peak }) => peak],
  ['growth', ({ first, last }) => last - first],
];

/** A metric of a process tree that varies over time. */
const level = (
  name: string,
  unit: ThresholdUnit,
  spanOf: (resources: TargetResources) => Span,
  [at, of]: (typeof LEVELS)[number],
): Metric =>
  single(`target.${name}.${at}`, 'target', unit, ({ resources }) =>
    resources === null ? undefined : of(spanOf(resources)),
  );

type ChannelType = ChannelResult['type'];

/** What the metrics of a channel begin with. */
export const CHANNEL_PREFIXES = { websocket: 'ws', sse: 'sse' } as const satisfies Record<
  ChannelType,
  string
>;

/** A number of a channel, also per second. */
function channelCount(name: string, of: (channel: ChannelResult) => number): Metric {
  const read = new Map<ThresholdUnit, Read>([
    ['count', ({ channel }) => exactly(channel === null ? undefined : of(channel))],
    [
      'per-second',
      ({ channel, durationMs }) =>
        exactly(channel === null || durationMs === 0 ? undefined : (of(channel) / durationMs) * 1000),
    ],
  ]);
  return { name, about: { type: 'channel' }, read };
}

/** A time of a channel. */
const channelTimes = (name: string, of: (channel: ChannelResult) => Latency | null): Metric[] =>
  TIMES.map((measure) => ({
    name: `${name}.${measure}`,
    about: { type: 'channel' },
    read: new Map<ThresholdUnit, Read>([
      ['us', ({ channel }) => exactly((channel === null ? null : of(channel))?.[measure])],
    ]),
  }));

/**
 * Of WebSockets and event streams.
 *
 * @param latency what the time of its messages, or to its first event, is called
 * @param messages what is received
 */
function ofChannel(type: ChannelType, latency: string, messages: string): Metric[] {
  const prefix = CHANNEL_PREFIXES[type];
  const own =
    type === 'sse'
      ? (['opened', 'lost', 'ended', 'wrong'] as const)
      : (['opened', 'lost', 'refused', 'unasked'] as const);
  return [
    ...TIMES.map((measure) => time(`${prefix}.${latency}.${measure}`, 'response', measure)),
    ...channelTimes(`${prefix}.connect`, ({ connectUs }) => connectUs),
    ...channelTimes(`${prefix}.gap`, ({ gapUs }) => gapUs),
    channelCount(`${prefix}.${messages}`, ({ received }) => received),
    ...own.map((name) => channelCount(`${prefix}.${name}`, (channel) => channel[name])),
  ];
}

/** Of users: each is about whole iterations. */
function ofIterations(): Metric[] {
  const about = { type: 'iterations' } as const;
  const counted = (name: string, of: (iterations: LoadIterations) => number): Metric => ({
    name: `iterations.${name}`,
    about,
    read: new Map<ThresholdUnit, Read>([
      ['count', ({ iterations }) => exactly(iterations === null ? undefined : of(iterations))],
      [
        'share',
        ({ iterations }) =>
          exactly(iterations === null ? undefined : share(of(iterations), iterations.scheduled)),
      ],
    ]),
  });
  const rate: Read = ({ iterations, durationMs }) =>
    exactly(iterations === null || durationMs === 0 ? undefined : (iterations.completed / durationMs) * 1000);
  const time = (measure: TimeMeasure): Metric => ({
    name: `iterations.${measure}`,
    about,
    read: new Map<ThresholdUnit, Read>([
      [
        'us',
        ({ iterations }) => {
          const duration = iterations?.durationUs ?? null;
          if (duration === null) return undefined;
          return { value: duration[measure], atLeast: duration.atLeast.some((each) => each === measure) };
        },
      ],
    ]),
  });
  return [
    counted('completed', ({ completed }) => completed),
    counted('failed', ({ failed }) => failed),
    counted('neverStarted', ({ neverStarted }) => neverStarted),
    { name: 'iterations.rate', about, read: new Map([['per-second', rate]]) },
    ...TIMES.map(time),
  ];
}

/** All but the statuses and the close codes, by name. */
export const METRICS: ReadonlyMap<string, Metric> = new Map(
  [
    ...TIMES.map((measure) => time(measure, 'response', measure)),
    ...CLOCKS.flatMap((clock) => TIMES.map((measure) => time(`${clock}.${measure}`, clock, measure))),
    count('scheduled', 'requests', ({ scheduled }) => scheduled),
    count('completed', 'requests', ({ completed }) => completed),
    count('errors', 'failures', ({ failed, timedOut }) => failed + timedOut),
    count('failed', 'failures', ({ failed }) => failed),
    count('timedOut', 'failures', ({ timedOut }) => timedOut),
    count('neverSent', 'requests', ({ neverSent }) => neverSent),
    count('inFlightAtEnd', 'requests', ({ inFlightAtEnd }) => inFlightAtEnd),
    ...(['check', 'connect', 'tls', 'cut-off', 'protocol', 'machine'] as const).map((kind) =>
      count(`failed.${kind}`, 'failures', ({ byFailure }) => byFailure[kind]),
    ),
    single('rate', 'rate', 'per-second', ({ rate }) => rate.achieved),
    single('rate.offered', 'rate', 'per-second', ({ rate }) => rate.offered),
    single('capacity', 'capacity', 'per-second', ({ capacity }) => capacity?.holds ?? undefined),
    single('bytes', 'bytes', 'bytes', ({ bytes }) => bytes.sent + bytes.received),
    single('bytes.sent', 'bytes', 'bytes', ({ bytes }) => bytes.sent),
    single('bytes.received', 'bytes', 'bytes', ({ bytes }) => bytes.received),
    ...ofChannel('websocket', 'latency', 'messages'),
    ...ofChannel('sse', 'first', 'events'),
    ...ofIterations(),
    { name: 'target.cpu', about: { type: 'target' } as const, read: CPU },
    ...LEVELS.map((at) => level('rss', 'bytes', ({ rssBytes }) => rssBytes, at)),
    ...LEVELS.flatMap((at) => [
      level('threads', 'count', ({ threads }) => threads, at),
      level('descriptors', 'count', ({ descriptors }) => descriptors, at),
    ]),
  ].map((metric) => [metric.name, metric]),
);

const STATUS = /^status\.([1-9])(\d\d|xx)$/;

/** Responses with a status, or one of a class such as `5xx`, out of all complete responses. */
function status(name: string): Metric | undefined {
  const [, hundreds, rest] = STATUS.exec(name) ?? [];
  if (hundreds === undefined) return undefined;
  const digits = rest === 'xx' ? hundreds : `${hundreds}${rest}`;
  const starting = (start: string) => (counts: LoadCounts) =>
    Object.entries(counts.byStatus).reduce(
      (sum, [code, times]) => (code.startsWith(start) ? sum + times : sum),
      0,
    );
  return count(name, 'responses', starting(digits), starting(''));
}

const CLOSE = /^ws\.close\.(\d{4})$/;

/** WebSockets that ended with a close code. */
function close(name: string): Metric | undefined {
  const [, code] = CLOSE.exec(name) ?? [];
  return code === undefined ? undefined : channelCount(name, ({ closes }) => closes[code] ?? 0);
}

/** @param name as in a threshold; a status is `status.404` or `status.5xx`, a close code `ws.close.1006` */
export const metricOf = (name: string): Metric | undefined =>
  METRICS.get(name) ?? status(name) ?? close(name);
