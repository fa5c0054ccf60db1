/** Writes a report for machines, or one to look at. */
import type { Stamped } from '../core/event.ts';
import type { Problem } from './problems.ts';
import type { RunState } from './state.ts';

/** Follows a run, and draws a document of it. */
export interface Recorder {
  readonly take: (event: Stamped) => void;
  /** @returns the document of what has happened so far */
  readonly draw: () => string | Promise<string>;
}

/** Its function is loaded when the report is requested. */
export type Reporter = {
  /** The name of its file in the current folder unless another is asked for; absent: it goes to standard output. */
  readonly file?: string;
} & (
  | /** A text for each event, as it happens. */
  { readonly writes: 'events'; readonly load: () => Promise<(event: Stamped) => string> }
  /** One text about the whole run, written at its end, and before that in case Shakedown is killed. */
  | { readonly writes: 'whole'; readonly load: () => Promise<(state: RunState) => string> }
  /** The same, from what is wrong and where. */
  | {
      readonly writes: 'problems';
      readonly load: () => Promise<(problems: readonly Problem[]) => string>;
    }
  /** The same, for one that needs more than the state in which a run has ended. */
  | { readonly writes: 'record'; readonly load: () => Promise<() => Recorder> }
);
