/** The part of a component's state that is about a load that goes on. */
import type { Stamped } from '../core/event.ts';
import type { LoadWindow } from '../core/load.ts';

export interface LoadProgress {
  /** The latest second of its load; null if none has passed. */
  readonly window: LoadWindow | null;
  /** Responses per second in each of its latest seconds, at most `RECENT` of them, the latest last. */
  readonly rates: readonly number[];
  /** Requests that have failed, timed out or were never sent so far, without the warm-up. */
  readonly loadErrors: number;
  /** In milliseconds: how long it is to take, its warm-up included; null if that is not known. */
  readonly loadLimitMs: number | null;
}

export const NO_LOAD_YET: LoadProgress = { window: null, rates: [], loadErrors: 0, loadLimitMs: null };

/** How many of the latest seconds of a load are kept: as much as is of use while it runs. */
const RECENT = 30;

const errorsIn = ({ phase, counts: { failed, timedOut, neverSent } }: LoadWindow): number =>
  phase === 'measured' ? failed + timedOut + neverSent : 0;

export const addWindow = (
  { rates, loadErrors }: LoadProgress,
  { window, limitMs }: Extract<Stamped, { type: 'load-window' }>,
): LoadProgress => ({
  window,
  rates: [...rates, window.rate.achieved].slice(-RECENT),
  loadErrors: loadErrors + errorsIn(window),
  loadLimitMs: limitMs,
});
