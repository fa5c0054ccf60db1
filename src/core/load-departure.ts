/** What a load saw of a target that was told, in its middle, to stop or to restart. Plain data that survives JSON. */

/** A request that a target which was told to stop, or to restart, has lost. Times are milliseconds after it was told. */
export interface LostRequest {
  /** What became of it, in one line. */
  readonly message: string;
  /** When it was written; null: it never was. */
  readonly sentMs: number | null;
  /** When it was lost. */
  readonly lostMs: number;
}

/** What became of requests and connections after the target was told to stop, or to restart. */
export interface LoadDeparture {
  /** When it was told, in milliseconds from the start of the load, warm-up included. */
  readonly toldMs: number;
  /** Requests in flight when it was told. */
  readonly inFlight: number;
  /** Responses from then on. */
  readonly answered: number;
  /** Requests without a response that the target had accepted; of a restart, all without one. */
  readonly lost: number;
  /** Those of them that timed out. */
  readonly lostByTime: number;
  /** The first of them. */
  readonly examples: readonly LostRequest[];
  /** Requests that were not sent, since the target accepted no connection any more. */
  readonly refused: number;
  /** Requests that crossed the end of an idle connection: the target has read nothing of them, and they were sent again. */
  readonly crossed: number;
  /** Requests on new connections that were reset unread: the kernel had accepted these, and the target had not. */
  readonly unaccepted: number;
  /** When the last connection was established, and the last response arrived, in milliseconds after it was told. */
  readonly lastConnectedMs: number | null;
  readonly lastAnsweredMs: number | null;
  /** Connections that had been answered once, and were left alone. */
  readonly idle: {
    readonly opened: number;
    /** Open at the end, without having been told anything. */
    readonly kept: number;
    /** When the last one was closed, or told of it. */
    readonly closedMs: number | null;
  };
  /** Where several machines sent: what their clocks tell of the order of what happened. */
  readonly clocks?: DepartureClocks;
}

/** Of several machines, none of which was told when the target was. */
export interface DepartureClocks {
  /** How far what one of them saw may have been from when it is said to have been, in milliseconds. */
  readonly withinMs: number;
  /** What was seen before the target was told, without doubt: the first of each, in milliseconds after it was told, which is less than 0. */
  readonly refusedEarlyMs: number | null;
  readonly crossedEarlyMs: number | null;
  /** What cannot be told, in a line each; empty if all that matters can. */
  readonly doubts: readonly string[];
}
