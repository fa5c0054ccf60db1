/** A connection of any protocol, as the load models see it. */
export interface Connection {
  /** Requests in flight. */
  readonly inFlight: number;
  /** How many requests can be in flight. */
  readonly capacity: number;
  /** Not to be used before this time of `performance.now()`, as it failed a moment ago. */
  readonly notBefore: number;
  readonly isConnecting: boolean;
  /** Sends the next request once connected. Only to be called while there is room, and not before `notBefore`. */
  send(due: number): void;
  /** Gives up requests that have timed out. */
  expire(now: number): void;
  /** Closes it, and records the requests in flight as such. */
  finish(now: number): void;
}

/** Called when a connection has room again. */
export type OnFree = (connection: Connection, now: number) => void;
