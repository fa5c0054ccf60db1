/** Our histogram against HdrHistogram's own. */
import { build, decodeFromCompressedBase64, initWebAssemblySync } from 'hdr-histogram-js';
import { describe, expect, test } from 'vitest';
import { encodeHdr } from '../../../src/load/hdr/encoding.ts';
import { Histogram, rankOf } from '../../../src/load/tally/histogram.ts';
import fc from '../../rig/fast-check.ts';
import { shareOf } from '../../rig/thorough.ts';

const LONGEST = 2 ** 32 - 1;
/** Microseconds of every magnitude, and those around the borders of buckets. */
const time = fc.oneof(
  fc.integer({ min: 0, max: 5000 }),
  fc.integer({ min: 0, max: LONGEST }),
  fc.integer({ min: 11, max: 31 }).chain((bits) => fc.integer({ min: 2 ** bits - 2, max: 2 ** bits + 2 })),
);
const times = fc.array(time, { minLength: 1, maxLength: 300 });
const shares = [0, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1];

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

describe('a histogram', () => {
  test('is off by no more than 0.1 %, and never too low', () => {
    fc.assert(
      fc.property(times, (values) => {
        const histogram = histogramOf(values);
        const sorted = [...values].sort((a, b) => a - b);
        for (const share of shares) {
          const truth = sorted[rankOf(share, values.length) - 1] ?? 0;
          const measured = histogram.valueAt(share);
          expect(measured).toBeGreaterThanOrEqual(truth);
          expect(measured - truth).toBeLessThanOrEqual(truth / 1000);
        }
        expect(histogram.sum).toBe(values.reduce((sum, value) => sum + value, 0));
        expect([histogram.min, histogram.max]).toEqual([sorted[0], sorted.at(-1)]);
      }),
    );
  });

  test('gives the percentiles that HdrHistogram gives', () => {
    fc.assert(
      fc.property(times, (values) => {
        const theirs = build({ highestTrackableValue: LONGEST, numberOfSignificantValueDigits: 3 });
        for (const value of values) theirs.recordValue(value);
        const ours = histogramOf(values);
        // Of the share 0 theirs gives the beginning of the bucket.
        for (const share of shares.slice(1)) {
          // Theirs gives the end of the bucket even beyond the largest value.
          const expected = Math.min(theirs.getValueAtPercentile(share * 100), ours.max);
          expect(ours.valueAt(share)).toBe(expected);
        }
        expect(Math.abs(ours.stdev - theirs.stdDeviation)).toBeLessThanOrEqual(ours.max / 1000);
      }),
    );
  });

  test('is read by HdrHistogram, every count in its place', () => {
    initWebAssemblySync();
    fc.assert(
      fc.property(times, (values) => {
        const ours = histogramOf(values);
        const theirs = decodeFromCompressedBase64(encodeHdr(ours));
        expect(theirs.totalCount).toBe(values.length);
        for (const share of shares.slice(1))
          expect(Math.min(theirs.getValueAtPercentile(share * 100), ours.max)).toBe(ours.valueAt(share));
      }),
    );
  });

  test('merges exactly: parts give what the whole gives', () => {
    fc.assert(
      fc.property(times, fc.nat(), (values, cut) => {
        const at = cut % (values.length + 1);
        const merged = new Histogram();
        merged.add(histogramOf(values.slice(0, at)).snapshot());
        merged.add(histogramOf(values.slice(at)).snapshot());
        expect(merged.snapshot()).toEqual(histogramOf(values).snapshot());
        expect(encodeHdr(merged)).toBe(encodeHdr(histogramOf(values)));
      }),
      { numRuns: shareOf(30) },
    );
  });

  test('is empty again after it was cleared', () => {
    const histogram = histogramOf([1, 5_000_000, 70]);
    histogram.clear();
    histogram.record(3);
    expect(histogram.snapshot()).toEqual(histogramOf([3]).snapshot());
  });

  test('what is longer than it can hold counts as the longest, what is negative as zero', () => {
    const { min, max } = histogramOf([-5, 2 ** 40]);
    expect([min, max]).toEqual([0, LONGEST]);
  });
});
