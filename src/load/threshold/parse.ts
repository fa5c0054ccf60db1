/** Conditions as people write them: `p99 < 50ms`, `failed < 0.1%`, `rate >= 1000/s`. */
import {
  PERCENTILES,
  type Threshold,
  type ThresholdOperator,
  type ThresholdUnit,
} from '../../domain/load.ts';
import { err, ok, type Result } from '../../domain/result.ts';

/** A mistake, and where in the text it is. */
export interface ThresholdProblem {
  readonly message: string;
  readonly offset: number;
  readonly length: number;
}

const CLOCKS = ['', 'response.', 'service.', 'sendLag.'];
const MEASURES = ['min', 'mean', 'stdev', ...Object.keys(PERCENTILES), 'max'];

/** The unit in which each metric is measured. */
export const METRICS: Readonly<Record<string, ThresholdUnit>> = {
  ...Object.fromEntries(
    CLOCKS.flatMap((clock) => MEASURES.map((name) => [`${clock}${name}`, 'us' as const])),
  ),
  errors: 'count',
  failed: 'count',
  timedOut: 'count',
  neverSent: 'count',
  completed: 'count',
  rate: 'per-second',
  'target.rss.peak': 'bytes',
  'target.rss.growth': 'bytes',
  'target.cpu': 'us',
};

const UNITS: Readonly<Record<string, readonly [ThresholdUnit, number]>> = {
  us: ['us', 1],
  µs: ['us', 1],
  ms: ['us', 1e3],
  s: ['us', 1e6],
  '%': ['share', 0.01],
  '/s': ['per-second', 1],
  B: ['bytes', 1],
  KB: ['bytes', 1e3],
  MB: ['bytes', 1e6],
  GB: ['bytes', 1e9],
};

const FORM = /^(\s*)(\S+?)(\s*)(<=|>=|==|!=|<|>)(\s*)(-?[\d.]+)\s*(\S*)\s*$/;

/** @param text one condition */
export function parseThreshold(text: string): Result<Threshold, ThresholdProblem> {
  const found = FORM.exec(text);
  if (found === null)
    return err({
      message: `"${text}" is not a threshold; write it as p99 < 50ms, errors == 0 or rate >= 1000/s`,
      offset: 0,
      length: text.length,
    });
  const [, indent = '', metric = '', gap = '', operator = '', space = '', number = '', suffix = ''] = found;
  const wanted = METRICS[metric];
  if (wanted === undefined)
    return err({
      message: `there is no metric "${metric}"; there are p50 … p999, service.p99, errors, failed, rate, target.rss.growth`,
      offset: indent.length,
      length: metric.length,
    });
  const start = indent.length + metric.length + gap.length + operator.length + space.length;
  const [unit, factor] =
    suffix === '' ? [wanted, wanted === 'us' ? Number.NaN : 1] : (UNITS[suffix] ?? ['', 1]);
  const value = Number(number) * factor;
  const fits = unit === wanted || (unit === 'share' && wanted === 'count');
  if (!fits || Number.isNaN(value))
    return err({
      message: `"${number}${suffix}" does not fit ${metric}, which is measured in ${wanted}`,
      offset: start,
      length: text.trimEnd().length - start,
    });
  return ok({
    text: text.trim(),
    metric,
    operator: operator as ThresholdOperator,
    value,
    unit: unit as ThresholdUnit,
  });
}
