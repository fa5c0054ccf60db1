/** A fault in what a component tries, and what a trial of it leaves behind. */
import type { RunEvent } from '../../core/event.ts';
import type { Finding } from '../../core/finding.ts';
import type { FaultName, Reach } from '../../core/proof.ts';
import type { Component } from '../../core/suite.ts';
import type { Ms } from '../../core/units.ts';

/** The record of one run of a component. */
export interface TrialRecord {
  readonly findings: readonly Finding[];
  /** All its events, except findings and output. */
  readonly events: readonly RunEvent[];
  readonly durationMs: number;
  /** Absolute path of the folder for what the instruments note down. */
  readonly folder: string;
}

/** A run of a component with instruments and without a fault. */
export interface Control extends TrialRecord {
  /** Why it does not pass with the instruments put in place otherwise, if it went around them and that was tried. */
  readonly obstacle?: Finding;
}

/**
 * What a component may share the machine with, as far as that may share it as well: no verdict of it hangs on time, and what
 * runs is either ours or made to run several times at once. A server, which somebody else wrote, may only share it with
 * those `others`, not with another server.
 */
export type Sharing = 'all' | 'others';

/** A fault in what a component tries. */
export interface Fault extends FaultName {
  /** Whether a component that does not notice it fails. */
  readonly isDemanded: boolean;
  /**
   * The same component, but what it tries is broken.
   *
   * @param folder absolute path of a folder for what the instruments note down; it exists
   */
  sabotage(folder: string): Component | Promise<Component>;
  /** The least time that a trial takes because of the fault. */
  readonly takes?: Ms;
  /** Whether a component without time limits of its own waits for ever. */
  readonly hangs?: true;
  /** The service of the suite that its trial has to itself, and that nobody else may use meanwhile if its port is fixed. */
  readonly inPlaceOf?: string | undefined;
  /** That service is started by the run, as ever, and only for the trial; otherwise it is one of the component's own. */
  readonly isLent?: boolean;
  /** What may run beside it; undefined: nothing. */
  readonly sharing?: Sharing | undefined;
  /** How often the fault has happened. */
  reach(record: TrialRecord): Reach;
  /** Whether a finding is what noticing this fault looks like. */
  isNoticed(finding: Finding): boolean;
  /** What was broken, as the beginning of a sentence: `every answer was 500`. */
  readonly deed: string;
  /** Who did not notice: `client`. */
  readonly checker: string;
  /** What to write into the script, in one sentence. */
  readonly advice: string;
}

/** A fault that cannot be tried: the control has shown that it would never happen. */
export interface Unreachable extends FaultName {
  readonly isDemanded: boolean;
  /** Why, as a whole sentence. */
  readonly reason: string;
  /** What to do so that it is reached. */
  readonly advice: string;
}

/** What the control has shown to be possible, the most telling first. */
export interface Faults {
  readonly faults: readonly Fault[];
  readonly unreachable: readonly Unreachable[];
}
