/** In what order trials run. */
import type { TrialName } from '../core/proof.ts';
import type { Fault } from '../kinds/sabotage.ts';
import type { Subject } from './control.ts';

export interface PlannedTrial {
  readonly id: string;
  readonly subject: Subject;
  readonly fault: Fault;
  readonly name: TrialName;
}

/** Faults that must be noticed come first; among those, the most telling of each component in turn. */
export function mostTellingFirst(trials: readonly PlannedTrial[]): PlannedTrial[] {
  const ranks = new Map<Subject, number>();
  const ranked = trials.map((trial) => {
    const rank = ranks.get(trial.subject) ?? 0;
    ranks.set(trial.subject, rank + 1);
    return { trial, rank };
  });
  const weight = ({ trial, rank }: (typeof ranked)[number]): number =>
    rank + (trial.name.isDemanded ? 0 : trials.length);
  return ranked.toSorted((a, b) => weight(a) - weight(b)).map(({ trial }) => trial);
}
