/** Times as they are told: statistics in microseconds. */

export const PERCENTILES = { p50: 0.5, p75: 0.75, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999 } as const;

export type PercentileName = keyof typeof PERCENTILES;

export const PERCENTILE_NAMES = Object.keys(PERCENTILES) as PercentileName[];

/** Statistics of a set of times, in microseconds. */
export interface LatencyMeasures {
  /** How many complete responses were measured. */
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly stdev: number;
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** Which are only lower bounds, shown as `≥`: they include requests that were waited for in vain. */
  readonly atLeast: readonly (PercentileName | 'mean' | 'max')[];
}

export interface Latency extends LatencyMeasures {
  /** All samples as an HdrHistogram in the compressed V2 encoding, in base64, 3 significant digits, microseconds. */
  readonly hdr: string;
}
