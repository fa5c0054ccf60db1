/** What the bench of load generators measured, and what follows from it. */
import { type Machine, median, medianOf, type Series, type Target, target } from '../result.ts';
import type { Site } from './servers.ts';

/** Two runs of one generator against one server, one of them longer. */
export interface GeneratorSample {
  /** By which the longer one had more. */
  readonly requests: number;
  /** CPU of the whole process by which the longer one took more, divided by these requests. */
  readonly userUs: number;
  readonly systemUs: number;
  /** CPU that is not explained by requests: what it takes to start, and to get into its stride. */
  readonly startMs: number;
  readonly perSecond: number;
  readonly peakMb: number;
}

export interface Comparison {
  readonly site: Omit<Site, 'body'>;
  readonly series: readonly Series<GeneratorSample>[];
}

/** How late, in microseconds, at an open load. */
export interface Lateness {
  readonly p50: number;
  readonly p99: number;
}

export interface OpenSample {
  readonly sendLag: Lateness;
  readonly spin: Lateness;
  readonly cpuShare: number;
}

/** What is measured of Shakedown alone. */
export interface OwnSample {
  /** Requests a second with two threads, as a multiple of those with one. */
  readonly scaling: number;
  /** With 10,000 connections. */
  readonly crowdMb: number;
  readonly open: readonly OpenSample[];
  /** For each number of requests, in their order. */
  readonly growthMb: readonly number[];
}

export interface GeneratorsResult {
  readonly version: 1;
  readonly machine: Machine;
  readonly durationMs: number;
  readonly rounds: number;
  readonly connections: number;
  readonly seconds: number;
  readonly absent: readonly { readonly id: string; readonly reason: string }[];
  readonly comparisons: readonly Comparison[];
  readonly growthRequests: readonly number[];
  readonly own: readonly OwnSample[];
}

export const cpuUs = ({ userUs, systemUs }: GeneratorSample): number => userUs + systemUs;

/** What CPU per request may at most be, as a multiple of a peer's. */
const RATIOS: Readonly<Record<string, number>> = { wrk: 1.15, autocannon: 0.5, hey: 0.5, k6: 0.25 };
/** The generator's two threads and a server need so many. */
const CORES_FOR_SCALING = 4;

/** Round by round: what was noisy, was so for both. */
function ratioTargets({ site, series }: Comparison): Target[] {
  const own = series.find(({ id }) => id === 'shakedown')?.samples ?? [];
  return series.flatMap(({ id, title, samples }) => {
    const limit = RATIOS[id];
    if (limit === undefined) return [];
    const ratios = own.map((sample, round) => {
      const peer = samples[round];
      return peer === undefined ? Number.NaN : cpuUs(sample) / cpuUs(peer);
    });
    return [target(`CPU per request beside ${title}, ${site.title}`, ratios, limit, '×')];
  });
}

/** A bound of its own, or twice what a loop sees that does nothing but look at the clock. */
function lagTarget(share: keyof Lateness, ownLimit: number, own: readonly OwnSample[]): Target {
  const samples = own.flatMap(({ open }) => open);
  const limit = Math.max(ownLimit, 2 * median(samples.map(({ spin }) => spin[share])));
  const values = samples.map(({ sendLag }) => sendLag[share]);
  return target(`send lag ${share}, 10,000 requests a second`, values, limit, 'µs');
}

function scalingTargets({ own, machine }: GeneratorsResult): Target[] {
  if (machine.cpus < CORES_FOR_SCALING) return [];
  const values = own.map(({ scaling }) => 2 / scaling);
  return [target('CPU-bound time a request, two threads (1: perfect)', values, 2 / 1.8, '×')];
}

export function generatorTargets(result: GeneratorsResult): Target[] {
  const { own } = result;
  const growth = own.map(({ growthMb }) => (growthMb.at(-1) ?? Number.NaN) - (growthMb.at(-2) ?? Number.NaN));
  return [
    ...result.comparisons.flatMap(ratioTargets),
    ...scalingTargets(result),
    target(
      'memory, 10,000 connections',
      own.map(({ crowdMb }) => crowdMb),
      300,
      'MB',
    ),
    lagTarget('p50', 20, own),
    lagTarget('p99', 500, own),
    target('more memory at four times the requests', growth, 10, 'MB'),
  ];
}

export interface Figures {
  readonly title: string;
  readonly cpu: number;
  readonly user: number;
  readonly system: number;
  readonly startMs: number;
  readonly perSecond: number;
  readonly peakMb: number;
}

/** Medians, the cheapest first. */
export function figuresOf({ series }: Comparison): Figures[] {
  return series
    .map((one) => ({
      title: one.title,
      cpu: medianOf(one, cpuUs),
      user: medianOf(one, ({ userUs }) => userUs),
      system: medianOf(one, ({ systemUs }) => systemUs),
      startMs: medianOf(one, ({ startMs }) => startMs),
      perSecond: medianOf(one, ({ perSecond }) => perSecond),
      peakMb: medianOf(one, ({ peakMb }) => peakMb),
    }))
    .sort((one, other) => one.cpu - other.cpu);
}
