/** What a report for machines is made by. */
import type { Stamped } from '../core/event.ts';
import type { RunState } from './state.ts';

/** Its function is loaded when the report is asked for. */
export type Reporter =
  /** A text for each event, as it happens. */
  | { readonly writes: 'events'; readonly load: () => Promise<(event: Stamped) => string> }
  /** One text of how the run stands: at its end, and what there is until then should Shakedown be killed. */
  | { readonly writes: 'whole'; readonly load: () => Promise<(state: RunState) => string> };
