/** Writes a report for machines. */
import type { Stamped } from '../core/event.ts';
import type { RunState } from './state.ts';

/** Its function is loaded when the report is requested. */
export type Reporter =
  /** A text for each event, as it happens. */
  | { readonly writes: 'events'; readonly load: () => Promise<(event: Stamped) => string> }
  /** One text about the whole run, written at its end, and before that in case Shakedown is killed. */
  | { readonly writes: 'whole'; readonly load: () => Promise<(state: RunState) => string> };
