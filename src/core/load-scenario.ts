/** What the users of a load do, as plain data. Requests are given by their place in the plan. */
import type { Latency } from './load-measures.ts';
import type { Ms } from './units.ts';

/** A value that is taken from a response, to be filled in later: `{{name}}`. */
export interface LoadCapture {
  readonly name: string;
  readonly from:
    | { readonly type: 'json'; readonly path: readonly (string | number)[] }
    | { readonly type: 'header' | 'cookie'; readonly name: string }
    /** The first group of the first match in the body; without a group, the match. */
    | { readonly type: 'regex'; readonly source: string; readonly flags: string };
}

/** One request of a user. */
export interface LoadStep {
  readonly request: number;
  /** How long the user pauses after its response: a time between these, drawn anew each time. */
  readonly think: readonly [from: Ms, to: Ms];
}

/** On a response by this status, the steps are sent, and then the request once more. */
export interface LoadOnStatus {
  readonly status: number;
  readonly steps: readonly LoadStep[];
}

export interface LoadScenario {
  readonly users: number;
  /** Once for each user, ahead of the load. */
  readonly before: readonly LoadStep[];
  /**
   * One iteration: all of the steps in order; one of them, drawn by the weights of the requests; or what a function says, the
   * `next` of the plan. The only step then stands for what was not sent, and has the pause after each request.
   */
  readonly order: 'sequence' | 'weighted' | 'function';
  readonly steps: readonly LoadStep[];
  readonly onStatus: readonly LoadOnStatus[];
}

/** The last response of an iteration, for a function that says what follows. Its head and body can be read during that call only. */
export interface LoadLastResponse {
  /** The name of its request. */
  readonly name: string;
  readonly status: number;
  /** The value of a header, several of one name joined by commas; undefined if it is missing. */
  header(name: string): string | undefined;
  /** The body as text. */
  text(): string;
  /** The body, parsed; throws if it is not JSON. */
  json(): unknown;
}

/** The user that goes through an iteration. */
export interface LoadUser {
  /** From 1. */
  readonly number: number;
  /** The number of the iteration, from 1: no two of a run have the same. */
  readonly iteration: number;
  /** What `before` and `onStatus` have captured, and its row of the data, by name. */
  readonly values: Readonly<Record<string, string>>;
}

/** Iterations of the users. `scheduled = completed + failed + inFlightAtEnd + neverStarted`, always. */
export interface LoadIterations {
  /** Due while it was measured. */
  readonly scheduled: number;
  /** All of their requests were answered as expected. */
  readonly completed: number;
  /** Ended by a request that failed. */
  readonly failed: number;
  readonly inFlightAtEnd: number;
  /** Due while too many were already waiting for a user. */
  readonly neverStarted: number;
  /** From when they were due to the last response, pauses between the steps included; null if none was completed. */
  readonly durationUs: Latency | null;
}
