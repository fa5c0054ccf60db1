import type { Connection } from '../connection.ts';

/** What decides in which tally a request is counted. */
export interface Counted {
  /** Its place in the plan. */
  readonly index: number;
  readonly due: number;
}

/** Where a load model writes down what becomes due, and what came of that which nobody sent. */
export interface Ledger {
  /** @param now when it was picked up */
  scheduled(due: number, now: number): void;
  neverSent(request: Counted): void;
  /** Records how long `count` of them, due at the latest when this one is, had waited at the end without being sent. */
  stillWaiting(request: Counted, count: number, now: number): void;
  /** It still waited for a connection at the end. */
  leftWaiting(request: Counted, now: number): void;
  isMeasured(due: number): boolean;
}

/** Decides when which connection sends; one per load model. All times are by `performance.now()`. */
export interface Driver {
  /** Starts sending. */
  start(now: number): void;
  /** Called about a hundred times a second. */
  tick(now: number): void;
  /** A connection has room. */
  onFree(connection: Connection, now: number): void;
  /** Sends no request that is due later. */
  stop(at: number): void;
  /** Records, at the end, the requests that still wait for a connection. */
  finish(now: number): void;
  /** Due requests that wait for a connection. */
  readonly waiting: number;
  /** Whether every request has been sent. */
  readonly isDone: boolean;
  /** When the next request is due, or would be if there were one; NaN if that depends on the responses. */
  readonly nextDue: number;
  /** Milliseconds spent waiting for the next due time without sleeping. */
  readonly spunMs: number;
}

/** Sends nothing. */
export const IDLE: Driver = {
  start() {},
  tick() {},
  onFree() {},
  stop() {},
  finish() {},
  waiting: 0,
  isDone: true,
  nextDue: Number.NaN,
  spunMs: 0,
};

/** When requests may be sent and which of them count. */
export interface Timeline {
  readonly startAt: number;
  /** The end of the warm-up. */
  readonly measureFrom: number;
  /** Infinite if the run is limited by a number of requests. */
  readonly endAt: number;
  /** How many requests to send in measured time; infinite if the run is limited by time. */
  readonly requests: number;
}
