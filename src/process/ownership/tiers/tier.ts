/**
 * A tier is a way to hold processes together, beyond the marks that they bear. It opens an enclosure for each attempt
 * at a component; whatever an owner of that attempt starts is started inside, with all its descendants.
 */
import type { OwnershipTier } from '../../../core/ownership.ts';
import type { Ending } from '../ending.ts';
import type { ProcessFinder } from '../finder.ts';
import type { LimitMark } from '../limit-mark.ts';
import type { Members } from '../members.ts';

export type Argv = readonly [string, ...string[]];

/** How to start a command inside. */
export interface Entrance {
  readonly argv: Argv;
  /** The started process is only a wrapper: it waits for its child, the command, and ends as that does. */
  readonly isWrapper: boolean;
}

/** An owner's part of an enclosure. */
export interface Place extends Members {
  /**
   * Registers an owner. Called before anything is started; once more when a held command is released.
   *
   * @param isHeld what is started waits at a gate and does nothing yet
   */
  admit(finder: ProcessFinder, isHeld: boolean): void;
  /**
   * @param argv the command
   * @param cwd absolute path of its working directory
   * @param limit a mark that it is to bear
   */
  enter(argv: Argv, cwd: string, limit: LimitMark | undefined): Entrance;
  /** Starts the command; changes made to this process for the sake of the mark are undone on return. */
  start?<T>(spawn: () => T, limit: LimitMark | undefined): T;
  /** The owner has ended everything, and starts nothing more. */
  leave(): void;
}

export interface Enclosure {
  /**
   * Whether processes inside are known by marks alone, at least when we are killed: then they should bear every mark.
   */
  readonly needsLimit: boolean;
  /** @param owner its id, unique within the run */
  placeFor(owner: string): Place;
  /** Closes the enclosure within a bound; ends and reports everything still inside, and what could not be ended. */
  close(): Promise<Ending>;
}

export interface Tier {
  readonly name: OwnershipTier;
  /** What a later sweep needs to end what a killed run left, if anything. */
  readonly trace?: string;
  /** Announces how many attempts are still to come at least, so that something can be prepared for them. */
  expect?(attempts: number): void;
  /** @param of the component that it is opened for */
  open(of: string): Promise<Enclosure>;
  /** Closes the tier, at the end of the run and within a bound; ends and reports what was still there. */
  close(): Promise<Ending>;
}
