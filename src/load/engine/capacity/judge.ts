/** Judges a search: the findings about the capacity. */
import type { CapacityEnd, LoadCapacity } from '../../../core/capacity.ts';
import type { Threshold, ThresholdResult } from '../../../core/load.ts';
import { showMeasure } from '../../../core/threshold.ts';
import type { LoadFinding } from '../../findings.ts';
import { compareBounds } from '../threshold/evaluate.ts';

const show = (rate: number): string => showMeasure(rate, 'per-second');

const boundsOf = ({ holds, fails }: LoadCapacity) => ({
  least: holds ?? 0,
  most: fails ?? Number.POSITIVE_INFINITY,
});

/** `between 1,980/s and 2,030/s` */
export function showCapacity({ holds, fails }: LoadCapacity): string {
  if (holds === null) return fails === null ? 'unknown' : `less than ${show(fails)}`;
  return fails === null ? `at least ${show(holds)}` : `between ${show(holds)} and ${show(fails)}`;
}

export const evaluateCapacity = (
  thresholds: readonly Threshold[],
  capacity: LoadCapacity,
): ThresholdResult[] =>
  thresholds.map((threshold) => ({
    expression: threshold.text,
    actual: capacity.holds,
    atLeast: capacity.atLeast,
    holds: compareBounds(boundsOf(capacity), threshold) === 'holds',
  }));

const HINTS = {
  target: 'a longer --duration tells rates apart that are close to each other',
  generator: 'more --workers or --connections, or a machine that is less busy',
  range: 'raise --to, so that higher rates are tried',
} as const satisfies Record<LoadCapacity['limitedBy'], string>;

function judge(threshold: Threshold, capacity: LoadCapacity): LoadFinding[] {
  const { text: expression } = threshold;
  const outcome = compareBounds(boundsOf(capacity), threshold);
  if (outcome === 'holds') return [];
  const is = `the capacity is ${showCapacity(capacity)}`;
  // Rates that came out so once, in a search that did not end, prove no capacity to be too low.
  const isProven = capacity.confirmed || capacity.ended === 'target-lost';
  if (outcome === 'undecided' || !isProven)
    return [
      {
        code: 'threshold-undecided',
        expression,
        message: `"${expression}" cannot be judged: ${is}`,
        hint: HINTS[capacity.limitedBy],
      },
    ];
  const { holds: actual, atLeast } = capacity;
  return [{ code: 'threshold', expression, actual, atLeast, message: `"${expression}" was not met: ${is}` }];
}

/** Why a search that found nothing to rely on ended. */
function endOf(
  ended: CapacityEnd,
  capacity: LoadCapacity,
  lostAfter: string | undefined,
  interruptedBy: string | undefined,
): LoadFinding[] {
  if (ended === 'target-lost')
    return [
      {
        code: 'overload-not-survived',
        message: lostAfter ?? 'the target did not recover',
        hint: 'see whether it crashed, or leaks what a request has begun; then try again with a lower --to',
      },
    ];
  if (ended === 'interrupted')
    return [
      {
        code: 'ended-early',
        message: `the search was ${interruptedBy === undefined ? 'stopped early' : `interrupted by ${interruptedBy}`}`,
      },
    ];
  if (ended === 'out-of-time' || !capacity.confirmed)
    return [
      {
        code: 'capacity-unconfirmed',
        message: `the search took too long, and the capacity, ${showCapacity(capacity)}, is not confirmed`,
        hint: 'a longer --duration makes outcomes more certain, and a narrower range from --from to --to needs fewer of them',
      },
    ];
  return [];
}

/** Why no rate is known to hold. */
function nothingHolds({ fails, levels, limitedBy }: LoadCapacity): LoadFinding {
  const lowest = fails ?? Math.min(...levels.map(({ rate }) => rate));
  const reason = levels.findLast(({ rate, outcome }) => rate === lowest && outcome !== 'held')?.reason ?? '';
  if (fails !== null)
    return {
      code: 'no-rate-holds',
      message: `not even ${show(fails)} holds: ${reason}`,
      hint: 'a lower --from, or a condition that the target can meet',
    };
  const message =
    limitedBy === 'generator'
      ? `even at ${show(lowest)}: ${reason}`
      : `${show(lowest)} held in some measurements, and in others did not: ${reason}`;
  return { code: 'capacity-unconfirmed', message, hint: HINTS[limitedBy === 'range' ? 'target' : limitedBy] };
}

/**
 * @param lostAfter what became of the target, if it did not recover
 * @param interruptedBy the signal, if it was interrupted by one
 * @returns the findings; empty when a rate was found, and all thresholds hold
 */
export function judgeCapacity(
  thresholds: readonly Threshold[],
  capacity: LoadCapacity,
  {
    lostAfter,
    interruptedBy,
  }: { readonly lostAfter?: string | undefined; readonly interruptedBy?: string | undefined },
): LoadFinding[] {
  const findings = endOf(capacity.ended, capacity, lostAfter, interruptedBy);
  if (capacity.ended === 'found' && capacity.holds === null) findings.push(nothingHolds(capacity));
  if (capacity.limitedBy === 'generator' && capacity.holds !== null)
    findings.push({
      code: 'generator-saturated',
      message: `above ${show(capacity.holds)} the load generator was the bottleneck, so the capacity is at least that`,
      hint: HINTS.generator,
    });
  return [...findings, ...thresholds.flatMap((threshold) => judge(threshold, capacity))];
}
