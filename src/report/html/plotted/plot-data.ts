/** What a page holds of a load for its script: plain data, read by the script as it is here. */
import type { Column } from './columns.ts';

/** In spans of a second, or of several where there are too many to draw. */
export interface TimeColumns {
  /** When each span began, and how long it was, in milliseconds from the start of the load. */
  readonly atMs: Column;
  readonly durationMs: Column;
  /** Per second. */
  readonly due: Column;
  readonly answered: Column;
  readonly errors: Column;
  readonly inFlight: Column;
  /** Response times, in microseconds; a bit of `atLeast` marks each that is only a lower bound, from the lowest bit. */
  readonly p50: Column;
  readonly p90: Column;
  readonly p99: Column;
  readonly max: Column;
  readonly atLeast: Column;
  /** Of the target: cores in use, bytes, and descriptors. */
  readonly cpu: Column;
  readonly rss: Column;
  readonly descriptors: Column;
  /** Connections that stay open; messages or events per second. */
  readonly open: Column;
  readonly lost: Column;
  readonly received: Column;
}

/** A part of the time: in a search, rates that did not hold, or for which the generator was too slow. */
export interface Band {
  readonly kind: 'warmup' | 'lost' | 'limited';
  readonly fromMs: number;
  readonly toMs: number;
}

/** A moment. */
export interface Mark {
  readonly atMs: number;
  readonly text: string;
}

/** The percentiles of both clocks, in microseconds, at the same places: one in so many takes longer. */
export interface Curves {
  readonly oneIn: readonly number[];
  readonly response: readonly (number | null)[];
  readonly service: readonly (number | null)[];
}

export interface LoadPlots {
  /** `requests` */
  readonly what: string;
  /** Whether they were due at times of their own. */
  readonly isOpen: boolean;
  /** The columns in which something is known; null: there is too little to draw. */
  readonly time: Partial<TimeColumns> | null;
  readonly bands: readonly Band[];
  readonly marks: readonly Mark[];
  readonly curves: Curves | null;
}

/** The element that holds all loads of the page, in order. */
export const DATA_ID = 'load-plots';
