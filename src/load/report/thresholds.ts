/** The thresholds of a load as they are told: what was measured, and whether that held. */
import type { Finding } from '../../core/finding.ts';
import type { LoadSummary, ThresholdUnit } from '../../core/load.ts';
import { parseThreshold, showMeasure } from '../../core/threshold.ts';

export interface ToldThreshold {
  readonly expression: string;
  /** `≥ 1.20 ms` */
  readonly measured: string;
  readonly outcome: 'held' | 'broken' | 'undecided';
}

function unitOf(expression: string): ThresholdUnit {
  const parsed = parseThreshold(expression);
  return parsed.ok ? parsed.value.unit : 'count';
}

/** @param findings say which are undecided */
export function toldThresholds(
  { thresholds }: Pick<LoadSummary, 'thresholds'>,
  findings: readonly Finding[],
): ToldThreshold[] {
  const undecided = new Set(
    findings.flatMap((finding) => (finding.code === 'threshold-undecided' ? [finding.expression] : [])),
  );
  return thresholds.map(({ expression, actual, atLeast, holds }) => ({
    expression,
    measured: `${atLeast ? '≥ ' : ''}${actual === null ? 'not measured' : showMeasure(actual, unitOf(expression))}`,
    outcome: holds ? 'held' : undecided.has(expression) ? 'undecided' : 'broken',
  }));
}
