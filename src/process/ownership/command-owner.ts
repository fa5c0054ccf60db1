/** What whoever runs a command knows of its owner: all that is done to processes goes through here. */
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

export interface SpawnOptions {
  readonly cwd: string;
  readonly env: Environment;
  readonly sink: OutputSink;
  /** Its input: at its end from the start, which is the default, or without an end until `endInput`. */
  readonly input?: 'open' | undefined;
}

/** A process that an owner started. */
export interface OwnedProcess {
  readonly pid: number;
  /** The process is only a wrapper: the command is its child. */
  readonly isWrapper: boolean;
  readonly startTicks: number | null;
  readonly command: string;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  readonly exited: Promise<Exit>;
  /** How it ended, once it has. */
  readonly exit: () => Exit | undefined;
  /** How long it lived, in milliseconds, once it has ended. */
  readonly lifeMs: () => number | undefined;
  readonly output: Pick<OutputReader, 'closed' | 'close'>;
  /** Ends an input that was open. */
  readonly endInput: () => void;
}

/** Whom a command has left. */
export interface Leftovers {
  /** Those that it should not have. None, and none allowed: somebody lives whom no look has shown. */
  readonly processes: readonly ProcessSighting[];
  /** There are only such as may be left. */
  readonly areAllowed: boolean;
}

/** A command that waits at a gate. It is let go or dropped, once; whoever does neither ends its owner. */
export interface Held {
  /**
   * Lets it go: it counts as started from this moment.
   *
   * @returns how it is taken note of, which is due at once; undefined when it has to be started anew, by another owner
   */
  readonly release: () => ((onStart?: OnStart) => OwnedProcess) | undefined;
  /** It is not wanted: it ends, and says nothing. */
  readonly drop: () => void;
}

/** Told of each start at once, for the journal. */
export type OnStart = (started: OwnedProcess) => void;

/** Starts commands, knows all that came of them, and ends them. `Owner` does it with processes. */
export interface CommandOwner {
  /** Starts a command as the leader of a new session, marked as this owner's. */
  spawn(
    command: Command,
    options: SpawnOptions,
    onStart?: OnStart,
  ): Promise<Result<OwnedProcess, StartFailure>>;
  /**
   * Starts a command ahead of its time and holds it at a gate, where nobody sees it but this owner.
   *
   * @returns undefined when it cannot be held, or could not be started now: then it is to be started in its time
   */
  hold(command: Command, options: SpawnOptions): Promise<Held | undefined>;
  /** Every process of this owner that lives now. */
  members(): ProcessInfo[];
  /** Members that are quickly found: none of them is wrong, but some may be missing. */
  knownMembers(): ProcessInfo[];
  /** Wrappers that have been stopped with their commands, and must be told to go on with them. */
  stoppedWrappers(): ProcessInfo[];
  /** The pid of a command that was started, also behind a wrapper. */
  pidOf(started: OwnedProcess): number;
  /** Ends one command and what came of it, while others of this owner go on. */
  endCommand(started: OwnedProcess): Promise<void>;
  /** Whether nothing of this owner lives any more. Cheap while something does. */
  hasEnded(): Promise<boolean>;
  /**
   * What is still there although the command has ended; waits a moment for those that are about to go.
   *
   * @param mayStay tells by its command line who may be left behind, and with it what it has started
   * @returns undefined when nobody is left
   */
  leftovers(hurry?: AbortSignal, mayStay?: (command: string) => boolean): Promise<Leftovers | undefined>;
  /** Waits until nothing of this owner lives any more, or until `patience` or the signal has it stop waiting. */
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
