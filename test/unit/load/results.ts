/** Results of load runs, made by hand. */
import { build, encodeIntoCompressedBase64, initWebAssemblySync } from 'hdr-histogram-js';
import {
  type Latency,
  type LoadResult,
  type LoadWindow,
  PERCENTILES,
  type PercentileName,
} from '../../../src/core/load.ts';
import type { ChannelResult } from '../../../src/core/load-channel.ts';
import type { LoadFinding } from '../../../src/load/findings.ts';

initWebAssemblySync();

/** What was measured of these times, in microseconds. */
export function latencyOf(times: readonly number[], atLeast: Latency['atLeast'] = []): Latency {
  const histogram = build({ highestTrackableValue: 2 ** 32 - 1, numberOfSignificantValueDigits: 3 });
  for (const time of times) histogram.recordValue(time);
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  const percentiles = Object.fromEntries(
    Object.entries(PERCENTILES).map(([name, share]) => [name, at(share)]),
  ) as Record<PercentileName, number>;
  return {
    count: times.length,
    min: sorted[0] ?? 0,
    mean: times.reduce((sum, time) => sum + time, 0) / times.length,
    stdev: 0,
    ...percentiles,
    max: sorted.at(-1) ?? 0,
    atLeast,
    hdr: encodeIntoCompressedBase64(histogram),
  };
}

/** Times from one to another, evenly spread. */
export const spread = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => Math.round(from + ((to - from) * index) / (count - 1)));

export const RESPONSE = latencyOf(spread(1000, 50_000, 1000));
export const SERVICE = latencyOf(spread(900, 20_000, 1000));
export const SEND_LAG = latencyOf(spread(1, 400, 1000));

export function windowOf(atMs: number, more: Partial<LoadWindow> = {}): LoadWindow {
  return {
    atMs,
    durationMs: 1000,
    phase: 'measured',
    counts: { scheduled: 500, completed: 498, failed: 1, timedOut: 0, neverSent: 0, inFlight: 1 },
    bytes: { sent: 50_000, received: 250_000 },
    rate: { offered: 500, achieved: 499 },
    latencyUs: { response: RESPONSE, service: SERVICE, sendLag: SEND_LAG },
    generator: { cpuMs: 41.5, maxLoopLagMs: 0.4 },
    channel: null,
    target: null,
    ...more,
  };
}

/** Two seconds at 500 a second, all of it well. */
export function resultOf(more: Partial<LoadResult<LoadFinding>> = {}): LoadResult<LoadFinding> {
  return {
    version: '0.1.0',
    target: 'http://localhost:8001/document',
    mode: 'open',
    durationMs: 2000,
    ended: 'limit',
    counts: {
      scheduled: 1000,
      completed: 1000,
      failed: 0,
      timedOut: 0,
      inFlightAtEnd: 0,
      neverSent: 0,
      checked: 1000,
      byStatus: { '200': 1000 },
      byFailure: { check: 0, connect: 0, tls: 0, 'cut-off': 0, protocol: 0, machine: 0 },
    },
    bytes: { sent: 100_000, received: 500_000 },
    rate: { offered: 500, achieved: 500 },
    latencyUs: { response: RESPONSE, service: SERVICE, sendLag: SEND_LAG },
    byName: [],
    iterations: null,
    channel: null,
    windows: [windowOf(0), windowOf(1000)],
    generator: { cpuMs: 83, spinMs: 0, threads: 1, saturated: false, maxLoopLagMs: 0.4 },
    resources: null,
    failures: [],
    saved: null,
    checkEvery: 1,
    seed: 1,
    thresholds: [],
    capacity: null,
    verdict: 'passed',
    findings: [],
    ...more,
  };
}

/** Of WebSockets and streams alike. */
export const CHANNEL: ChannelResult = {
  ...{ type: 'websocket', unit: 'message', opened: 12, refused: 1, lost: 2, ended: 3, openAtEnd: 10 },
  ...{ closes: { 1006: 2 }, received: 1010, unasked: 10, wrong: 4, connectUs: SERVICE, gapUs: RESPONSE },
};

const WRONG = { check: 30, connect: 0, tls: 0, 'cut-off': 10, protocol: 0, machine: 0 };

/** Half of the time to answer is unknown, and some answers are wrong. */
export const TROUBLED = resultOf({
  counts: {
    scheduled: 1000,
    completed: 900,
    failed: 40,
    timedOut: 20,
    inFlightAtEnd: 15,
    neverSent: 25,
    checked: 930,
    byStatus: { '200': 900, '500': 25, '503': 5 },
    byFailure: WRONG,
  },
  latencyUs: {
    response: latencyOf(spread(1000, 50_000, 930), ['p95', 'p99', 'p999', 'mean', 'max']),
    service: SERVICE,
    sendLag: SEND_LAG,
  },
  resources: {
    cpuMs: 900,
    rssBytes: { first: 50_000_000, last: 57_500_000, peak: 60_000_000 },
    threads: { first: 11, last: 11, peak: 12 },
    descriptors: { first: 20, last: 85, peak: 90 },
  },
  failures: [
    {
      kind: 'check',
      name: 'GET /document',
      message: 'GET /document answered 500, expected 200–299',
      request: 'GET /document HTTP/1.1\nHost: localhost:8001\n\n',
      response: 'HTTP/1.1 500 Internal Server Error\nContent-Length: 4',
      body: 'oops',
      captured: null,
    },
    {
      kind: 'check',
      name: 'GET /document',
      message: 'GET /document answered 503, expected 200–299',
      request: 'GET /document HTTP/1.1\nHost: localhost:8001\n\n',
      response: 'HTTP/1.1 503 Service Unavailable\nContent-Length: 0',
      body: '',
      captured: null,
    },
    {
      kind: 'cut-off',
      name: 'GET /document',
      message: 'GET /document was cut off: the connection broke (ECONNRESET)',
      request: 'GET /document HTTP/1.1\nHost: localhost:8001\n\n',
      response: null,
      body: null,
      captured: null,
    },
    {
      kind: 'timeout',
      name: 'GET /document',
      message: 'GET /document had no response within 5.00 s',
      request: 'GET /document HTTP/1.1\nHost: localhost:8001\n\n',
      response: null,
      body: null,
      captured: null,
    },
  ],
});
