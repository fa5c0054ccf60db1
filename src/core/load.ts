/** The input and the result of a load run, as plain data that survives JSON. */
import type { LoadCapacity, LoadFindRate } from './capacity.ts';
import type { Threshold } from './condition.ts';
import type { Finding } from './finding.ts';
import type { LoadAgent, LoadAgents } from './load-agent.ts';
import type { ChannelResult, LoadChannel } from './load-channel.ts';
import type { LoadBody, LoadCheck } from './load-check.ts';
import type { LoadDeparture } from './load-departure.ts';
import type {
  LoadBytes,
  LoadCounts,
  LoadFailureKind,
  LoadLatency,
  LoadRate,
  LoadWindow,
} from './load-measures.ts';
import type {
  LoadCapture,
  LoadIterations,
  LoadLastResponse,
  LoadScenario,
  LoadUser,
} from './load-scenario.ts';
import type { Ms } from './units.ts';
import type { Verdict } from './verdict.ts';

export type { LoadCapacity, LoadFindRate } from './capacity.ts';
export type { Threshold, ThresholdOperator, ThresholdUnit } from './condition.ts';
export type * from './load-check.ts';
export * from './load-measures.ts';

/** Where to connect, if that is not what the URL says. */
export interface LoadRoute {
  /** Address to connect to instead of the host of the URL; null: that host. */
  readonly address: string | null;
  /** Path of a unix socket to connect to; null: TCP. */
  readonly unixSocket: string | null;
  /** The address of this machine to connect from; null: the system chooses. */
  readonly localAddress: string | null;
}

/** Where the requests go. */
export interface LoadTarget extends LoadRoute {
  /** Scheme, host and port: the source of the Host header, and the name that a certificate must match. */
  readonly url: string;
}

/** A span in which the level changes linearly. Levels are connections or a rate. */
export interface LoadStage {
  readonly duration: Ms;
  readonly from: number;
  readonly to: number;
}

/** What decides when a request is sent. */
export type LoadModel =
  | {
      /** Each connection sends its next request when the last one has been answered. */
      readonly type: 'closed';
      readonly connections: number;
      /** How many of the connections are in use over time; empty: always all. */
      readonly stages: readonly LoadStage[];
    }
  | {
      /** Requests are due at fixed times, whatever becomes of earlier ones. */
      readonly type: 'open';
      /** Requests per second. */
      readonly rate: number;
      readonly arrivals: 'constant' | 'poisson';
      /** The rate over time; empty: always `rate`. */
      readonly stages: readonly LoadStage[];
      /** The most connections. While all are busy, due requests wait; beyond a limit they are `neverSent`. */
      readonly connections: number;
    };

/** What ends a run. With stages it is their total duration. */
export type LoadLimit =
  | { readonly type: 'duration'; readonly duration: Ms }
  | { readonly type: 'requests'; readonly requests: number };

/** One request of the mix. `{{name}}` in path, headers and text bodies is a column of the data, or `{{counter}}`. */
export interface LoadRequest {
  /** Its name in results and thresholds: `GET /document`. Requests of the same name are counted together. */
  readonly name: string;
  /** Its share of the mix: weight / sum of weights. */
  readonly weight: number;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: LoadBody | null;
  readonly checks: readonly LoadCheck[];
  /** What its response is to hold for later steps; missing: nothing. */
  readonly captures?: readonly LoadCapture[];
}

/**
 * Says what a user sends next, where users do what a function says.
 *
 * @param last null at the beginning of an iteration
 * @returns null at its end; or why there is no request, which ends it as well
 */
export type LoadNext = (
  last: LoadLastResponse | null,
  user: LoadUser,
) => LoadRequest | null | { readonly wrong: string };

