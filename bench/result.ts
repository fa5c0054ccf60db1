/** What the bench measured, and what follows from it: medians and targets. */
import type { Measurement } from './measure.ts';
import type { SuiteSample } from './suite.ts';

/** All samples of one runner, in the order of the rounds. */
export interface Series<S> {
  readonly id: string;
  readonly title: string;
  readonly samples: S[];
}

export interface Machine {
  readonly cpus: number;
  readonly platform: string;
  readonly node: string;
  /** Processes that wanted a CPU, on average over the minute before and the minute at the end of the bench. */
  readonly load: { readonly before: number; readonly after: number };
}

export interface BenchResult {
  readonly version: 1;
  readonly machine: Machine;
  readonly durationMs: number;
  readonly rounds: number;
  /** The version of start-server-and-test, or why it is not there. */
  readonly peer: { readonly version: string } | { readonly absent: string };
  /** `node -e 0`, in the same rounds. */
  readonly bareNode: Measurement[];
  /** From the start of a client to the begin of its process, in the same rounds. */
  readonly clientStartMs: number[];
  /** From the moment in which a server accepts to its first answer, in the same rounds. */
  readonly firstAnswerMs: number[];
  readonly suite: Series<SuiteSample>[];
  readonly serverAndClient: Series<SuiteSample>[];
  /** The server and the client alone, in each tier of ownership that the machine permits. */
  readonly tiers: Series<SuiteSample>[];
  readonly flood: { readonly megabytes: number; readonly series: Series<Measurement>[] };
}

export interface Target {
  readonly what: string;
  /** The median of the rounds. */
  readonly actual: number;
  /** The least of the rounds: what the machine allows in a quiet moment. */
  readonly best: number;
  readonly limit: number;
  readonly unit: string;
  readonly holds: boolean;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return (lower + upper) / 2;
}

export const medianOf = <S>(series: Series<S>, pick: (sample: S) => number): number =>
  median(series.samples.map(pick));

function seriesOf<S>(all: readonly Series<S>[], id: string): Series<S> {
  const found = all.find((series) => series.id === id);
  if (found === undefined) throw new Error(`no series ${id}`);
  return found;
}

/** Where the whole time of a run of the suite goes; each is a median, so they add up only roughly. */
export interface OwnTime {
  readonly wholeMs: number;
  readonly componentsMs: number;
  readonly bareNodeMs: number;
  readonly ownMs: number;
  /** Within the components, beside their steps and the starts of their servers. */
  readonly betweenMs: number;
  /** CPU of the runner itself, and of Node's bare start. */
  readonly cpuMs: number;
  readonly bareNodeCpuMs: number;
}

const components = (sample: SuiteSample): number => sample.account?.componentsMs ?? Number.NaN;

/** Whole time without the components and without Node's bare start, round by round. */
function ownTimes(result: BenchResult): number[] {
  return seriesOf(result.suite, 'shakedown').samples.map(
    (sample, round) => sample.wholeMs - components(sample) - (result.bareNode[round]?.wholeMs ?? Number.NaN),
  );
}

export function ownTime(result: BenchResult): OwnTime {
  const series = seriesOf(result.suite, 'shakedown');
  return {
    wholeMs: medianOf(series, ({ wholeMs }) => wholeMs),
    componentsMs: medianOf(series, components),
    bareNodeMs: median(result.bareNode.map(({ wholeMs }) => wholeMs)),
    ownMs: median(ownTimes(result)),
    betweenMs: medianOf(series, ({ account }) => account?.betweenMs ?? Number.NaN),
    cpuMs: medianOf(series, ({ cpuMs }) => cpuMs),
    bareNodeCpuMs: median(result.bareNode.map(({ cpuMs }) => cpuMs)),
  };
}

export function target(what: string, values: readonly number[], limit: number, unit: string): Target {
  const actual = median(values);
  return { what, actual, best: Math.min(...values), limit, unit, holds: actual <= limit };
}

/** What it costs Shakedown itself, in milliseconds for each gigabyte. */
const floodCpu = ({ flood }: BenchResult): number[] =>
  seriesOf(flood.series, 'shakedown').samples.map(({ cpuMs }) => cpuMs / (flood.megabytes / 1000));

export function targets(result: BenchResult): Target[] {
  const peaks = seriesOf(result.flood.series, 'shakedown').samples.map(({ peakMb }) => peakMb);
  return [
    ...result.tiers.map(({ title, samples }) =>
      target(
        `from "server accepts" to "client starts", ${title}`,
        samples.map(({ reactionMs }) => reactionMs),
        4,
        'ms',
      ),
    ),
    target("own time, beyond Node's start and the components", ownTimes(result), 60, 'ms'),
    target('CPU of a component printing, for each GB', floodCpu(result), 1500, 'ms'),
    target(`memory, a component printing ${result.flood.megabytes / 1000} GB`, peaks, 80, 'MB'),
  ];
}
