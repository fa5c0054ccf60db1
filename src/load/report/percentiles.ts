/** Percentiles on the scale of HdrHistogram: each step to the right, from 90 % to 99 % to 99.9 %, is ten times as rare. */
import { type Bucket, decodeHdr } from '../hdr/encoding.ts';

/** Points in each doubling of the rarity. */
const FINENESS = 8;

export interface PercentilePoint {
  /** 1 / (1 - percentile): one in so many takes longer. */
  readonly oneIn: number;
  /** In microseconds. */
  readonly value: number;
}

/** Where the curve of so many times has points: evenly spaced on its scale, and at 90 %, 99 %, … */
function* raritiesOf(total: number): Generator<number> {
  let power = 10;
  for (let step = 0; ; step += 1) {
    const rarity = 2 ** (step / FINENESS);
    while (power <= rarity && power < total) {
      if (power < rarity) yield power;
      power *= 10;
    }
    if (rarity >= total) break;
    yield rarity;
  }
  // Halfway between the last but one and the end: there is nothing beyond the longest time.
  yield 2 * total;
}

/** Values by rising rank. */
function seeker(buckets: readonly Bucket[]): (rank: number) => number {
  let at = 0;
  let seen = buckets[0]?.count ?? 0;
  return (rank) => {
    while (seen < rank && at < buckets.length - 1) {
      at += 1;
      seen += buckets[at]?.count ?? 0;
    }
    return (buckets[at]?.to ?? 1) - 1;
  };
}

/**
 * The curve of the percentiles, from the shortest time to the longest.
 *
 * @param hdr the histogram of a result, in microseconds
 * @param missing requests without a response, counted as if they had never ended: the curve stops where they begin
 * @param longest the exact value of the last point; the histogram knows it to a thousandth
 */
export function percentilePoints(hdr: string, missing: number, longest: number): PercentilePoint[] {
  const buckets = decodeHdr(hdr);
  const known = buckets.reduce((sum, { count }) => sum + count, 0);
  if (known === 0) return [];
  const total = known + missing;
  const valueAt = seeker(buckets);
  const points: PercentilePoint[] = [];
  for (const oneIn of raritiesOf(total)) {
    const rank = Math.max(1, Math.ceil(total - total / oneIn));
    if (rank > known) break;
    points.push({ oneIn, value: Math.min(valueAt(rank), longest) });
  }
  return points;
}