/** Values for templates; each request takes the next row, starting over after the last. */
export interface LoadData {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface LoadTls {
  /** Whether the certificate of the server is verified. */
  readonly verify: boolean;
  /** PEM of the authorities to trust instead of the built-in ones. */
  readonly ca: string | null;
  /** PEM of the client's certificate and key. */
  readonly cert: string | null;
  readonly key: string | null;
  /** The server name to send (SNI) and verify, instead of the URL's host. */
  readonly serverName: string | null;
}

/** Everything that a load run needs to know. */
export interface LoadPlan {
  readonly target: LoadTarget;
  readonly protocol: 'http1' | 'http2';
  readonly model: LoadModel;
  readonly limit: LoadLimit;
  /** Searches for the highest rate that holds, sending each for the time of the limit; null: sends this load. */
  readonly findRate: LoadFindRate | null;
  /** How long requests are sent, and measured, before they count; 0: no warm-up. */
  readonly warmup: Ms;
  /** Threads that send. Connections, rate and requests are split among them. */
  readonly workers: number;
  /** `response` counts from when a request was written. */
  readonly timeouts: { readonly connect: Ms; readonly response: Ms };
  /** Whether a connection is used for more than one request. */
  readonly keepAlive: boolean;
  /** Concurrent requests per connection; with HTTP/2, streams. */
  readonly pipelining: number;
  /** All that may be sent. Without a scenario they are a mix. */
  readonly requests: readonly [LoadRequest, ...LoadRequest[]];
  /** In what order users send them; null: there are no users, and each request is drawn from the mix. */
  readonly scenario: LoadScenario | null;
  /** What a scenario in the order of a function asks: the only part of a plan that is not data, and for one thread only. */
  readonly next?: LoadNext;
  /** What is done on connections that stay open; null: requests are sent and answered. */
  readonly channel: LoadChannel | null;
  readonly data: LoadData | null;
  readonly tls: LoadTls;
  /** Every nth response is checked; 1: all. */
  readonly checkEvery: number;
  readonly thresholds: readonly Threshold[];
  /** Conditions that end the run early, and fail it, as soon as one holds. */
  readonly abortOn: readonly Threshold[];
  /** Whether a run limited by the generator is inconclusive, whatever else it shows. */
  readonly strict: boolean;
  /** Absolute path of the folder that failed requests are saved in; null: none. */
  readonly saveFailures: string | null;
  /** For Poisson arrivals and the mix: the same seed gives the same run. */
  readonly seed: number;
  /** The target will be told, in mid-load, to stop or to restart; absent: it is to stay. */
  readonly departure?: 'stop' | 'restart';
  /**
   * From when on it may be told, in milliseconds from the start of the load, warm-up included: for several machines, to none of which
   * that can be said when it happens.
   */
  readonly departureDueMs?: number;
}

/** What a component's built-in client is told: all but the port, which is known once the service runs. */
export interface LoadClient extends Omit<LoadPlan, 'target'> {
  readonly scheme: 'http' | 'https';
  readonly route: LoadRoute;
  /** Who sends it; absent: this machine. */
  readonly agents?: LoadAgents;
}

/** A failed request, as evidence. */
export interface LoadFailure {
  readonly kind: LoadFailureKind | 'timeout';
  /** The name of the request; null for bytes that no request asked for. */
  readonly name: string | null;
  /** What is wrong, in one line: `GET /document answered 500, expected 200`. */
  readonly message: string;
  /** The request as sent: its head, and the start of its body. */
  readonly request: string;
  /** The head of the response, with binary bytes escaped; null when there was none. */
  readonly response: string | null;
  /** The start of the body, or of bytes that are not a response. */
  readonly body: string | null;
  /** Of a step, the values taken from earlier responses. */
  readonly captured: Readonly<Record<string, string>> | null;
}

/** How the generator itself performed. */
export interface LoadGenerator {
  /** CPU time of its threads while measuring, without the time spent spinning until the next due time. */
  readonly cpuMs: number;
  /** CPU time spent spinning. */
  readonly spinMs: number;
  readonly threads: number;
  /** Whether it was the bottleneck. */
  readonly saturated: boolean;
  /** The longest time that it did not check for responses. */
  readonly maxLoopLagMs: number;
}

/** What the target's process tree used while measuring. */
export interface TargetResources {
  readonly cpuMs: number;
  readonly rssBytes: { readonly first: number; readonly last: number; readonly peak: number };
  readonly threads: { readonly first: number; readonly last: number; readonly peak: number };
  readonly descriptors: { readonly first: number; readonly last: number; readonly peak: number };
}

/** Shares of a time, on top of the 0.1 % that every histogram has; 0: nothing was left out. */
export interface LoadPrecision {
  /** Of times in `windows`. */
  readonly windows: number;
  readonly whole: number;
  /** Of times in `byName`. */
  readonly named: number;
}

export interface ThresholdResult {
  readonly expression: string;
  /** In the unit of the threshold; null when there is nothing to measure. */
  readonly actual: number | null;
  /** Whether `actual` is only a lower bound. */
  readonly atLeast: boolean;
  readonly holds: boolean;
}

/** What was measured of the requests of one name. */
export interface LoadByName {
  /** The name; `(others)` for all beyond the first hundred. */
  readonly name: string;
  /** `before`: while users were prepared, ahead of the load; not in the numbers of the whole. */
  readonly part: 'before' | 'load';
  readonly counts: LoadCounts;
  readonly bytes: LoadBytes;
  readonly rate: LoadRate;
  readonly latencyUs: LoadLatency;
}

/** The result of a load run, as printed by `shakedown load --json`. */
export interface LoadResult<F extends Finding = Finding> {
  /** Shakedown's version. */
  readonly version: string;
  /** The URL. */
  readonly target: string;
  readonly mode: LoadModel['type'];
  /** How long it was measured, in milliseconds. */
  readonly durationMs: number;
  /**
   * Why it ended: everything was sent, it was interrupted, an `abortOn` condition held, no connection could be made, or the
   * preparation of every user failed.
   */
  readonly ended: 'limit' | 'interrupted' | 'aborted' | 'unreachable' | 'locked-out';
  readonly counts: LoadCounts;
  readonly bytes: LoadBytes;
  readonly rate: LoadRate;
  readonly latencyUs: LoadLatency;
  /**
   * The same for each name; those of part `load` add up to the whole. Empty if all requests have the same name and there
   * are no users.
   */
  readonly byName: readonly LoadByName[];
  /** Null without users. */
  readonly iterations: LoadIterations | null;
  /** Of WebSockets and event streams; null for requests. */
  readonly channel: ChannelResult | null;
  readonly windows: readonly LoadWindow[];
  readonly generator: LoadGenerator;
  /** The machines that sent it together; absent: it was sent from one. */
  readonly agents?: readonly LoadAgent[];
  /** How far times may be from what they are known as, as a share of them; only where several machines sent it. */
  readonly precision?: LoadPrecision;
  /** Null when the processes of the target are not known. */
  readonly resources: TargetResources | null;
  /** Of a target that was told to stop or to restart. */
  readonly departure?: LoadDeparture;
  /** The first few of each kind and name, a hundred at most, without secrets. */
  readonly failures: readonly LoadFailure[];
  /** Where failures were saved, and how many; null if that was not asked for. */
  readonly saved: { readonly folder: string; readonly files: number } | null;
  /** Every nth response was checked. */
  readonly checkEvery: number;
  readonly seed: number;
  readonly thresholds: readonly ThresholdResult[];
  /** What a search for the highest rate found; the other figures are those of that rate. Null if none was searched for. */
  readonly capacity: LoadCapacity | null;
  readonly verdict: Exclude<Verdict, 'skipped'>;
  readonly findings: readonly F[];
}

/** The load in the events of a run: all measurements, except for the windows. */
export type LoadSummary = Omit<LoadResult, 'version' | 'windows' | 'verdict' | 'findings'>;
