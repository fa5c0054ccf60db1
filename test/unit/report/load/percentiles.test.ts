import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { expect, test } from 'vitest';
import { PERCENTILES } from '../../../../src/core/latency.ts';
import { distributionOf } from '../../../../src/load/report/distribution.ts';
import { percentilePoints } from '../../../../src/load/report/percentiles.ts';
import fc from '../../../rig/fast-check.ts';
import { latencyOf, spread } from '../../load/results.ts';

const TIMES = fc.array(fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 10_000_000 })), {
  minLength: 1,
  maxLength: 400,
});

test('each point of the curve is the percentile of HdrHistogram, and the last is the longest time', () => {
  fc.assert(
    fc.property(TIMES, (times) => {
      const { hdr, max } = latencyOf(times);
      const histogram = decodeFromCompressedBase64(hdr);
      const points = percentilePoints(hdr, 0, max);
      for (const { oneIn, value } of points.slice(0, -1)) {
        const share = 1 - 1 / oneIn;
        // A little to each side, in case of rounding just where one rank ends. The longest time is known exactly.
        const [low, high] = [share - 1e-9, share + 1e-9].map((each) =>
          Math.min(max, histogram.getValueAtPercentile(Math.max(0, each) * 100)),
        );
        expect(value).toBeGreaterThanOrEqual(low ?? Number.NaN);
        expect(value).toBeLessThanOrEqual(high ?? Number.NaN);
      }
      expect(points.at(-1)?.value).toBe(max);
      expect(points.at(-1)?.oneIn).toBe(2 * times.length);
    }),
  );
});

test('the curve rises, and has a point at each nine', () => {
  fc.assert(
    fc.property(TIMES, fc.nat(50), (times, missing) => {
      const { hdr, max } = latencyOf(times);
      const points = percentilePoints(hdr, missing, max);
      const sorted = (of: (typeof points)[number][], key: 'oneIn' | 'value'): boolean =>
        of.every((point, at) => at === 0 || point[key] >= (of[at - 1]?.[key] ?? 0));
      expect(sorted(points, 'oneIn') && sorted(points, 'value')).toBe(true);
      const total = times.length + missing;
      for (const nine of [10, 100])
        if (nine < total && missing / total < 1 / nine)
          expect(points.map(({ oneIn }) => oneIn)).toContain(nine);
    }),
  );
});

test('has what the result says of the same times', () => {
  const latency = latencyOf(spread(1000, 50_000, 100_000));
  const points = percentilePoints(latency.hdr, 0, latency.max);
  for (const [name, oneIn] of [
    ['p50', 2],
    ['p90', 10],
    ['p99', 100],
    ['p999', 1000],
  ] as const) {
    const point = points.find((each) => each.oneIn === oneIn);
    expect(1 - 1 / oneIn).toBeCloseTo(PERCENTILES[name]);
    expect(Math.abs((point?.value ?? 0) / latency[name] - 1)).toBeLessThan(0.002);
  }
});

test('stops where requests without a response begin', () => {
  const { hdr, max } = latencyOf(spread(1000, 2000, 900));
  const points = percentilePoints(hdr, 100, max);
  expect(points.at(-1)?.oneIn).toBeLessThanOrEqual(10);
  expect(points.at(-1)?.oneIn).toBeGreaterThan(9);
  expect(percentilePoints(latencyOf([]).hdr, 5, 0)).toEqual([]);
});

test('the ranges of a distribution hold every time once', () => {
  fc.assert(
    fc.property(TIMES, (times) => {
      const rows = distributionOf(latencyOf(times).hdr);
      expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(times.length);
      expect(rows.length).toBeGreaterThan(0);
    }),
  );
});
