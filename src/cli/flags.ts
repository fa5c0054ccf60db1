import type { SuiteChoice } from '../config/discover.ts';
import type { Clock } from '../core/clock.ts';
import type { TierChoice } from '../core/ownership.ts';
import type { ShardChoice } from '../core/shard.ts';
import type { Flaky, MemoryPreset } from '../core/suite.ts';
import type { Ms } from '../core/units.ts';
import type { LastResort } from './last-resort.ts';
import type { Outcome } from './outcome.ts';

/** Which suite, as given on the command line. */
export interface SuiteFlags {
  readonly dir?: string;
  readonly config?: string;
  readonly port?: number;
  readonly daemon?: true;
  readonly foreground?: true;
  readonly memory?: MemoryPreset;
  readonly raw?: true;
}

/** How to run it, as given on the command line. */
export interface RunFlags extends SuiteFlags {
  readonly keepGoing: boolean;
  readonly jobs: number;
  readonly repeat: number;
  readonly timeout?: Ms;
  readonly seed?: number;
  readonly flaky?: Flaky;
  /** Only what the last run failed. */
  readonly failed?: boolean;
  /** Which part of the suite; default: all of it. */
  readonly shard?: ShardChoice;
  /** Services that are already there, as `NAME=URL`. */
  readonly use?: readonly string[];
}

/** How to hold processes together, as given on the command line. */
export interface OwnershipFlags {
  readonly ownership?: TierChoice;
}

/** What commands know of the program. */
export interface Program {
  readonly version: string;
  readonly cwd: string;
  /** Path of the library, for configs that import it. */
  readonly library: string;
  readonly reaper: string;
  readonly lastResort: LastResort;
  /** Measures all times and limits of a run. */
  readonly clock: Clock;
  readonly commands: readonly string[];
}

/** What commands are added to. */
export interface Frame {
  readonly program: Program;
  /** Receives the outcome of a command. */
  readonly settle: (outcome: Outcome | Promise<Outcome>) => Promise<void>;
}

/** Where to look for the suite chosen by the flags. */
export function suiteChoice({ daemon, foreground, ...flags }: SuiteFlags, program: Program): SuiteChoice {
  const isDaemon = foreground === true ? { daemon: false } : daemon === true ? { daemon } : {};
  return { ...flags, ...isDaemon, cwd: program.cwd, library: program.library };
}
