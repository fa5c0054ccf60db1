/** What the trials of a run have shown, taken together. */
import { CONTROL, type FaultOutcome, showFault } from '../core/proof.ts';
import { plural } from '../core/units.ts';
import { type ComponentState, componentVerdict, type RunState } from './state.ts';

export interface Proof {
  /** Trials that count: those whose fault has happened, or must be noticed. Ignored ones do not. */
  readonly total: number;
  readonly counts: Readonly<Record<FaultOutcome, number>>;
  /** Trials without an outcome: left out, or cut short. */
  readonly untried: number;
  /** Trials that do not count: their faults have never happened, and nobody must notice them. */
  readonly uncounted: { readonly notReached: number; readonly untried: number };
  /** Blind trials whose fault need not be noticed. */
  readonly tolerated: number;
  /** Components that do not even pass as they are. */
  readonly unsound: number;
  /** For a README: `proved 19/22`. */
  readonly badge: string;
}

/** The trials of a run, without the controls. */
export const trialsOf = (state: RunState): ComponentState[] =>
  state.components.filter(({ trial }) => trial !== null && trial.fault !== CONTROL);

/** Whether a fault must be noticed, and nothing makes that impossible. */
const mustHappen = ({ isDemanded, judgement }: NonNullable<ComponentState['trial']>): boolean =>
  isDemanded && judgement?.reach?.impossible === undefined;

/** @returns undefined if nothing was to be proved */
export function proofOf(state: RunState): Proof | undefined {
  if (!state.components.some(({ trial }) => trial !== null)) return undefined;
  const trials = trialsOf(state).flatMap(({ trial }) => trial ?? []);
  const outcomes = trials.map(({ judgement }) => judgement?.outcome);
  const count = (wanted: FaultOutcome | undefined): number =>
    outcomes.filter((outcome) => outcome === wanted).length;
  const counts = {
    proved: count('proved'),
    blind: count('blind'),
    'wrong-reason': count('wrong-reason'),
    'not-reached': count('not-reached'),
    ignored: count('ignored'),
  };
  const optional = trials.filter((trial) => !mustHappen(trial)).map(({ judgement }) => judgement?.outcome);
  const uncounted = {
    notReached: optional.filter((outcome) => outcome === 'not-reached').length,
    untried: optional.filter((outcome) => outcome === undefined).length,
  };
  const tolerated = trials.filter(
    ({ judgement, isDemanded }) => judgement?.outcome === 'blind' && !isDemanded,
  ).length;
  const total = outcomes.length - counts.ignored - uncounted.notReached - uncounted.untried;
  const unsound = state.components.filter(
    (component) => component.trial === null && !['passed', 'skipped'].includes(componentVerdict(component)),
  ).length;
  return {
    total,
    counts,
    untried: count(undefined),
    ...{ uncounted, tolerated },
    unsound,
    badge: `proved ${counts.proved}/${total}`,
  };
}

/** The name of a component for people; that of a trial is made of its component and its fault. */
export const labelOf = ({ name, trial }: Pick<ComponentState, 'name' | 'trial'>): string =>
  trial === null ? name : `${trial.of} ${showFault(trial)}`;

/** How many have an outcome; those that do not count are more than there are in all. */
function counted(all: number, uncounted: number, outcome: string): string[] {
  if (uncounted === 0) return all === 0 ? [] : [`${all} ${outcome}`];
  return all === uncounted
    ? [`${all} more ${outcome}`]
    : [`${all - uncounted} and ${uncounted} more ${outcome}`];
}

/** `PROVED 19 of 22; 3 blind` */
export function proofHeadline({ counts, total, untried, uncounted, unsound, tolerated }: Proof): string {
  const blind = counts.blind > 0 && tolerated === counts.blind ? ', which need not notice' : '';
  const parts = [
    ...(counts.blind > 0 ? [`${counts.blind} blind${blind}`] : []),
    ...(counts['wrong-reason'] > 0 ? [`${counts['wrong-reason']} for the wrong reason`] : []),
    ...counted(counts['not-reached'], uncounted.notReached, 'not reached'),
    ...counted(untried, uncounted.untried, 'not tried'),
    ...(unsound > 0 ? [`${plural(unsound, 'component')} not passing as it is`] : []),
    ...(counts.ignored > 0 ? [`${counts.ignored} ignored`] : []),
  ];
  return `${counts.proved} of ${total}${parts.length === 0 ? '' : `; ${parts.join(', ')}`}`;
}
