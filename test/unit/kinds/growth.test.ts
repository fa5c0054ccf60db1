import { describe, expect, test } from 'vitest';
import { judgeGrowth } from '../../../src/kinds/threads/growth.ts';
import type { MemorySample } from '../../../src/kinds/threads/protocol.ts';
import fc from '../../rig/fast-check.ts';

const MIB = 2 ** 20;
const FIRST = 2 ** 16;

/** Peaks after n, 2n, 4n … calls, as a function of the calls. */
const samples = (peak: (calls: number) => number): MemorySample[] =>
  [0, 1, 2, 3, 4].map((doubling) => {
    const calls = FIRST * 2 ** doubling;
    return { calls, peakBytes: 50 * MIB + peak(calls) };
  });

describe('growth of memory', () => {
  test('by as much for each call is a leak, however little, and is told in bytes per call', () => {
    const growth = judgeGrowth(samples((calls) => 64 * calls));
    expect(growth).toMatchObject({ leaks: true, bytesPerCall: 64, perCall: [64, 64, 64, 64], floor: 8 });
  });

  test('that ends when a cache is full is none, whenever that is before the last doubling', () => {
    for (const full of [FIRST, FIRST * 3, FIRST * 8])
      expect(judgeGrowth(samples((calls) => 200 * Math.min(calls, full))).leaks).toBe(false);
  });

  test('by what a heap takes until it has found its size is none', () => {
    expect(judgeGrowth(samples((calls) => 3 * MIB * Math.log2(calls))).leaks).toBe(false);
  });

  test('by noise is none', () => {
    const noise = fc.array(fc.integer({ min: 0, max: 500 * 1024 }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(noise, (steps) => {
        const peaks = steps.map((_, index) => steps.slice(0, index + 1).reduce((a, b) => a + b));
        const noisy = samples(() => 0).map((sample, index) => ({
          ...sample,
          peakBytes: sample.peakBytes + (peaks[index] ?? 0),
        }));
        expect(judgeGrowth(noisy).leaks).toBe(false);
      }),
    );
  });

  test('is not judged by fewer than three samples', () => {
    const [first, second] = samples((calls) => 64 * calls);
    expect(judgeGrowth([]).leaks).toBe(false);
    if (first !== undefined && second !== undefined) expect(judgeGrowth([first, second]).leaks).toBe(false);
  });
});
