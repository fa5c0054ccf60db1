/** The result as text. */
import {
  type BenchResult,
  type Machine,
  median,
  medianOf,
  ownTime,
  type Series,
  type Target,
  targets,
} from './result.ts';
import type { SuiteSample } from './suite.ts';

export type Row = readonly string[];

/** A column for names, then columns of figures, which are aligned by their ends. */
export function layOut(rows: readonly Row[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, index) =>
        index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** Three figures, and no more than the measurement gives. */
export function figure(value: number, unit: string): string {
  if (!Number.isFinite(value)) return '–';
  return `${value.toFixed(Math.abs(value) < 10 ? 1 : 0)} ${unit}`;
}

/** A figure beside its ratio to Shakedown's, which tells more than the figure does on a machine that is not idle. */
function compared(value: number, reference: number, unit: string): string {
  const ratio = value / reference;
  const shown = Number.isFinite(ratio) ? ` ${ratio.toFixed(ratio < 10 ? 2 : 0)}×`.padStart(7) : '';
  return `${figure(value, unit)}${shown}`;
}

export interface Measure<S> {
  readonly name: string;
  readonly unit: string;
  readonly pick: (sample: S) => number;
}

export function compareRows<S>(
  all: readonly Series<S>[],
  reference: string,
  measures: readonly Measure<S>[],
): string[][] {
  const base = all.find(({ id }) => id === reference);
  return measures.map(({ name, unit, pick }) => [
    name,
    ...all.map((series) =>
      compared(medianOf(series, pick), base === undefined ? Number.NaN : medianOf(base, pick), unit),
    ),
  ]);
}

const SUITE_MEASURES: readonly Measure<SuiteSample>[] = [
  { name: 'whole time', unit: 'ms', pick: ({ wholeMs }) => wholeMs },
  { name: 'server accepts → client starts', unit: 'ms', pick: ({ reactionMs }) => reactionMs },
  { name: 'CPU of the runner itself', unit: 'ms', pick: ({ cpuMs }) => cpuMs },
  { name: 'CPU of its children', unit: 'ms', pick: ({ childCpuMs }) => childCpuMs },
  { name: 'peak memory of the runner', unit: 'MB', pick: ({ peakMb }) => peakMb },
];

function suiteTable(title: string, all: readonly Series<SuiteSample>[], reference: string): string[] {
  return layOut([
    [title, ...all.map((series) => series.title)],
    ...compareRows(all, reference, SUITE_MEASURES),
  ]);
}

function floodTable({ flood }: BenchResult): string[] {
  const gigabytes = flood.megabytes / 1000;
  const perGigabyte = (milliseconds: number): number => milliseconds / 1000 / gigabytes;
  return layOut([
    [`A component that prints ${gigabytes} GB`, ...flood.series.map(({ title }) => title)],
    ...compareRows(flood.series, 'shakedown', [
      { name: 'whole time', unit: 's', pick: ({ wholeMs }) => wholeMs / 1000 },
      { name: 'CPU per GB: the runner itself', unit: 's', pick: ({ cpuMs }) => perGigabyte(cpuMs) },
      { name: 'CPU per GB: its children', unit: 's', pick: ({ childCpuMs }) => perGigabyte(childCpuMs) },
      {
        name: 'CPU per GB: both',
        unit: 's',
        pick: ({ cpuMs, childCpuMs }) => perGigabyte(cpuMs + childCpuMs),
      },
      { name: 'peak memory of the runner', unit: 'MB', pick: ({ peakMb }) => peakMb },
    ]),
  ]);
}

function ownTable(result: BenchResult): string[] {
  const own = ownTime(result);
  const row = (name: string, ms: number, cpuMs?: number): Row => [
    name,
    figure(ms, 'ms'),
    cpuMs === undefined ? '' : figure(cpuMs, 'ms'),
  ];
  return layOut([
    ["Shakedown's own time", 'time', 'CPU'],
    row('whole', own.wholeMs, own.cpuMs),
    row('− the components, by its report', own.componentsMs),
    row("− Node's bare start (node -e 0)", own.bareNodeMs, own.bareNodeCpuMs),
    row('= its own, around the components', own.ownMs, own.cpuMs - own.bareNodeCpuMs),
    row('within the components, beside their processes', own.betweenMs),
  ]);
}

export function targetTable(targets: readonly Target[]): string[] {
  return layOut([
    ['Targets', 'median', 'best', 'at most', ''],
    ...targets.map(({ what, actual, best, limit, unit, holds }) => [
      what,
      figure(actual, unit),
      figure(best, unit),
      figure(limit, unit),
      holds ? 'holds' : 'MISSED',
    ]),
  ]);
}

export function machineLine({ cpus, platform, node, load }: Machine): string {
  return `${cpus} cores, ${platform}, Node ${node}, load ${load.before.toFixed(1)} before and ${load.after.toFixed(1)} after`;
}

export function showResult(result: BenchResult): string {
  const { peer } = result;
  const peerLine =
    'version' in peer
      ? `s-s-a-t is start-server-and-test ${peer.version}, as it comes and looking every 25 ms`
      : `start-server-and-test is missing: ${peer.absent}`;
  const parts = [
    [
      `${result.rounds} interleaved rounds in ${figure(result.durationMs / 1000, 's')}; medians, beside them the ratio to Shakedown`,
      machineLine(result.machine),
      peerLine,
      `a client that is started at once begins ${figure(median(result.clientStartMs), 'ms')} later: no runner can do without`,
      `a server gives its first answer ${figure(median(result.firstAnswerMs), 'ms')} after it accepts: nor can one that waits for it`,
    ],
    suiteTable('thread, http with client, init', result.suite, 'shakedown'),
    suiteTable('http with client alone', result.serverAndClient, 'shakedown-http'),
    suiteTable('http with client alone, by tier', result.tiers, result.tiers[0]?.id ?? ''),
    ownTable(result),
    floodTable(result),
    targetTable(targets(result)),
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}
