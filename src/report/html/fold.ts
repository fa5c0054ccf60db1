import type { Stamped } from '../../core/event.ts';
import { advance, INITIAL_STATE, type RunState } from '../state.ts';

/** What a part of the page keeps of the events of a run, in as little memory as it needs. */
export interface Fold<Kept> {
  readonly take: (event: Stamped) => void;
  /** Plain data; its texts need not be harmless yet. */
  readonly kept: () => Kept;
}

/** What is known of a run, as for every report. */
export function foldState(): Fold<RunState> {
  let state = INITIAL_STATE;
  return {
    take: (event) => {
      state = advance(state, event);
    },
    kept: () => state,
  };
}
