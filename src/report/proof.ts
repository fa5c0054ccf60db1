/** What the trials of a run have shown, taken together. */
import { CONTROL, type FaultOutcome, showFault } from '../core/proof.ts';
import { type ComponentState, componentVerdict, type RunState } from './state.ts';

export interface Proof {
  /** Trials that count: all except ignored ones. */
  readonly total: number;
  readonly counts: Readonly<Record<FaultOutcome, number>>;
  /** Trials that count but have no outcome: left out, or cut short. */
  readonly untried: number;
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

/** @returns undefined if nothing was to be proved */
export function proofOf(state: RunState): Proof | undefined {
  if (!state.components.some(({ trial }) => trial !== null)) return undefined;
  const outcomes = trialsOf(state).map(({ trial }) => trial?.judgement?.outcome);
  const count = (wanted: FaultOutcome | undefined): number =>
    outcomes.filter((outcome) => outcome === wanted).length;
  const counts = {
    proved: count('proved'),
    blind: count('blind'),
    'wrong-reason': count('wrong-reason'),
    'not-reached': count('not-reached'),
    ignored: count('ignored'),
  };
  const tolerated = trialsOf(state).filter(
    ({ trial }) => trial?.judgement?.outcome === 'blind' && !trial.isDemanded,
  ).length;
  const total = outcomes.length - counts.ignored;
  const unsound = state.components.filter(
    (component) => component.trial === null && !['passed', 'skipped'].includes(componentVerdict(component)),
  ).length;
  return {
    total,
    counts,
    untried: count(undefined),
    tolerated,
    unsound,
    badge: `proved ${counts.proved}/${total}`,
  };
}

/** The name of a component for people; that of a trial is made of its component and its fault. */
export const labelOf = ({ name, trial }: Pick<ComponentState, 'name' | 'trial'>): string =>
  trial === null ? name : `${trial.of} ${showFault(trial)}`;
