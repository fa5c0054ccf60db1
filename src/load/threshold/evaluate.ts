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
type Outcome = 'holds' | 'broken' | 'undecided';

/** What follows when the truth is the measured value or anything above it. */
function compareLowerBound(least: number, threshold: Threshold): Outcome {
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

function outcomeOf(measure: Measure | undefined, threshold: Threshold): Outcome {
  if (measure === undefined) return 'undecided';
  if (measure.atLeast) return compareLowerBound(measure.value, threshold);
  return compare(measure.value, threshold) ? 'holds' : 'broken';
}

/**
 * Holds a threshold against a result, or against a part of a run.
 *
 * A percentile that is only a lower bound never makes a `<` hold: whether it would have is not known.
 */
export function evaluateThreshold(threshold: Threshold, measured: Measured): ThresholdResult {
  const measure = measureOf(measured, threshold);
  return {
    expression: threshold.text,
    actual: measure?.value ?? null,
    atLeast: measure?.atLeast ?? false,
    holds: outcomeOf(measure, threshold) === 'holds',
  };
}

/** `p99 is at least 49.5 ms` */
const showMeasured = ({ metric, unit }: Threshold, { value, atLeast }: Measure): string =>
  `${metric} is ${atLeast ? 'at least ' : ''}${showMeasure(value, unit)}`;

function judge(threshold: Threshold, measured: Measured): Finding[] {
  const { text, metric } = threshold;
  const measure = measureOf(measured, threshold);
  const outcome = outcomeOf(measure, threshold);
  if (outcome === 'holds') return [];
  if (measure === undefined) {
    const hint = metric.startsWith('target.') ? { hint: 'name a process of the target by --pid' } : {};
    const message = `"${text}" cannot be judged: nothing was measured for ${metric}`;
    return [{ code: 'threshold-undecided', expression: text, message, ...hint }];
  }
  const { value: actual, atLeast } = measure;
  const shown = showMeasured(threshold, measure);
  if (outcome === 'broken') {
    const message = `"${text}" does not hold: ${shown}`;
    return [{ code: 'threshold', expression: text, actual, atLeast, message }];
  }
  return [
    {
      code: 'threshold-undecided',
      expression: text,
      message: `"${text}" cannot be judged: ${shown}, since requests without a response took at least that long`,
      hint: 'run for longer, or raise the timeout, so that fewer responses are missing',
    },
  ];
}

/** What follows from the thresholds of a run: a finding for each that does not hold, or cannot be judged. */
export const judgeThresholds = (thresholds: readonly Threshold[], measured: Measured): Finding[] =>
  thresholds.flatMap((threshold) => judge(threshold, measured));

/** The conditions that end a run early and hold already, as findings; none while it may go on. */
export function abortingThresholds(conditions: readonly Threshold[], measured: Measured): Finding[] {
  return conditions.flatMap((condition): Finding[] => {
    const measure = measureOf(measured, condition);
    if (measure === undefined || outcomeOf(measure, condition) !== 'holds') return [];
    const { value: actual, atLeast } = measure;
    const message = `ended early, since "${condition.text}" held: ${showMeasured(condition, measure)}`;
    return [{ code: 'threshold', expression: condition.text, actual, atLeast, message }];
  });
}
