/** Times with fewer buckets, to be sent: each is known to a share of itself. */
import { bucketOf, lowestOf } from '../hdr/buckets.ts';
import { bucketsOf, type HistogramText, textOf } from './text.ts';

/** The middle of the bucket of a value, if there are 2 to the power of `bits` for each power of two. */
function middleOf(value: number, bits: number): number {
  const width = value < 2 ** (bits + 1) ? 1 : 2 ** (31 - Math.clz32(value) - bits);
  return Math.floor((Math.floor(value / width) + 0.5) * width);
}

/**
 * The same times with fewer buckets, each in the middle of its own. That depends on nothing else, so that the times of parts,
 * taken together, are those of the whole.
 *
 * @param bits 4: known to about 3 %, and twice that for each less
 */
export function coarseText(text: HistogramText, bits: number): HistogramText {
  const counts = new Map<number, number>();
  for (const [bucket, count] of bucketsOf(text)) {
    const coarse = bucketOf(middleOf(lowestOf(bucket), bits));
    counts.set(coarse, (counts.get(coarse) ?? 0) + count);
  }
  const all = [...counts];
  // The middle may be outside of the shortest and the longest time, and nothing may be outside of these.
  const min = Math.min(text.min, lowestOf(all[0]?.[0] ?? 0));
  return textOf(all, { min, max: Math.max(text.max, lowestOf(all.at(-1)?.[0] ?? 0)), sum: text.sum });
}

/** @returns how far a time may be from what it is known as, as a share of it */
export const errorOf = (bits: number): number => 2 ** -(bits + 1) + 0.001;
