/**
 * In what order trials run, and which of them side by side: unless the user says how many, only those that cannot disturb
 * each other.
 */
import type { TrialName } from '../core/proof.ts';
import type { Component } from '../core/suite.ts';
import type { Fault } from '../kinds/sabotage.ts';
import type { Subject } from './control.ts';

export interface PlannedTrial {
  readonly id: string;
  readonly subject: Subject;
  readonly fault: Fault;
  readonly name: TrialName;
}

/** How many trials may run at once. */
export interface Capacity {
  /** Of any kind: a client may take files, ports or time for its own, so by default one. */
  readonly jobs: number;
  /** Of those that may share the machine. */
  readonly shared: number;
}

/** A component with a state of its own, in services or made by commands, has it to itself. */
const isSelfContained = ({ before, after, needs, uses }: Component): boolean =>
  [before, after, needs, uses].every(({ length }) => length === 0);

/** What the room of a trial depends on. */
interface Room {
  readonly fault: Pick<Fault, 'mayShare' | 'takes' | 'hangs'>;
  readonly subject: Pick<Subject, 'component'>;
}

/** @returns how many trials like this one may run at once */
export function roomFor(trial: Room | undefined, { jobs, shared }: Capacity): number {
  if (trial === undefined) return jobs;
  const { mayShare, takes, hangs } = trial.fault;
  const isTimed = takes !== undefined || hangs === true;
  return mayShare === true && !isTimed && isSelfContained(trial.subject.component) ? shared : jobs;
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
