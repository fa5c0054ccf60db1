/** All that was measured of a load, before anything is made of it: by one machine, or by several. */
import type { LoadFailure, LoadWindow } from '../../core/load.ts';
import type { Preparation } from '../merge/report.ts';
import type { ChannelTally } from '../tally/channel-tally.ts';
import type { Tally } from '../tally/tally.ts';
import type { BrokenSteps, Ended } from './reports.ts';

/** What was measured of the requests of one name. */
export interface NamedTally {
  readonly name: string;
  readonly tally: Tally;
}

export interface Measurements {
  readonly total: Tally;
  readonly named: readonly NamedTally[];
  /** The same while users were prepared. */
  readonly before: readonly NamedTally[];
  readonly channels: ChannelTally;
  /** Of iterations. */
  readonly iterations: Tally;
  readonly windows: readonly LoadWindow[];
  /** The first of each kind and name, without secrets. */
  readonly failures: readonly LoadFailure[];
  readonly ended: Ended;
  readonly durationMs: number;
  /** Milliseconds over which requests were due: up to the first one that no thread had to send. */
  readonly offeredMs: number;
  /** How the users were prepared; null if there was nothing to prepare. */
  readonly preparation: Preparation | null;
  /** Requests of the warm-up without a response at the end. */
  readonly leftOfWarmup: number;
  /** Whether a response was counted that arrived too late. */
  readonly isOvertime: boolean;
  /** Patterns of checks that were given up for taking too long. */
  readonly slowPatterns: readonly string[];
  /** Of a function of steps. */
  readonly broken: BrokenSteps | null;
  /** The share of their waking time that the threads spun, and the largest share of its time that any of them worked. */
  readonly activity: { readonly spinShare: number; readonly busiest: number };
}
