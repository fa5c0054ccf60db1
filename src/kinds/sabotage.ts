/** How a kind breaks, on purpose, what its components try, so that `prove` can see whether they notice. */
import type { Result } from '../core/result.ts';
import type { Component, Environment } from '../core/suite.ts';
import type { Faults, TrialRecord } from './common/fault.ts';

export type { Fault, Faults, TrialRecord, Unreachable } from './common/fault.ts';

/** Where a proof takes place. */
export interface Ground {
  /** Absolute path of the project. */
  readonly root: string;
  /** What the component inherits, its own environment included. */
  readonly env: Environment;
  /** The seed for everything random. */
  readonly seed: number;
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
