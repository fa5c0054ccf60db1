import type { Connection } from '../connection.ts';

/** Decides when which connection sends: one a load model. All times are those of `performance.now()`. */
export interface Driver {
  /** Requests may be sent from now on. */
  start(now: number): void;
  /** Called some hundred times a second. */
  tick(now: number): void;
  /** There is room on a connection. */
  onFree(connection: Connection, now: number): void;
  /** No request that is due later is to be sent. */
  stop(at: number): void;
  /** Takes down what waits for a connection, when all is over. */
  finish(now: number): void;
  /** Requests that are due and wait for a connection. */
  readonly waiting: number;
  /** Whether every request that was to be sent has been. */
  readonly isDone: boolean;
  /** When the next request is due, or would be if there were one more; NaN where that follows from the answers. */
  readonly nextDue: number;
  /** Milliseconds spent in waiting for the next due time without sleeping. */
  readonly spunMs: number;
}

/** When requests may be sent and which of them count. */
export interface Timeline {
  readonly startAt: number;
  /** The end of the warm-up. */
  readonly measureFrom: number;
  /** Infinite when a number of requests ends the run. */
  readonly endAt: number;
  /** How many requests are to be sent in measured time; infinite when the clock ends the run. */
  readonly requests: number;
}
