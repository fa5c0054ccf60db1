/** What a generator reports, as plain data that another thread can take. */
import type { LoadFailure, LoadResult } from '../../core/load.ts';
import type { DepartureReport } from '../merge/departure.ts';
import type { ChannelSnapshot } from '../tally/channel-tally.ts';
import type { TallySnapshot } from '../tally/tally.ts';

/** One window of one thread. */
export interface WindowReport {
  /** From 0; the same number covers the same time in all threads. */
  readonly number: number;
  readonly atMs: number;
  readonly durationMs: number;
  readonly phase: 'warmup' | 'measured';
  /** Without what is in `named`. */
  readonly tally: TallySnapshot;
  /** By the place of the name; empty with a single name, and for the warm-up. */
  readonly named: readonly TallySnapshot[];
  /** The names of `named` that the plan does not have. */
  readonly grown: readonly string[];
  /** Null without channels. */
  readonly channel: ChannelSnapshot | null;
  /** Null without users. */
  readonly iterations: TallySnapshot | null;
  readonly inFlight: number;
  readonly maxLoopLagMs: number;
}

export type Ended = LoadResult['ended'];

/** The last report of a thread. */
export interface FinalReport {
  readonly ended: Ended;
  readonly durationMs: number;
  readonly failures: readonly LoadFailure[];
  /** Milliseconds of measured time that it was awake, and those of them that it spun until the next due time. */
  readonly activeMs: number;
  readonly spunMs: number;
  /** Milliseconds over which its requests were due; in a closed loop, the measured time. */
  readonly offeredMs: number;
  /** Requests of the warm-up without a response at the end. */
  readonly leftOfWarmup: number;
  /** Whether a response was counted that arrived after the drain time. */
  readonly isOvertime: boolean;
  /** Patterns of checks that were given up for taking too long. */
  readonly slowPatterns: readonly string[];
  /** Of a function of steps. */
  readonly broken: BrokenSteps | null;
  /** Null if there was nothing to prepare. */
  readonly before: PreparationReport | null;
  /** Of a target that was to leave. */
  readonly departure: DepartureReport | undefined;
}

/** Iterations that ended because a function made no request. */
export interface BrokenSteps {
  readonly count: number;
  /** Why, the first time. */
  readonly why: string;
}

/** How the users of a thread were prepared. */
export interface PreparationReport {
  readonly durationMs: number;
  /** By the place of the name. */
  readonly named: readonly TallySnapshot[];
  readonly failures: readonly LoadFailure[];
  /** Users that did not get in. */
  readonly lockedOut: number;
}

export interface GeneratorEvents {
  /** More users are prepared than before: so many. */
  readonly onPreparing?: ((isIn: number) => void) | undefined;
  readonly onWindow: (report: WindowReport) => void;
  readonly onEnd: (report: FinalReport) => void;
}
