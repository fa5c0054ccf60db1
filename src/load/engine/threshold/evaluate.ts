/** Evaluates thresholds. */
import type { Threshold, ThresholdOperator, ThresholdResult } from '../../../core/load.ts';
import { type Measured, measuredOf, metricOf, type Reading } from '../../../core/metric.ts';
import { showMeasure } from '../../../core/threshold.ts';
import type { LoadFinding } from '../../findings.ts';
import { type Bounds, blurOf, boundsOf, type Fidelity } from './bounds.ts';

/** A measured value, and the bounds of the true one. */
interface Measure extends Reading {
  readonly bounds: Bounds;
  /** How far it may be from what it is known as, as a share of it. */
  readonly blur: number;
}

/** @param fidelity of the generator; without it the measurement is taken for the truth */
function measureOf(measured: Measured, threshold: Threshold, fidelity?: Fidelity): Measure | undefined {
  const metric = metricOf(threshold.metric);
  const part = measuredOf(measured, threshold.name);
  const reading = part === undefined ? undefined : metric?.read.get(threshold.unit)?.(part);
  if (metric === undefined || part === undefined || reading === undefined) return undefined;
  const { unit } = threshold;
  const { value, atLeast } = reading;
  const question = fidelity && { metric, unit, value, measured, part, fidelity };
  let { least, most } = question === undefined ? { least: value, most: value } : boundsOf(question);
  // A pause, however short it was of the whole, makes the worst of it worse: only what is bad for another reason is proved.
  if (question?.fidelity.stoodStill === true && compareBounds({ least, most }, threshold) === 'broken')
    ({ least, most } = boundsOf({ ...question, fidelity: { ...question.fidelity, isLate: true } }));
  return {
    ...reading,
    bounds: { least, most: atLeast ? Number.POSITIVE_INFINITY : most },
    blur: question === undefined ? 0 : blurOf(question),
  };
}

const HOLDS: Record<Exclude<ThresholdOperator, '==' | '!='>, (actual: number, value: number) => boolean> = {
  '<': (actual, value) => actual < value,
  '<=': (actual, value) => actual <= value,
  '>=': (actual, value) => actual >= value,
  '>': (actual, value) => actual > value,
};

/** `undecided`: nothing was measured, or the bounds of the true value prove neither. */
type Outcome = 'holds' | 'broken' | 'undecided';

/** The outcome if the true value is anything from `least` to `most`. */
export function compareBounds({ least, most }: Bounds, threshold: Threshold): Outcome {
  const { operator, value } = threshold;
  if (operator === '==' || operator === '!=') {
    if (value < least || value > most) return operator === '==' ? 'broken' : 'holds';
    if (least < most) return 'undecided';
    return operator === '==' ? 'holds' : 'broken';
  }
  const holds = HOLDS[operator](least, value);
  return holds === HOLDS[operator](most, value) ? (holds ? 'holds' : 'broken') : 'undecided';
}

const outcomeOf = (measure: Measure | undefined, threshold: Threshold): Outcome =>
  measure === undefined ? 'undecided' : compareBounds(measure.bounds, threshold);

/**
 * Evaluates a threshold on a result, or on part of a run.
 *
 * A percentile that is only a lower bound never makes a `<` hold, as the true value is unknown.
 *
 * @param fidelity of the generator; without it the measurement is taken for the truth
 */
export function evaluateThreshold(
  threshold: Threshold,
  measured: Measured,
  fidelity?: Fidelity,
): ThresholdResult {
  const measure = measureOf(measured, threshold, fidelity);
  return {
    expression: threshold.text,
    actual: measure?.value ?? null,
    atLeast: measure?.atLeast ?? false,
    holds: outcomeOf(measure, threshold) === 'holds',
  };
}

const showMetric = ({ metric, name }: Threshold): string => (name === null ? metric : `${metric}{${name}}`);

/** `p99 is at least 49.5 ms` */
const showMeasured = (threshold: Threshold, { value, atLeast }: Measure): string =>
  `${showMetric(threshold)} is ${atLeast ? 'at least ' : ''}${showMeasure(value, threshold.unit)}`;

