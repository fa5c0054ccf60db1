/** When requests are due, in virtual time. */
import { describe, expect, test } from 'vitest';
import type { LoadModel, LoadStage } from '../../../src/core/load.ts';
import { ms } from '../../../src/core/units.ts';
import { arrivals } from '../../../src/load/engine/schedule/arrivals.ts';
import { shareOf } from '../../../src/load/engine/schedule/closed.ts';
import { Levels } from '../../../src/load/engine/schedule/stages.ts';
import fc from '../../rig/fast-check.ts';

const openLoop = (more: Partial<Extract<LoadModel, { type: 'open' }>> = {}) =>
  ({ type: 'open', rate: 100, arrivals: 'constant', stages: [], connections: 1, ...more }) as const;

function take(next: () => number, until: number): number[] {
  const dues: number[] = [];
  for (let due = next(); due < until && dues.length < 1e6; due = next()) dues.push(due);
  return dues;
}

const stage: fc.Arbitrary<LoadStage> = fc.record({
  duration: fc.integer({ min: 1, max: 5000 }).map(ms),
  from: fc.integer({ min: 0, max: 500 }),
  to: fc.integer({ min: 0, max: 500 }),
});

describe('constant arrivals', () => {
  test('do not drift: the millionth at 3 a second is where arithmetic has it', () => {
    const next = arrivals(openLoop({ rate: 3 }), 0, 1, { worker: 0, workers: 1 });
    let due = 0;
    for (let i = 0; i <= 1_000_000; i += 1) due = next();
    expect(due).toBeCloseTo((1_000_000 / 3) * 1000, 3);
  });

  test('of several threads are, together, those of one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(stage, { maxLength: 4 }), (workers, stages) => {
        const model = openLoop({ stages });
        const of = (worker: number, count: number): number[] =>
          take(arrivals(model, 100, 1, { worker, workers: count }), 3000);
        const together = Array.from({ length: workers }, (_, worker) => of(worker, workers)).flat();
        expect(together.sort((a, b) => a - b)).toEqual(of(0, 1));
      }),
      { numRuns: 50 },
    );
  });

  test('in stages come as often as the area below them says, in order', () => {
    fc.assert(
      fc.property(fc.array(stage, { minLength: 1, maxLength: 5 }), (stages) => {
        const total = stages.reduce((sum, { duration }) => sum + duration, 0);
        const area = stages.reduce((sum, { duration, from, to }) => sum + (duration * (from + to)) / 2000, 0);
        const dues = take(arrivals(openLoop({ stages }), 0, 1, { worker: 0, workers: 1 }), total + 1);
        expect(Math.abs(dues.length - area)).toBeLessThanOrEqual(1);
        expect(dues.findIndex((due, index) => due < (dues[index - 1] ?? 0))).toBe(-1);
      }),
      { numRuns: 200 },
    );
  });
});

test('an arrival that rounding puts behind the end of its stage does not keep the next stage from coming', () => {
  const stages: readonly LoadStage[] = [
    { duration: ms(2000), from: 339, to: 8 },
    { duration: ms(1000), from: 100, to: 100 },
  ];
  const dues = take(arrivals(openLoop({ stages }), 0, 1, { worker: 0, workers: 1 }), 3001);
  expect(dues.filter((due) => due > 2000).length).toBeGreaterThanOrEqual(99);
});

describe('Poisson arrivals', () => {
  test.for([1, 3])('over %i threads have the mean and the deviation of chance', (workers) => {
    const model = openLoop({ rate: 1000, arrivals: 'poisson' });
    const dues = Array.from({ length: workers }, (_, worker) =>
      take(arrivals(model, 0, 7, { worker, workers }), 100_000),
    )
      .flat()
      .sort((a, b) => a - b);
    // 100,000 expected, standard deviation 316: five of them.
    expect(Math.abs(dues.length - 100_000)).toBeLessThan(1600);
    const gaps = dues.slice(1).map((due, index) => due - (dues[index] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(deviation / mean).toBeGreaterThan(0.97);
    expect(deviation / mean).toBeLessThan(1.03);
  });

  test('are the same for the same seed, and others for another', () => {
    const of = (seed: number): number[] =>
      take(arrivals(openLoop({ arrivals: 'poisson' }), 0, seed, { worker: 0, workers: 1 }), 1000);
    expect(of(5)).toEqual(of(5));
    expect(of(5)).not.toEqual(of(6));
  });
});

test('levels go in straight lines, and stay at the last', () => {
  const levels = new Levels([
    { duration: ms(1000), from: 0, to: 10 },
    { duration: ms(1000), from: 10, to: 10 },
    { duration: ms(500), from: 2, to: 0 },
  ]);
  expect([0, 500, 1500, 2250, 9999].map((time) => levels.at(time))).toEqual([0, 5, 10, 1, 0]);
});

test('shares make the whole, and differ by one at most', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1e6 }), fc.integer({ min: 1, max: 64 }), (whole, workers) => {
      const shares = Array.from({ length: workers }, (_, worker) => shareOf(whole, { worker, workers }));
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(whole);
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
    }),
  );
});
