/**
 * The buckets of HdrHistogram with 3 significant digits, for whole numbers: 2048 that hold one value each, then 1024 for each
 * further power of two. A bucket is never wider than 1/1024 of its values.
 *
 * Source of the layout: https://github.com/HdrHistogram/HdrHistogram (AbstractHistogram).
 */

const HALF = 1024;
const HALF_BITS = 10;
/** One more than the exponent of the last value that stands alone in its bucket. */
const LINEAR_BITS = 11;
export const SIGNIFICANT_DIGITS = 3;
/** Values are held in 32 bits. */
export const LARGEST = 2 ** 32 - 1;
export const BUCKETS = (32 - LINEAR_BITS) * HALF + 2 * HALF;

/** @param value a whole number from 0 to `LARGEST` */
export function bucketOf(value: number): number {
  const shift = Math.max(0, 32 - LINEAR_BITS - Math.clz32(value));
  return (shift << HALF_BITS) + (value >>> shift);
}

function shiftOf(bucket: number): number {
  return Math.max(0, (bucket >>> HALF_BITS) - 1);
}

/** The lowest value of a bucket. */
export function lowestOf(bucket: number): number {
  const shift = shiftOf(bucket);
  return (bucket - shift * HALF) * 2 ** shift;
}

/** The highest value of a bucket. */
export function highestOf(bucket: number): number {
  return lowestOf(bucket) + 2 ** shiftOf(bucket) - 1;
}
