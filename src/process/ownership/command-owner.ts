/** The interface of an owner for code that runs commands: everything done to processes goes through here. */
import type { ProcessSighting } from '../../core/finding.ts';
import type { Result } from '../../core/result.ts';
import type { Command, Environment } from '../../core/suite.ts';
import type { Ms } from '../../core/units.ts';
import type { OutputReader, OutputSink } from '../output/reader.ts';
import type { Exit } from '../system/exit.ts';
import type { ProcessInfo } from '../system/proc.ts';
import type { StartFailure } from '../system/start-failure.ts';
import type { Ending } from './ending.ts';
import type { Manner } from './request.ts';

/** The beginning of a command line, of a program that becomes the rest of it: it is to run in other surroundings. */
export type Entrance = readonly [string, ...string[]];

export interface SpawnOptions {
  readonly cwd: string;
  readonly env: Environment;
  readonly sink: OutputSink;
  /** Standard input: already at its end (the default), or open until `endInput`. */
  readonly input?: 'open' | undefined;
  readonly entrance?: Entrance | undefined;
}

/** A process that an owner started. */
export interface OwnedProcess {
  readonly pid: number;
  /** This process is only a wrapper: the command is its child. */
  readonly isWrapper: boolean;
  readonly startTicks: number | null;
  readonly command: string;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  readonly exited: Promise<Exit>;
  /** Undefined while it runs. */
  readonly exit: () => Exit | undefined;
  /** Its lifetime in milliseconds, once it has ended. */
  readonly lifeMs: () => number | undefined;
  readonly output: Pick<OutputReader, 'closed' | 'close'>;
  /** Closes an input that was left open. */
  readonly endInput: () => void;
}

/** What a command has left running. */
export interface Leftovers {
  /** Processes that should not be left. Empty, and not allowed: something lives that no scan has shown. */
  readonly processes: readonly ProcessSighting[];
  /** Only processes that may be left. */
  readonly areAllowed: boolean;
}

/** A command that waits at a gate. It must be released or dropped, once; ending its owner does the latter. */
export interface Held {
  /**
   * Lets it run: it counts as started from this moment.
   *
   * @returns a function that records the start, to be called at once; undefined when another owner must start it anew
   */
  readonly release: () => ((onStart?: OnStart) => OwnedProcess) | undefined;
  /** Ends it before it has run: it is not needed. */
  readonly drop: () => void;
}

/** Called at once for each start, for the journal. */
export type OnStart = (started: OwnedProcess) => void;

/** Starts commands, tracks their descendants, and ends them. `Owner` implements it with real processes. */
export interface CommandOwner {
  /** Starts a command as the leader of a new session, marked as this owner's. */
  spawn(
    command: Command,
    options: SpawnOptions,
    onStart?: OnStart,
  ): Promise<Result<OwnedProcess, StartFailure>>;
  /**
   * Starts a command early and holds it at a gate, visible to nothing but this owner.
   *
   * @returns undefined when it cannot be held or started now: then it is to be started when it is due
   */
  hold(command: Command, options: SpawnOptions): Promise<Held | undefined>;
  /** Every live process of this owner. */
  members(): ProcessInfo[];
  /** Members that are found quickly: all of them belong, but some may be missing. */
  knownMembers(): ProcessInfo[];
  /** Wrappers that stopped along with their commands, and must be resumed with them. */
  stoppedWrappers(): ProcessInfo[];
  /** The pid of a started command, even behind a wrapper. */
  pidOf(started: OwnedProcess): number;
  /** Ends one command and its descendants while the owner's others go on. */
  endCommand(started: OwnedProcess): Promise<void>;
  /** Whether nothing of this owner is alive. Cheap while something is. */
  hasEnded(): Promise<boolean>;
  /**
   * What is left after the command has ended; gives processes that are about to exit a moment to do so.
   *
   * @param mayStay decides by its command line whether a process, and all that it started, may be left running
   * @returns undefined when nothing is left
   */
  leftovers(hurry?: AbortSignal, mayStay?: (command: string) => boolean): Promise<Leftovers | undefined>;
  /** Waits until nothing of this owner is alive, `patience` is over, or the signal aborts. */
  untilEnded(patience: Ms, signal: AbortSignal): Promise<void>;
  /**
   * Ends all that is left, and gives up the marks. The owner starts nothing afterwards.
   *
   * @param grace how long processes get after they were asked to end; 0 kills at once
   * @param hurry cuts the grace short when it aborts
   * @param manner how they are asked
   */
  end(grace: Ms, hurry?: AbortSignal, manner?: Manner): Promise<Ending>;
  /** Gives up the marks of an owner that has nothing left to end. */
  release(): Promise<void>;
}
