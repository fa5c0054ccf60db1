/**
 * The buckets of HdrHistogram with 3 significant digits, for integers: 2048 of width 1, then 1024 for each further
 * power of two. A bucket is never wider than 1/1024 of its values.
 *
 * Source of the layout: https://github.com/HdrHistogram/HdrHistogram (AbstractHistogram).
 */

const HALF = 1024;
const HALF_BITS = 10;
/** Values of up to this many bits have a bucket of their own. */
const LINEAR_BITS = 11;
export const SIGNIFICANT_DIGITS = 3;
/** Values have 32 bits. */
export const LARGEST = 2 ** 32 - 1;
export const BUCKETS = (32 - LINEAR_BITS) * HALF + 2 * HALF;

/** @param value an integer from 0 to `LARGEST` */
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
