/** What `prove` learns about a check: whether it notices when what it tries is broken on purpose. */
import { plural } from './units.ts';

/** The outcome of a fault. */
export type FaultOutcome =
  /** Its component failed, for the right reason. */
  | 'proved'
  /** The fault happened, and its component passed. */
  | 'blind'
  /** Its component failed, but for another reason. */
  | 'wrong-reason'
  /** The fault never happened, so nothing can be said. */
  | 'not-reached'
  /** Blind, and declared to be of no interest. */
  | 'ignored';

/** Who noticed: the check itself, or Shakedown, which would have failed any component for it. */
export type Noticer = 'check' | 'shakedown';

/** How often a fault happened. */
export interface Reach {
  readonly changed: number;
  /** Out of how many; null if that cannot be told. */
  readonly of: number | null;
  /** What was changed, in the singular: `answer`, `call`. */
  readonly unit: string;
  /** Where it happened, such as `$.items[].id of GET /items`, if that helps to find out why nobody noticed. */
  readonly where?: readonly string[];
  /** Why it could never have happened, as a whole sentence: nobody can be asked to notice it. */
  readonly impossible?: string;
  /** Why it may have happened, although nobody could record it: then nothing is said about the check. */
  readonly unseen?: Unseen;
}

const whole = new Intl.NumberFormat('en-US');

/** `1,204 of 1,204`, or `60 calls`. */
export const showReach = ({ changed, of, unit }: Reach): string =>
  of === null ? plural(changed, unit) : `${whole.format(changed)} of ${whole.format(of)}`;

export interface Unseen {
  /** As a whole sentence. */
  readonly reason: string;
  /** What to do about it. */
  readonly advice: string;
}

/** The name of a fault. */
export interface FaultName {
  /** The word for it, such as `status-500`. */
  readonly fault: string;
  /** What it affects, such as a function or a threshold; null if the word says it all. */
  readonly subject: string | null;
}

/** A component that is run with one fault, or with the instruments but no fault: the control. */
export interface TrialName extends FaultName {
  /** The component that is tried. */
  readonly of: string;
  /** Whether the component must notice it. */
  readonly isDemanded: boolean;
}

/** The word for a run with the instruments in place but no fault. */
export const CONTROL = 'control';

/** `loads wrong-result`, or `status-500`: as a user names it with `--fault`. */
export const showFault = ({ fault, subject }: FaultName): string =>
  subject === null ? fault : `${subject} ${fault}`;

/** A fault as users name it, with single spaces. */
export const readFault = (text: string): string => text.trim().split(/\s+/).join(' ');

/** What was learnt about one fault. */
export interface Judgement {
  readonly outcome: FaultOutcome;
  readonly noticer: Noticer | null;
  readonly reach: Reach | null;
  /** In one line: what was noticed, or what was not. */
  readonly message: string;
  /** It comes from an earlier run, and nothing has changed since. */
  readonly isRemembered?: true;
}
