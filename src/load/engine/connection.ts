/** What the load models know of a connection, whatever its protocol. */
export interface Connection {
  /** Requests under way on it. */
  readonly inFlight: number;
  /** How many there may be. */
  readonly capacity: number;
  /** Before this time of `performance.now()` it is not to be used: it failed a moment ago. */
  readonly notBefore: number;
  /** Whether it is being made. */
  readonly isConnecting: boolean;
  /** Sends the next request, as soon as the connection is there. Only while there is room, and not before its time. */
  send(due: number): void;
  /** Gives up requests that have waited too long. */
  expire(now: number): void;
  /** Ends it; what is under way is taken down as such. */
  finish(now: number): void;
}

/** Told when there is room on a connection again. */
export type OnFree = (connection: Connection, now: number) => void;
