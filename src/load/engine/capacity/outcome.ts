/** What became of a level. */
import type { LevelOutcome } from '../../../core/capacity.ts';
import type { LoadResult } from '../../../core/load.ts';
import { consequenceOf, type LoadFinding } from '../../findings.ts';
import { backlogGrew } from './loss.ts';

export interface Outcome {
  readonly outcome: LevelOutcome;
  /** Why it did not hold; null if it did. */
  readonly reason: string | null;
}

/**
 * @param result of the level, whose thresholds were the conditions
 * @param lost why it was ended early; undefined if it was not
 */
export function outcomeOf(
  { verdict, findings, windows, counts, generator }: LoadResult<LoadFinding>,
  lost: string | undefined,
): Outcome {
  const broken = findings.find(({ code }) => consequenceOf(code) === 'failed');
  if (broken !== undefined) return { outcome: 'lost', reason: broken.message };
  const piledUp = backlogGrew(windows, counts.scheduled)
    ? 'requests came faster than they were answered, and piled up'
    : undefined;
  const reason = lost ?? piledUp;
  if (reason === undefined && verdict === 'passed') return { outcome: 'held', reason: null };
  const doubt = findings.find(({ code }) => code === 'generator-saturated' || code === 'machine-trouble');
  if (generator.saturated || doubt !== undefined)
    return { outcome: 'limited', reason: doubt?.message ?? 'the load generator was the bottleneck' };
  const undecided = findings.find(({ code }) => consequenceOf(code) === 'inconclusive');
  return { outcome: 'lost', reason: reason ?? undecided?.message ?? 'its outcome is not known' };
}
