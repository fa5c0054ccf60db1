/** Percentiles on the scale of HdrHistogram, by both clocks. */
import { formatTime } from '../../../../load/report/format.ts';
import type { LoadPlots } from '../../plotted/plot-data.ts';
import type { PlotSet, Series } from './plot-set.ts';
import { isWide } from './time.ts';

/** `99.9 %` for one in a thousand. */
function showPercentile(oneIn: number): string {
  const digits = Math.max(0, Math.ceil(Math.log10(oneIn)) - 1);
  return `${Number((100 - 100 / oneIn).toFixed(Math.min(8, digits)))} %`;
}

export function percentilePlots({ curves }: LoadPlots): PlotSet | undefined {
  if (curves === null) return undefined;
  const last = curves.oneIn.at(-1) ?? 1;
  const splits = [1, 2];
  for (let nine = 10; nine <= last; nine *= 10) splits.push(nine);
  const series: Series[] = [
    { label: 'response time, since it was due', color: 'plot-1', values: curves.response },
    { label: 'service time, since it was sent', color: 'plot-3', values: curves.service, isDashed: true },
  ].filter(({ values }) => values.some((value) => value !== null));
  const isLog = isWide(series);
  return {
    x: curves.oneIn,
    end: last,
    isLogX: true,
    splits,
    showTick: showPercentile,
    showX: (oneIn) =>
      oneIn >= last ? 'the longest' : `${showPercentile(oneIn)}, one in ${Number(oneIn.toPrecision(3))}`,
    control: 'Percentile',
    bands: [],
    marks: [],
    plots: [
      {
        title: `Latency by percentile${isLog ? ' (powers of ten)' : ''}`,
        series,
        show: formatTime,
        height: 240,
        isLog,
      },
    ],
  };
}
