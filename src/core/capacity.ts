/** The search for the highest rate that holds: what it is told, and what it finds. Plain data that survives JSON. */
import type { Threshold } from './condition.ts';
import { type Ms, ms } from './units.ts';

/** The rates of a search, in requests per second. */
export interface SearchRange {
  /** The rate that is tried first. */
  readonly start: number;
  /** The lowest and the highest rate that may be tried. */
  readonly least: number;
  readonly most: number;
}

/** `limited`: the load generator was the bottleneck, so that the level proves nothing about the target. */
export type LevelOutcome = 'held' | 'lost' | 'limited';

/** A search for the highest rate that holds. */
export interface LoadFindRate extends SearchRange {
  /** All must hold. */
  readonly conditions: readonly Threshold[];
}

/** In microseconds; `atLeast` names those that are only lower bounds. */
export interface LevelTimes {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly atLeast: readonly string[];
}

/** One rate, sent for a while. */
export interface LoadLevel {
  readonly rate: number;
  /** Short, to find out where to measure: it proves nothing by itself. */
  readonly isLook: boolean;
  readonly outcome: LevelOutcome;
  /** Why it did not hold, in one line; null if it did. */
  readonly reason: string | null;
  /** When it began, in milliseconds from the start of the search, and how long it was measured. */
  readonly atMs: number;
  readonly durationMs: number;
  /** Complete responses per second. */
  readonly achieved: number;
  /** Failed, timed out and never sent. */
  readonly errors: number;
  /** Response times; null if there was no response. */
  readonly responseUs: LevelTimes | null;
}

/** Why a search ended: it found what it looked for, or it had to stop before. */
export type CapacityEnd = 'found' | 'interrupted' | 'out-of-time' | 'target-lost';

/** The capacity lies from `holds` to `fails`. */
export interface LoadCapacity {
  /** The highest rate that held, also when it was repeated; null: not even the lowest did. */
  readonly holds: number | null;
  /** The lowest rate above it that did not hold; null: none was found. */
  readonly fails: number | null;
  /** Whether only a lower bound is known. */
  readonly atLeast: boolean;
  /** What kept it from going higher: the target, the load generator, or the range that was given. */
  readonly limitedBy: 'target' | 'generator' | 'range';
  /** Whether both ends came out the same way again and again. */
  readonly confirmed: boolean;
  readonly ended: CapacityEnd;
  /** The conditions, as the user wrote them. */
  readonly while: readonly string[];
  /** In the order in which they were sent. */
  readonly levels: readonly LoadLevel[];
}

/** Steps between a rate and its double: one step is 2.2 %, the finest that is told apart. */
export const OCTAVE = 32;
/** An end of the interval is confirmed once it came out one way so many times more often than the other. */
export const LEAD = 3;
/** How often a rate is measured at most: if no outcome leads by then, the rate is neither end. */
export const MOST_REPEATS = 5;
/** A look takes this share of a measurement. */
export const LOOK = 1 / 4;
/** In milliseconds: what comes after a level until the next one begins. */
const BETWEEN_LEVELS = 1000;
/** How many measurements a search without trouble needs: three to bisect, both ends, and a few for a change of mind. */
const MEASUREMENTS = 2 * MOST_REPEATS + 7;

/** How far apart two rates are, in doublings. */
const doublings = (from: number, to: number): number => Math.ceil(Math.log2(to / from));

/**
 * The longest that a search may take: it ends then with what it knows.
 *
 * @param duration of a measurement
 * @param warmup before each
 */
export function longestSearch({ start, least, most }: SearchRange, duration: Ms, warmup: Ms): Ms {
  const level = duration + warmup;
  const looks = Math.max(doublings(start, most), doublings(least, start)) + 3;
  return ms(looks * (level * LOOK + BETWEEN_LEVELS) + MEASUREMENTS * (level + BETWEEN_LEVELS));
}
