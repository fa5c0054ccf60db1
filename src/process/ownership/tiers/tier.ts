/**
 * A tier is a way to hold processes together, beyond the marks that they bear. For each attempt at a component it
 * opens an enclosure; whatever an owner of that attempt starts is started inside, and so is all that comes of it.
 */
import type { OwnershipTier } from '../../../core/ownership.ts';
import type { Ending } from '../ending.ts';
import type { ProcessFinder } from '../finder.ts';
import type { LimitMark } from '../limit-mark.ts';
import type { Members } from '../members.ts';

export type Argv = readonly [string, ...string[]];

/** How a command is started so that it is inside. */
export interface Entrance {
  readonly argv: Argv;
  /** The process that is started is only a wrapper: it waits for the command, which is its child, and ends as it does. */
  readonly isWrapper: boolean;
}

/** The part of an enclosure that is one owner's. */
export interface Place extends Members {
  /**
   * Tells who asks, and whom the others know. Called before anything is started; once more when what is held begins.
   *
   * @param isHeld what is started will wait, and begins nothing yet
   */
  admit(finder: ProcessFinder, isHeld: boolean): void;
  /**
   * @param argv the command
   * @param cwd absolute path of the folder that it runs in
   * @param limit a mark that it is to bear
   */
  enter(argv: Argv, cwd: string, limit: LimitMark | undefined): Entrance;
  /** Starts the command; what is done besides for the mark is undone when it returns. */
  start?<T>(spawn: () => T, limit: LimitMark | undefined): T;
  /** The owner has ended everything, and starts nothing more. */
  leave(): void;
}

export interface Enclosure {
  /** Whether those inside are known by marks alone, at least when we are killed: then they are to bear all that there are. */
  readonly needsLimit: boolean;
  /** @param owner its id, unique within the run */
  placeFor(owner: string): Place;
  /** Gives the enclosure up. Whoever is still inside is ended, and named. Within a bound, whoever cannot be ended. */
  close(): Promise<Ending>;
}

export interface Tier {
  readonly name: OwnershipTier;
  /** What a later sweep must know to end what a killed run left, if anything. */
  readonly trace?: string;
  /** Tells how many attempts are to come at least, so that something can be made ahead for them. */
  expect?(attempts: number): void;
  /** @param of the component that it is opened for */
  open(of: string): Promise<Enclosure>;
  /** Ends the tier, at the end of the run. Whoever was still there is ended, and named. Within a bound. */
  close(): Promise<Ending>;
}
