/** A component in the light of its earlier runs. */
import { comparePast, type Ended, type Past, pastOf, remarkOnPast } from '../core/history.ts';
import type { ComponentState, RunState } from './state.ts';

type Compared = Pick<RunState, 'history'>;

const endOf = ({ progress, flaky }: ComponentState): Ended | null =>
  progress.type === 'finished' ? { ...progress, flaky } : null;

/** In few numbers; undefined if nothing is known. */
export const pastIn = ({ history }: Compared, component: ComponentState): Past | undefined =>
  comparePast(endOf(component), pastOf(history, component.name));

/** What its past says of how it has ended: `failed 3 of the last 20 runs`; undefined if that is nothing. */
export function remarkIn(state: Compared, component: ComponentState): string | undefined {
  const end = endOf(component);
  return end === null ? undefined : remarkOnPast(end, pastIn(state, component));
}
