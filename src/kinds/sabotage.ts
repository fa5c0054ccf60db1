/** How a kind breaks, on purpose, what its components try, so that `prove` can see whether they notice. */
import type { RunEvent } from '../core/event.ts';
import type { Finding } from '../core/finding.ts';
import type { FaultName, Reach } from '../core/proof.ts';
import type { Result } from '../core/result.ts';
import type { Component, Environment } from '../core/suite.ts';
import type { Ms } from '../core/units.ts';

/** Where a proof takes place. */
export interface Ground {
  /** Absolute path of the project. */
  readonly root: string;
  /** What the component inherits, its own environment included. */
  readonly env: Environment;
  /** The seed for everything random. */
  readonly seed: number;
}

/** The record of one run of a component. */
export interface TrialRecord {
  readonly findings: readonly Finding[];
  /** All its events, except findings and output. */
  readonly events: readonly RunEvent[];
  readonly durationMs: number;
  /** Absolute path of the folder for what the instruments note down. */
  readonly folder: string;
}

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

/** Why there is nothing to sabotage, and what to do about it. */
export interface Nothing {
  readonly message: string;
  readonly hint: string;
}

export interface Sabotage<C extends Component = Component> {
  /** The words for its faults. */
  readonly words: readonly string[];
  /**
   * Prepares the control: the instruments are in place, but no fault.
   *
   * @param folder absolute path of a folder for what the instruments note down; it exists
   * @returns the component to run; or why there is nothing to sabotage
   */
  instrument(component: C, folder: string, ground: Ground): Promise<Result<C, Nothing>>;
  /** @param control a passed run of the component that `instrument` returned */
  derive(component: C, control: TrialRecord, ground: Ground): Promise<Faults>;
}

/** Drops the kind's own type, so that all sabotages fit into one list. */
export const defineSabotage = <C extends Component>(sabotage: Sabotage<C>): Sabotage =>
  sabotage as unknown as Sabotage;
