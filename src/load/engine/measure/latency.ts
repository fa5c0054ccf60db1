/** Derives the latency measures from histograms. */
import {
  type Latency,
  type LatencyMeasures,
  type LoadLatency,
  PERCENTILE_NAMES,
  PERCENTILES,
  type PercentileName,
  type WindowLatency,
} from '../../../core/load.ts';
import { encodeHdr } from '../../hdr/encoding.ts';
import { Histogram, rankOf } from '../../tally/histogram.ts';
import type { Tally } from '../../tally/tally.ts';

/** The relative resolution of the histogram. */
const RESOLUTION = 0.001;

/**
 * Measures of times, some of which are only lower bounds.
 *
 * Each percentile is computed twice: as if requests without a response had ended when they were given up, which gives
 * its minimum, and as if they had never ended, which gives its maximum. If the two differ, it is reported as a lower
 * bound.
 *
 * @param known times of complete responses
 * @param least how long requests without a response had waited
 */
export function latencyOf(known: Histogram, least: Histogram): Latency | null {
  if (known.count + least.count === 0) return null;
  const all = new Histogram();
  all.add(known.snapshot());
  all.add(least.snapshot());
  const atLeast: Latency['atLeast'][number][] = [];
  const percentile = (name: PercentileName): number => {
    const rank = rankOf(PERCENTILES[name], all.count);
    const value = all.valueAtRank(rank);
    if (known.valueAtRank(rank) > value * (1 + RESOLUTION)) atLeast.push(name);
    return value;
  };
  const percentiles = Object.fromEntries(PERCENTILE_NAMES.map((name) => [name, percentile(name)])) as Record<
    PercentileName,
    number
  >;
  if (least.count > 0) atLeast.push('mean', 'max');
  return {
    count: known.count,
    // A request that was given up before the fastest response says nothing about the minimum.
    min: known.count > 0 ? known.min : all.min,
    mean: all.mean,
    stdev: all.stdev,
    ...percentiles,
    max: all.max,
    atLeast,
    hdr: encodeHdr(known),
  };
}

function measuresOf(latency: Latency | null): LatencyMeasures | null {
  if (latency === null) return null;
  const { hdr: _, ...measures } = latency;
  return measures;
}

/** The part of a window's latencies that is kept. */
export const withoutHistograms = ({ response, service, sendLag }: LoadLatency): WindowLatency => ({
  response: measuresOf(response),
  service: measuresOf(service),
  sendLag: measuresOf(sendLag),
});

const NONE = new Histogram();

export function latenciesOf(tally: Tally): LoadLatency {
  return {
    response: latencyOf(tally.response, tally.unanswered),
    service: latencyOf(tally.service, tally.unserved),
    sendLag: latencyOf(tally.sendLag, NONE),
  };
}
