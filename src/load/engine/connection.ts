import type { Prepared } from './request/source.ts';
import type { Sender } from './sender.ts';

/**
 * A connection of any protocol, as the load models see it; or a user, whose requests are the steps of an iteration.
 *
 * @typeParam T a request, as its protocol encodes it
 */
export interface Connection<T = unknown> {
  /** Requests in flight. */
  readonly inFlight: number;
  /** How many requests can be in flight. */
  readonly capacity: number;
  /** Not to be used before this time of `performance.now()`, as it failed a moment ago. */
  readonly notBefore: number;
  readonly isConnecting: boolean;
  /** Opens it before there is anything to send, unless it is open or failed a moment ago. Only where that takes a handshake. */
  openAhead?(now: number): void;
  /**
   * Sends a request once connected. Only to be called while there is room, and not before `notBefore`.
   *
   * @param prepared the request; undefined: the next of the mix
   * @param sender who is told of its outcome; undefined: nobody
   */
  send(due: number, prepared?: Prepared<T>, sender?: Sender): void;
  /** Gives up requests that have timed out. */
  expire(now: number): void;
  /** Closes it, and records the requests in flight as such. */
  finish(now: number): void;
}

/** Called when a connection has room again. */
export type OnFree = (connection: Connection, now: number) => void;
