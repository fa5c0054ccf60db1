/** What is measured of a load, as plain data: counts, times, and the windows of a second. */

import type { Latency, LatencyMeasures } from './latency.ts';
import type { ChannelWindow } from './load-channel.ts';

export * from './latency.ts';

/** Why a request failed. */
export type LoadFailureKind =
  /** A complete response that failed a check. */
  | 'check'
  /** No connection: refused, unreachable, or an unknown host. */
  | 'connect'
  /** The certificate or the handshake. */
  | 'tls'
  /** The connection ended before the response was complete. */
  | 'cut-off'
  /** What arrived is not a response, or not one to this request. */
  | 'protocol'
  /** Not sent, since this machine has no port, file descriptor or memory left for a connection. */
  | 'machine';

/** `scheduled = completed + failed + timedOut + inFlightAtEnd + neverSent`, always. */
export interface LoadCounts {
  /** Requests that were due. */
  readonly scheduled: number;
  /** Complete responses that passed their checks, or were not checked. */
  readonly completed: number;
  /** The sum of `byFailure`. */
  readonly failed: number;
  /** No connection, or no complete response, in time. */
  readonly timedOut: number;
  /** Sent, or waiting for their connection, when the run ended. */
  readonly inFlightAtEnd: number;
  /** Due while too many were already waiting for a connection. */
  readonly neverSent: number;
  /** Responses that were checked. */
  readonly checked: number;
  /** Complete responses by status code, including failed ones. */
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byFailure: Readonly<Record<LoadFailureKind, number>>;
}

export interface LoadBytes {
  readonly sent: number;
  readonly received: number;
}

/** Requests per second. */
export interface LoadRate {
  /** Due. In a closed loop this follows from the responses. */
  readonly offered: number;
  /** Complete responses. */
  readonly achieved: number;
}

/** Null where there is no sample. */
export interface LoadLatency {
  /** From when a request was due to the end of its response: what a user would have waited. */
  readonly response: Latency | null;
  /** From when a request was written to the end of its response: what the server took. */
  readonly service: Latency | null;
  /** From when a request was due to when it was written. */
  readonly sendLag: Latency | null;
}

/** Without the histograms: there are three a second, and a run may take hours. */
export type WindowLatency = { readonly [Clock in keyof LoadLatency]: LatencyMeasures | null };

/** The target's process tree at one moment. */
export interface TargetSample {
  /** CPU time used so far by all live processes, in milliseconds. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly processes: number;
  readonly threads: number;
  readonly descriptors: number;
}

/** One second of a run. */
export interface LoadWindow {
  /** When it began, in milliseconds from the start of the run, warm-up included. */
  readonly atMs: number;
  readonly durationMs: number;
  /** Windows of the warm-up do not count in the result; late responses to its requests are in no window. */
  readonly phase: 'warmup' | 'measured';
  readonly counts: {
    readonly scheduled: number;
    readonly completed: number;
    readonly failed: number;
    readonly timedOut: number;
    readonly neverSent: number;
    /** In flight at its end. */
    readonly inFlight: number;
  };
  readonly bytes: LoadBytes;
  readonly rate: LoadRate;
  /** Of the responses that ended in this window. */
  readonly latencyUs: WindowLatency;
  readonly generator: { readonly cpuMs: number; readonly maxLoopLagMs: number };
  /** Null unless its connections stay open. */
  readonly channel: ChannelWindow | null;
  /** At its end; null when the target is not known. */
  readonly target: TargetSample | null;
}

/** One second of the requests of one name: of those that ended in it. */
export interface NamedWindow {
  readonly name: string;
  readonly counts: Pick<LoadWindow['counts'], 'completed' | 'failed' | 'timedOut' | 'neverSent'>;
  readonly bytes: LoadBytes;
  readonly rate: Pick<LoadRate, 'achieved'>;
  readonly latencyUs: LoadLatency;
}
