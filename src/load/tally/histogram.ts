/** A log-linear histogram of microseconds, up to `LONGEST_US`, which is over an hour. It grows with what it holds. */
import { BUCKETS, bucketOf, highestOf, LARGEST as LONGEST_US, lowestOf } from '../hdr/buckets.ts';

/** The non-zero part of a histogram, to be sent to another thread. */
export interface HistogramCounts {
  readonly first: number;
  readonly counts: Float64Array;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
}

/** Buckets of a histogram that holds something. */
const FEWEST = 1024;

export class Histogram {
  count = 0;
  min = Number.POSITIVE_INFINITY;
  max = 0;
  /** The exact sum of all values. */
  sum = 0;
  /** From bucket 0 to some bucket above the largest value. A full one takes 180 KB, and a load may have hundreds. */
  #counts = new Float64Array(0);

  /**
   * @param value a time in microseconds, which is rounded
   * @param times how often it occurred
   */
  record(value: number, times = 1): void {
    const rounded = value < LONGEST_US ? Math.round(value) : LONGEST_US;
    const whole = Math.max(0, rounded);
    const bucket = bucketOf(whole);
    if (bucket >= this.#counts.length) this.#grow(bucket);
    this.#counts[bucket] = (this.#counts[bucket] as number) + times;
    this.count += times;
    this.sum += whole * times;
    if (whole < this.min) this.min = whole;
    if (whole > this.max) this.max = whole;
  }

  #grow(bucket: number): void {
    const room = Math.max(FEWEST, 2 ** (32 - Math.clz32(bucket)));
    const counts = new Float64Array(Math.min(BUCKETS, room));
    counts.set(this.#counts);
    this.#counts = counts;
  }

  clear(): void {
    if (this.count > 0) this.#counts.fill(0, bucketOf(this.min), bucketOf(this.max) + 1);
    this.count = 0;
    this.min = Number.POSITIVE_INFINITY;
    this.max = 0;
    this.sum = 0;
  }

  snapshot(): HistogramCounts {
    const { min, max, sum } = this;
    if (this.count === 0) return { first: 0, counts: new Float64Array(0), min, max, sum };
    const first = bucketOf(min);
    return { first, counts: this.#counts.slice(first, bucketOf(max) + 1), min, max, sum };
  }

  /** Adds the counts of another histogram, without loss. */
  add({ first, counts, min, max, sum }: HistogramCounts): void {
    const last = first + counts.length - 1;
    if (last >= this.#counts.length) this.#grow(last);
    for (let i = 0; i < counts.length; i += 1) {
      const more = counts[i] as number;
      if (more === 0) continue;
      this.#counts[first + i] = (this.#counts[first + i] as number) + more;
      this.count += more;
    }
    this.sum += sum;
    this.min = Math.min(this.min, min);
    this.max = Math.max(this.max, max);
  }

  /** The value that at least `share` of all values, from 0 to 1, do not exceed; at most 0.1 % too high. */
  valueAt(share: number): number {
    return this.valueAtRank(rankOf(share, this.count));
  }

  /** The value at a rank, from 1; infinite beyond the last. */
  valueAtRank(rank: number): number {
    if (rank > this.count) return Number.POSITIVE_INFINITY;
    let seen = 0;
    for (let bucket = bucketOf(this.min); bucket < this.#counts.length; bucket += 1) {
      seen += this.#counts[bucket] as number;
      if (seen >= rank) return Math.min(highestOf(bucket), this.max);
    }
    return this.max;
  }

  get mean(): number {
    return this.sum / this.count;
  }

  /** Standard deviation, with each value at the middle of its bucket. */
  get stdev(): number {
    const { mean } = this;
    let squares = 0;
    this.each((bucket, count) => {
      squares += ((lowestOf(bucket) + highestOf(bucket)) / 2 - mean) ** 2 * count;
    });
    return Math.sqrt(squares / this.count);
  }

  /** Visits the buckets that are not empty, in order. */
  each(visit: (bucket: number, count: number) => void): void {
    if (this.count === 0) return;
    const last = bucketOf(this.max);
    for (let bucket = bucketOf(this.min); bucket <= last; bucket += 1) {
      const count = this.#counts[bucket] as number;
      if (count > 0) visit(bucket, count);
    }
  }
}

/** The rank of a percentile among `count` sorted values, from 1. */
export function rankOf(share: number, count: number): number {
  // Slightly less, or 0.999 × 1000 = 999.0000000000001 would have rank 1000.
  return Math.max(1, Math.ceil(share * count - 1e-9 * count));
}
