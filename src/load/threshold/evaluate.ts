import type { Latency, LoadResult, Threshold, ThresholdResult } from '../../domain/load.ts';

/** What thresholds are held against: a result, or what there is of one. */
export type Measures = Pick<LoadResult, 'counts' | 'rate' | 'latencyUs' | 'resources'>;

type Measured = readonly [value: number | null, isAtLeast: boolean];

const COMPARE: Readonly<Record<Threshold['operator'], (actual: number, wanted: number) => boolean>> = {
  '<': (actual, wanted) => actual < wanted,
  '<=': (actual, wanted) => actual <= wanted,
  '==': (actual, wanted) => actual === wanted,
  '!=': (actual, wanted) => actual !== wanted,
  '>=': (actual, wanted) => actual >= wanted,
  '>': (actual, wanted) => actual > wanted,
};

function latency(metric: string, { latencyUs }: Measures): Measured {
  const [name = '', clock = 'response'] = metric.split('.').reverse();
  const measures = latencyUs[clock as keyof typeof latencyUs];
  if (measures === null || measures === undefined) return [null, false];
  return [measures[name as 'p99'] ?? null, measures.atLeast.includes(name as Latency['atLeast'][number])];
}

function measure(metric: string, measures: Measures): Measured {
  const { counts, rate, resources } = measures;
  switch (metric) {
    case 'errors':
    case 'failed':
      return [counts.failed + counts.timedOut, false];
    case 'timedOut':
    case 'neverSent':
    case 'completed':
      return [counts[metric], false];
    case 'rate':
      return [rate.achieved, false];
    case 'target.rss.peak':
      return [resources?.rssBytes.peak ?? null, false];
    case 'target.rss.growth':
      return [resources === null ? null : resources.rssBytes.last - resources.rssBytes.first, false];
    case 'target.cpu':
      return [resources === null ? null : resources.cpuMs * 1000, false];
    default:
      return latency(metric, measures);
  }
}

/** Holds a condition against what was measured. What was not measured never holds; nor does a lower bound that is to be below. */
export function evaluateThreshold(threshold: Threshold, measures: Measures): ThresholdResult {
  const [value, atLeast] = measure(threshold.metric, measures);
  const { text: expression, operator, unit } = threshold;
  if (value === null) return { expression, actual: null, atLeast: false, holds: false };
  const { scheduled } = measures.counts;
  const actual = unit !== 'share' ? value : scheduled === 0 ? 0 : value / scheduled;
  const compares = COMPARE[operator](actual, threshold.value);
  const isCertain = !atLeast || operator === '>' || operator === '>=';
  return { expression, actual, atLeast, holds: compares && isCertain };
}