/** What is certain although the generator did not keep to its plan. */
function certainty({ value, bounds: { least, most } }: Measure, threshold: Threshold): string {
  if (least === value) return 'the true value may be higher';
  if (most === value) return 'the true value may be lower';
  if (Number.isFinite(most))
    return `all that is certain is that it is at most ${showMeasure(most, threshold.unit)}`;
  return `it proves nothing about ${showMetric(threshold)}`;
}

const knownTo = (blur: number): string =>
  Number.isFinite(blur) ? `known to about ${Math.round(blur * 100)} %` : 'which is not known well enough';

/** Why the measurement is not enough, and what to do about it. */
function whyUndecided(threshold: Threshold, measure: Measure): { message: string; hint: string } {
  const shown = showMeasured(threshold, measure);
  const most = measure.atLeast ? Number.POSITIVE_INFINITY : measure.value;
  if (compareBounds({ least: measure.value, most }, threshold) === 'undecided')
    return {
      message: `${shown}, since requests without a response took at least that long`,
      hint: 'run for longer, or raise the timeout, so that fewer responses are missing',
    };
  if (measure.blur > 0)
    return {
      message: `${shown}, ${knownTo(measure.blur)}, since what agents measured was too large to be sent whole`,
      hint: 'fewer agents or fewer names, or a bound that is further away',
    };
  return {
    message: `${shown}, but the load generator was the bottleneck, and ${certainty(measure, threshold)}`,
    hint: 'more --workers or --connections, a lower rate, or a machine that is less busy',
  };
}

function judge(threshold: Threshold, measured: Measured, fidelity?: Fidelity): LoadFinding[] {
  const { text, metric } = threshold;
  const measure = measureOf(measured, threshold, fidelity);
  const outcome = outcomeOf(measure, threshold);
  if (outcome === 'holds') return [];
  if (measure === undefined) {
    const hint = metric.startsWith('target.')
      ? { hint: 'give the id of a process of the target with --pid' }
      : {};
    const message = `"${text}" cannot be judged: nothing was measured for ${showMetric(threshold)}`;
    return [{ code: 'threshold-undecided', expression: text, message, ...hint }];
  }
  const { value: actual, atLeast } = measure;
  if (outcome === 'broken') {
    const message = `"${text}" was not met: ${showMeasured(threshold, measure)}`;
    return [{ code: 'threshold', expression: text, actual, atLeast, message }];
  }
  const { message, hint } = whyUndecided(threshold, measure);
  return [
    {
      code: 'threshold-undecided',
      expression: text,
      message: `"${text}" cannot be judged: ${message}`,
      hint,
    },
  ];
}

/** A finding for each threshold that is broken or undecided. */
export const judgeThresholds = (
  thresholds: readonly Threshold[],
  measured: Measured,
  fidelity?: Fidelity,
): LoadFinding[] => thresholds.flatMap((threshold) => judge(threshold, measured, fidelity));

/**
 * Findings for the conditions that end a run early; none while it may go on.
 *
 * @param fidelity of the generator, once known: a condition that it alone caused is not a failure of the target
 */
export function abortingThresholds(
  conditions: readonly Threshold[],
  measured: Measured,
  fidelity?: Fidelity,
): LoadFinding[] {
  return conditions.flatMap((condition): LoadFinding[] => {
    const measure = measureOf(measured, condition);
    if (measure === undefined || outcomeOf(measure, condition) !== 'holds') return [];
    const { value: actual, atLeast } = measure;
    const message = `stopped early because "${condition.text}" was true: ${showMeasured(condition, measure)}`;
    const expression = condition.text;
    const certain = measureOf(measured, condition, fidelity);
    if (outcomeOf(certain, condition) === 'holds')
      return [{ code: 'threshold', expression, actual, atLeast, message }];
    const why =
      (certain?.blur ?? 0) > 0 ? knownTo(certain?.blur ?? 0) : 'the load generator was the bottleneck';
    const doubt = `${message}; ${why}, so the true value may differ`;
    return [{ code: 'threshold-undecided', expression, message: doubt }];
  });
}
