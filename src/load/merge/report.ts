/** What the machines that share a load tell about it, as plain JSON. */
import type { LoadFailure, LoadResult } from '../../core/load.ts';
import type { LoadAgent } from '../../core/load-agent.ts';
import type { ChannelSnapshot } from '../tally/channel-tally.ts';
import type { TallySnapshot } from '../tally/tally.ts';
import type { AsText } from '../tally/text.ts';
import type { PartDeparture } from './departure.ts';
import type { Windows } from './windows.ts';

/** A part of a load: all parts together are the load. */
export interface LoadPart {
  /** From 0. */
  readonly part: number;
  readonly parts: number;
}

/** All of a load. */
export const WHOLE: LoadPart = { part: 0, parts: 1 };

/** How the generator of a part did, apart from what it measured; times are in milliseconds, unless they say so. */
export interface PartReport {
  readonly part: number;
  /** How many parts the load has. */
  readonly of: number;
  readonly threads: number;
  /** Whether it has ended: else this is what there was at some moment. */
  readonly isFinal: boolean;
  readonly ended: LoadResult['ended'];
  /** How long it measured. */
  readonly durationMs: number;
  /** How long after the agreed time it began. */
  readonly lateMs: number;
  /** CPU time while it measured, and the share of its threads' waking time that they spun. */
  readonly cpuMs: number;
  readonly spinShare: number;
  /** The largest share of its time that any of its threads worked. */
  readonly busiest: number;
  readonly maxLoopLagMs: number;
  /** How many requests can be in flight at once. */
  readonly slots: number;
  /** Requests: what was due, and what became of it. */
  readonly scheduled: number;
  readonly completed: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly neverSent: number;
  readonly inFlightAtEnd: number;
  /** Complete responses, and how long they took from when their request was written; in microseconds, null without any. */
  readonly answered: number;
  readonly serviceUs: LoadAgent['serviceUs'];
  /** How late requests were picked up, apart from waiting for connections: the 99th percentile, in microseconds. */
  readonly paceUs: number;
}

/** How the users of all parts were prepared. */
export interface Preparation {
  readonly durationMs: number;
  readonly failures: readonly LoadFailure[];
  /** Users that did not get in. */
  readonly lockedOut: number;
}

/** What one or several parts have measured. Two of them make a third, in any order and grouping. */
export interface LoadReport {
  /** In their order; no part twice. */
  readonly parts: readonly PartReport[];
  /** Measured, without the warm-up. */
  readonly total: AsText<TallySnapshot>;
  /** By the place of the name; empty with a single name. */
  readonly named: readonly AsText<TallySnapshot>[];
  /** The same while users were prepared. */
  readonly before: readonly AsText<TallySnapshot>[];
  /** Null if there was nothing to prepare. */
  readonly preparation: Preparation | null;
  /** Null without users. */
  readonly iterations: AsText<TallySnapshot> | null;
  /** Null without channels. */
  readonly channel: AsText<ChannelSnapshot> | null;
  readonly windows: Windows;
  /** The first of each kind and name, without secrets. */
  readonly failures: readonly LoadFailure[];
  /** Over how many milliseconds requests were due. */
  readonly offeredMs: number;
  /** Requests of the warm-up without a response at the end. */
  readonly leftOfWarmup: number;
  /** Whether a response was counted that arrived after the drain time. */
  readonly isOvertime: boolean;
  /** Patterns of checks that were given up for taking too long. */
  readonly slowPatterns: readonly string[];
  /** Of a target that was to leave, each by its own clock; in the order of the parts. Only of those that have ended. */
  readonly departures: readonly PartDeparture[];
  /** How far it was shortened to be sent: the place in `SHORTENINGS`; 0: not at all. */
  readonly shortened: number;
}
