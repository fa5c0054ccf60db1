/** Holds thresholds against what was measured. */

import type { Threshold, ThresholdOperator, ThresholdResult } from '../../../core/load.ts';
import { type Measured, metricOf, type Reading } from '../../../core/metric.ts';
import { showMeasure } from '../../../core/threshold.ts';
import type { LoadFinding } from '../../findings.ts';
import { type Bounds, boundsOf, type Fidelity } from './bounds.ts';

/** A measured value, and what is known of the true one: within which bounds it lies. */
interface Measure extends Reading {
  readonly bounds: Bounds;
}

/** @param fidelity of the generator; without it what was measured is taken to be the truth */
function measureOf(measured: Measured, threshold: Threshold, fidelity?: Fidelity): Measure | undefined {
  const metric = metricOf(threshold.metric);
  const reading = metric?.read.get(threshold.unit)?.(measured);
  if (metric === undefined || reading === undefined) return undefined;
  const { unit } = threshold;
  const { value, atLeast } = reading;
  const { least, most } =
    fidelity === undefined
      ? { least: value, most: value }
      : boundsOf({ metric, unit, value, measured, fidelity });
  return { ...reading, bounds: { least, most: atLeast ? Number.POSITIVE_INFINITY : most } };
}

const HOLDS: Readonly<Record<ThresholdOperator, (actual: number, value: number) => boolean>> = {
  '<': (actual, value) => actual < value,
  '<=': (actual, value) => actual <= value,
  '==': (actual, value) => actual === value,
  '!=': (actual, value) => actual !== value,
  '>=': (actual, value) => actual >= value,
  '>': (actual, value) => actual > value,
};

/** `undecided`: nothing was measured, or what is known of the true value proves neither. */
type Outcome = 'holds' | 'broken' | 'undecided';

/** What follows when the true value is anything from `least` to `most`. */
function compareBounds({ least, most }: Bounds, threshold: Threshold): Outcome {
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
 * Holds a threshold against a result, or against a part of a run.
 *
 * A percentile that is only a lower bound never makes a `<` hold: whether it would have is not known.
 *
 * @param fidelity how well the generator did; without it what was measured is taken to be the truth
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

/** `p99 is at least 49.5 ms` */
const showMeasured = ({ metric, unit }: Threshold, { value, atLeast }: Measure): string =>
  `${metric} is ${atLeast ? 'at least ' : ''}${showMeasure(value, unit)}`;

/** What is known although the load generator did not do what it should have. */
function certainty({ value, bounds: { least, most } }: Measure, { metric, unit }: Threshold): string {
  if (least === value) return 'it may be more in truth';
  if (most === value) return 'it may be less in truth';
  if (Number.isFinite(most)) return `all that is certain is that it is at most ${showMeasure(most, unit)}`;
  return `it proves nothing of ${metric}`;
}

/** Why what was measured is not enough, and what to do about it. */
function whyUndecided(threshold: Threshold, measure: Measure): { message: string; hint: string } {
  const shown = showMeasured(threshold, measure);
  const most = measure.atLeast ? Number.POSITIVE_INFINITY : measure.value;
  if (compareBounds({ least: measure.value, most }, threshold) === 'undecided')
    return {
      message: `${shown}, since requests without a response took at least that long`,
      hint: 'run for longer, or raise the timeout, so that fewer responses are missing',
    };
  return {
    message: `${shown}, but the load generator set the limit, and ${certainty(measure, threshold)}`,
    hint: 'more --workers or --connections, a lower rate, or a machine that is less busy',
  };
}

function judge(threshold: Threshold, measured: Measured, fidelity?: Fidelity): LoadFinding[] {
  const { text, metric } = threshold;
  const measure = measureOf(measured, threshold, fidelity);
  const outcome = outcomeOf(measure, threshold);
  if (outcome === 'holds') return [];
  if (measure === undefined) {
    const hint = metric.startsWith('target.') ? { hint: 'name a process of the target by --pid' } : {};
    const message = `"${text}" cannot be judged: nothing was measured for ${metric}`;
    return [{ code: 'threshold-undecided', expression: text, message, ...hint }];
  }
  const { value: actual, atLeast } = measure;
  if (outcome === 'broken') {
    const message = `"${text}" does not hold: ${showMeasured(threshold, measure)}`;
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

/** What follows from the thresholds of a run: a finding for each that does not hold, or cannot be judged. */
export const judgeThresholds = (
  thresholds: readonly Threshold[],
  measured: Measured,
  fidelity?: Fidelity,
): LoadFinding[] => thresholds.flatMap((threshold) => judge(threshold, measured, fidelity));

/**
 * The conditions that end a run early and hold, as findings; none while it may go on.
 *
 * @param fidelity how well the generator did, once that is known: what it alone made hold is no failure of the target
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
    const message = `ended early, since "${condition.text}" held: ${showMeasured(condition, measure)}`;
    const expression = condition.text;
    const certain = measureOf(measured, condition, fidelity);
    if (outcomeOf(certain, condition) === 'holds')
      return [{ code: 'threshold', expression, actual, atLeast, message }];
    const doubt = `${message}; the load generator set the limit, so it may not have held in truth`;
    return [{ code: 'threshold-undecided', expression, message: doubt }];
  });
}
