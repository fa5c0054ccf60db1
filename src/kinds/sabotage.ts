/** How a kind breaks, on purpose, what its components try, so that `prove` can see whether they notice. */
import type { Result } from '../core/result.ts';
import type { Component, Environment, Shared } from '../core/suite.ts';
import type { Control, Faults, Sharing, TrialRecord } from './common/fault.ts';
import type { LeftOut } from './common/left-out.ts';

export type { Control, Fault, Faults, Sharing, TrialRecord, Unreachable } from './common/fault.ts';

/** Where a proof takes place. */
export interface Ground {
  /** Absolute path of the project. */
  readonly root: string;
  /** What the component inherits, its own environment included. */
  readonly env: Environment;
  /** The seed for everything random. */
  readonly seed: number;
  /** What the components of the suite share. */
  readonly shared: readonly Shared[];
  /** Milliseconds that a service of the suite took to be ready; 0 if that is not known. */
  readonly readyAfter: (service: string) => number;
  /** Why the import hooks are kept out of its processes, which would not even start with them. */
  readonly barred?: LeftOut;
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
   * @returns the component without what costs much and tells little of whether it passes: measurements, and circumstances
   *   that have all been tried in pairs. Default: as it is
   */
  baseline?(component: C): C;
  /** @returns what may run beside the component; undefined: nothing. Default: nothing */
  sharing?(component: C): Sharing | undefined;
  /**
   * Prepares the control: the instruments are in place, but no fault.
   *
   * @param folder absolute path of a folder for what the instruments note down; it exists
   * @returns the component to run; or why there is nothing to sabotage
   */
  instrument(component: C, folder: string, ground: Ground): Promise<Result<C, Nothing>>;
  /**
   * Looks at a control that has failed.
   *
   * @returns why the instruments cannot be in its processes: then it is tried without them; undefined if it was not for that
   */
  barred?(component: C, control: TrialRecord, ground: Ground): LeftOut | undefined;
  /**
   * Another way to put the instruments in place, where the control has shown that the component went around them.
   *
   * @returns what is to be instrumented in its place; undefined if it need not be, or there is no other way
   */
  otherwise?(component: C, control: TrialRecord): C | undefined;
  /** @param control a passed run of the component that `instrument` returned */
  derive(component: C, control: Control, ground: Ground): Promise<Faults>;
}

/** Drops the kind's own type, so that all sabotages fit into one list. */
export const defineSabotage = <C extends Component>(sabotage: Sabotage<C>): Sabotage =>
  sabotage as unknown as Sabotage;
