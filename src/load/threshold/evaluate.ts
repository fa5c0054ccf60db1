/** Holds thresholds against what was measured. */
import type { Finding } from '../../domain/finding.ts';
import type { Latency, LoadCounts, LoadResult, Threshold, ThresholdResult } from '../../domain/load.ts';
import { showMeasure } from '../../domain/threshold.ts';

/** What thresholds can ask of a run, or of a part of it. */
export type Measured = Pick<
  LoadResult,
  'durationMs' | 'counts' | 'bytes' | 'rate' | 'latencyUs' | 'resources'
>;

/** A measured value, and whether it is only known that it is at least so large. */
interface Measure {
  readonly value: number;
  readonly atLeast: boolean;
}

const exactly = (value: number | undefined): Measure | undefined =>
  value === undefined ? undefined : { value, atLeast: false };

function latencyMeasure(latency: Latency | null, name: string): Measure | undefined {
  if (latency === null) return undefined;
  const value = latency[name as 'p50'];
  // A spread of times of which some are unknown is unknown too.
  if (name === 'stdev') return { value, atLeast: latency.atLeast.length > 0 };
  return { value, atLeast: latency.atLeast.some((each) => each === name) };
}

function countOf({ counts }: Measured, metric: string): number | undefined {
  const kind = /^failed\.(.+)$/.exec(metric)?.[1];
  if (kind !== undefined) return counts.byFailure[kind as keyof LoadCounts['byFailure']];
  if (metric === 'errors') return counts.failed + counts.timedOut;
  return counts[metric as 'failed'];
}

/** Whole responses with a status, or with one of a class such as `5xx`. */
function statusCount({ byStatus }: LoadCounts, wanted: string): number {
  const digits = wanted.replace('xx', '');
  return Object.entries(byStatus).reduce(
    (sum, [status, count]) => (status.startsWith(digits) ? sum + count : sum),
    0,
  );
}

const share = (part: number | undefined, whole: number): number | undefined =>
  part === undefined || whole === 0 ? undefined : part / whole;

function countMeasure(measured: Measured, { metric, unit }: Threshold): number | undefined {
  const status = /^status\.(.+)$/.exec(metric)?.[1];
  if (status === undefined) {
    const count = countOf(measured, metric);
    return unit === 'share' ? share(count, measured.counts.scheduled) : count;
  }
  const responses = Object.values(measured.counts.byStatus).reduce((sum, count) => sum + count, 0);
  const count = statusCount(measured.counts, status);
  return unit === 'share' ? share(count, responses) : count;
}

function targetMeasure({ resources, durationMs }: Measured, { metric, unit }: Threshold): number | undefined {
  if (resources === null) return undefined;
  const [, what = '', level = ''] = metric.split('.');
  if (what === 'cpu') return unit === 'us' ? resources.cpuMs * 1000 : share(resources.cpuMs, durationMs);
  const levels = { rss: resources.rssBytes, threads: resources.threads, descriptors: resources.descriptors }[
    what as 'rss'
  ];
  return level === 'growth' ? levels.last - levels.first : levels[level as 'peak'];
}

function measureOf(measured: Measured, threshold: Threshold): Measure | undefined {
  const { metric, unit } = threshold;
  if (metric.startsWith('target.')) return exactly(targetMeasure(measured, threshold));
  const { latencyUs, bytes, rate } = measured;
  switch (unit) {
    case 'us': {
      const [first = '', second] = metric.split('.');
      if (second === undefined) return latencyMeasure(latencyUs.response, first);
      return latencyMeasure(latencyUs[first as 'service'], second);
    }
    case 'bytes':
      if (metric === 'bytes') return exactly(bytes.sent + bytes.received);
      return exactly(metric === 'bytes.sent' ? bytes.sent : bytes.received);
    case 'per-second':
      return exactly(metric === 'rate.offered' ? rate.offered : rate.achieved);
    default:
      return exactly(countMeasure(measured, threshold));
  }
}

function compare(actual: number, { operator, value }: Threshold): boolean {
  switch (operator) {
    case '<':
      return actual < value;
    case '<=':
      return actual <= value;
    case '==':
      return actual === value;
    case '!=':
      return actual !== value;
    case '>=':
      return actual >= value;
    case '>':
      return actual > value;
  }
}

/** `undecided`: nothing was measured, or only a lower bound that proves neither. */
export type ThresholdOutcome = 'holds' | 'broken' | 'undecided';

/** What follows when the truth is the measured value or anything above it. */
function compareLowerBound(least: number, threshold: Threshold): ThresholdOutcome {
  const holdsAtLeast = compare(least, threshold);
  switch (threshold.operator) {
    case '<':
    case '<=':
      return holdsAtLeast ? 'undecided' : 'broken';
    case '>=':
    case '>':
      return holdsAtLeast ? 'holds' : 'undecided';
    case '==':
      return least > threshold.value ? 'broken' : 'undecided';
    case '!=':
      return least > threshold.value ? 'holds' : 'undecided';
  }
}

/** A threshold with what came of it. */
export interface JudgedThreshold extends ThresholdResult {
  readonly outcome: ThresholdOutcome;
}

/**
 * Holds one threshold against a result, or against a part of a run.
 *
 * A percentile that is only a lower bound never makes a `<` hold: whether it would have is not known.
 */
export function evaluateThreshold(threshold: Threshold, measured: Measured): JudgedThreshold {
  const measure = measureOf(measured, threshold);
  const expression = threshold.text;
  if (measure === undefined)
    return { expression, actual: null, atLeast: false, holds: false, outcome: 'undecided' };
  const { value: actual, atLeast } = measure;
  const outcome = atLeast
    ? compareLowerBound(actual, threshold)
    : compare(actual, threshold)
      ? 'holds'
      : 'broken';
  return { expression, actual, atLeast, holds: outcome === 'holds', outcome };
}

function findingOf(threshold: Threshold, { actual, atLeast, outcome }: JudgedThreshold): Finding[] {
  if (outcome === 'holds') return [];
  const { text, metric, unit } = threshold;
  if (actual === null)
    return [
      {
        code: 'threshold-undecided',
        expression: text,
        message: `"${text}" cannot be judged: nothing was measured for ${metric}`,
        ...(metric.startsWith('target.') ? { hint: 'name a process of the target by --pid' } : {}),
      },
    ];
  const shown = `${metric} is ${atLeast ? 'at least ' : ''}${showMeasure(actual, unit)}`;
  if (outcome === 'broken')
    return [{ code: 'threshold', expression: text, message: `"${text}" does not hold: ${shown}` }];
  return [
    {
      code: 'threshold-undecided',
      expression: text,
      message: `"${text}" cannot be judged: ${shown}, since requests without a response took at least that long`,
      hint: 'run for longer, or raise the timeout, so that fewer responses are missing',
    },
  ];
}

/** All thresholds of a run, and what follows from them. */
export function judgeThresholds(
  thresholds: readonly Threshold[],
  measured: Measured,
): { readonly results: ThresholdResult[]; readonly findings: Finding[] } {
  const judged = thresholds.map((threshold) => ({
    threshold,
    result: evaluateThreshold(threshold, measured),
  }));
  return {
    results: judged.map(({ result: { outcome: _, ...result } }) => result),
    findings: judged.flatMap(({ threshold, result }) => findingOf(threshold, result)),
  };
}
