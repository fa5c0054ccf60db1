/** A load over time: plots below each other, with the target's use of the machine on the same axis. */
import { formatDuration } from '../../../../core/units.ts';
import {
  formatBytes,
  formatCount,
  formatRate,
  formatShare,
  formatTime,
} from '../../../../load/report/format.ts';
import { decodeColumn } from '../../plotted/columns.ts';
import type { LoadPlots, TimeColumns } from '../../plotted/plot-data.ts';
import type { PlotSet, PlotSpec, Series } from './plot-set.ts';

type Decoded = { readonly [Name in keyof TimeColumns]?: readonly (number | null)[] };

/** Times that lie further apart than by this factor are drawn on a scale of powers. */
const WIDE = 50;
const TALL = 190;
const LOW = 110;

/** In milliseconds: further apart than this, two spans are not joined by a line. */
const PAUSE = 500;

/** Puts a gap where the load paused: a place without values. */
function withGaps(columns: Decoded): { x: number[]; values: Decoded } {
  const { atMs = [], durationMs = [] } = columns;
  const rows: (number | null)[] = [];
  const x: number[] = [];
  for (const [row, at] of atMs.entries()) {
    const end = (atMs[row - 1] ?? 0) + (durationMs[row - 1] ?? 0);
    if (row > 0 && (at ?? 0) - end > PAUSE) {
      x.push((end + (at ?? 0)) / 2);
      rows.push(null);
    }
    x.push((at ?? 0) + (durationMs[row] ?? 0) / 2);
    rows.push(row);
  }
  const values = Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [
      name,
      rows.map((row) => (row === null ? null : (column[row] ?? null))),
    ]),
  );
  return { x, values };
}

/** Powers of ten show both a p50 and a maximum that is a thousand times as long. */
export function isWide(series: readonly Series[]): boolean {
  const values = series.flatMap((each) => each.values.filter((value) => value !== null && value > 0));
  return values.length > 0 && Math.max(...(values as number[])) > WIDE * Math.min(...(values as number[]));
}

const showSeconds = (atMs: number): string =>
  atMs < 60_000 ? `${Number((atMs / 1000).toFixed(1))} s` : formatDuration(atMs);

function plotsOf(values: Decoded, { what, isOpen }: LoadPlots): PlotSpec[] {
  const series = (name: keyof TimeColumns, label: string, color: string, isDashed = false): Series[] => {
    const column = values[name];
    return column === undefined ? [] : [{ label, color, values: column, isDashed }];
  };
  const bounds = values.atLeast ?? [];
  const times = [
    ...series('p50', 'p50', 'plot-1'),
    ...series('p90', 'p90', 'plot-2'),
    ...series('p99', 'p99', 'plot-3'),
    ...series('max', 'max', 'plot-4', true),
  ].map((each, bit): Series => ({ ...each, isAtLeast: (at) => (((bounds[at] ?? 0) >> bit) & 1) === 1 }));
  const all: (Omit<PlotSpec, 'height'> & { height?: number })[] = [
    {
      title: `Rate of ${what}`,
      series: [
        ...(isOpen ? series('due', 'due', 'plot-4', true) : []),
        ...series('answered', 'answered', 'plot-1'),
      ],
      show: formatRate,
      height: TALL,
    },
    {
      title: `Response time${isWide(times) ? ' (powers of ten)' : ''}`,
      series: times,
      show: formatTime,
      height: TALL,
      isLog: isWide(times),
    },
    { title: 'Errors', series: series('errors', 'errors', 'bad'), show: formatRate, hasBars: true },
    { title: 'In flight', series: series('inFlight', 'in flight', 'plot-2'), show: formatCount },
    {
      title: 'Open connections',
      series: [...series('open', 'open', 'plot-5')],
      show: formatCount,
    },
    { title: 'Connections lost', series: series('lost', 'lost', 'bad'), show: formatRate, hasBars: true },
    { title: 'Received', series: series('received', 'received', 'plot-1'), show: formatRate },
    { title: 'CPU of the target (of a core)', series: series('cpu', 'CPU', 'plot-5'), show: formatShare },
    { title: 'Memory of the target', series: series('rss', 'memory', 'plot-5'), show: formatBytes },
    {
      title: 'Descriptors of the target',
      series: series('descriptors', 'descriptors', 'plot-5'),
      show: formatCount,
    },
  ];
  return all
    .filter((plot) => plot.series.length > 0)
    .map((plot) => ({ ...plot, height: plot.height ?? LOW }));
}

export function timePlots(load: LoadPlots): PlotSet | undefined {
  if (load.time === null) return undefined;
  const columns = Object.fromEntries(
    Object.entries(load.time).map(([name, column]) => [name, decodeColumn(column)]),
  ) as Decoded;
  const { x, values } = withGaps(columns);
  return {
    x,
    end: (columns.atMs?.at(-1) ?? 0) + (columns.durationMs?.at(-1) ?? 0),
    isLogX: false,
    showTick: showSeconds,
    showX: (at) => `at ${showSeconds(at)}`,
    control: 'Moment of the load',
    bands: load.bands,
    marks: load.marks,
    plots: plotsOf(values, load),
  };
}
