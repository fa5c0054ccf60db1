/** The search for a rate, against targets that are played by arithmetic. */
import { describe, expect, test } from 'vitest';
import { type LevelOutcome, MOST_REPEATS, type SearchRange } from '../../../src/core/capacity.ts';
import { Random } from '../../../src/core/random.ts';
import {
  intervalOf,
  isLimited,
  nextTrial,
  Scale,
  type Trial,
} from '../../../src/load/engine/capacity/search.ts';

const RANGE: SearchRange = { start: 100, least: 1, most: 100_000 };

interface Found {
  readonly holds: number | null;
  readonly fails: number | null;
  readonly isLimited: boolean;
  readonly trials: readonly Trial[];
  readonly measurements: number;
}

/** Searches a target whose outcome at a rate is given. */
function search(play: (rate: number, isLook: boolean) => LevelOutcome, range = RANGE): Found {
  const scale = new Scale(range);
  const trials: Trial[] = [];
  for (let next = nextTrial(scale, trials); next !== 'done'; next = nextTrial(scale, trials)) {
    trials.push({ ...next, outcome: play(scale.rateOf(next.step), next.isLook) });
    if (trials.length > 200) throw new Error('it does not end');
  }
  const { low, high, isConfirmed } = intervalOf(trials);
  expect(isConfirmed).toBe(true);
  return {
    holds: low === undefined ? null : scale.rateOf(low.step),
    fails: high === undefined ? null : scale.rateOf(high.step),
    isLimited: high !== undefined && isLimited(high),
    trials,
    measurements: trials.filter(({ isLook }) => !isLook).length,
  };
}

const cliff = (capacity: number) => (rate: number) => (rate <= capacity ? 'held' : 'lost');

describe('without chance', () => {
  test.each([1.5, 7, 99, 100, 101, 163, 1000, 4321, 19_999, 99_000])(
    'a capacity of %d lies in the interval, which is a step wide',
    (capacity) => {
      const { holds, fails, measurements, trials } = search(cliff(capacity));
      expect(holds).toBeLessThanOrEqual(capacity);
      expect(fails).toBeGreaterThan(capacity);
      expect((fails ?? 0) / (holds ?? 0)).toBeLessThan(1.04);
      expect(measurements).toBeLessThanOrEqual(10);
      expect(trials.length).toBeLessThanOrEqual(25);
    },
  );

  test('looks double the rate from the first, and then go back', () => {
    const { trials } = search(cliff(700));
    const scale = new Scale(RANGE);
    expect(trials.filter(({ isLook }) => isLook).map(({ step }) => scale.rateOf(step))).toEqual([
      ...[100, 200, 400, 800, 566, 673],
    ]);
  });

  test('where all holds, up to the end of the range, there is no upper end', () => {
    const { holds, fails, measurements } = search(() => 'held', { ...RANGE, most: 20_000 });
    expect({ holds, fails, measurements }).toEqual({ holds: 20_000, fails: null, measurements: 3 });
  });

  test('where nothing holds, down to the end of the range, there is no lower end', () => {
    const { holds, fails, measurements } = search(() => 'lost', { ...RANGE, least: 100 });
    expect({ holds, fails, measurements }).toEqual({ holds: null, fails: 100, measurements: 3 });
  });

  test('a range of a single rate', () => {
    const only = { ...RANGE, start: 50, least: 50, most: 50 };
    expect(search(() => 'held', only)).toMatchObject({ holds: 50, fails: null });
    expect(search(() => 'lost', only)).toMatchObject({ holds: null, fails: 50 });
  });

  test('a generator that is the bottleneck is asked once, and the lower end is confirmed all the same', () => {
    const found = search((rate) => (rate <= 3000 ? 'held' : 'limited'));
    expect(found.isLimited).toBe(true);
    expect(found.holds).toBeGreaterThan(2900);
    expect(found.holds).toBeLessThanOrEqual(3000);
    expect(
      found.trials.filter(({ outcome, isLook }) => outcome === 'limited' && !isLook).length,
    ).toBeLessThan(5);
  });
});

describe('with chance', () => {
  test('one hiccup does not become the capacity, wherever it comes', () => {
    for (let hiccup = 0; hiccup < 25; hiccup += 1) {
      let trial = -1;
      const { holds, fails } = search((rate) => {
        trial += 1;
        return trial === hiccup ? 'lost' : cliff(4321)(rate);
      });
      expect(holds, `hiccup at trial ${hiccup}`).toBeGreaterThan(4321 / 1.05);
      expect(fails, `hiccup at trial ${hiccup}`).toBeLessThan(4321 * 1.05);
    }
  });

  test('a rate that comes out now this way, now that, is inside the interval', () => {
    const tries = new Map<number, number>();
    const { holds, fails, trials } = search((rate) => {
      if (rate < 960) return 'held';
      if (rate > 1050) return 'lost';
      const count = (tries.get(rate) ?? 0) + 1;
      tries.set(rate, count);
      return count % 2 === 0 ? 'held' : 'lost';
    });
    expect(holds).toBeLessThan(960);
    expect(fails).toBeGreaterThan(1050);
    const counts = new Map<number, number>();
    for (const { step, isLook } of trials) if (!isLook) counts.set(step, (counts.get(step) ?? 0) + 1);
    expect(Math.max(...counts.values())).toBe(MOST_REPEATS);
  });

  test('with noise, both ends are within 5 % in 1,000 searches, and the capacity between them in nearly all', () => {
    const random = new Random(7);
    const normal = (): number =>
      Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
    let outside = 0;
    let measurements = 0;
    for (let seed = 0; seed < 1000; seed += 1) {
      const capacity = 200 * 100 ** random.next();
      // One measurement is off by 1 %, as the p99 of a queue is over 100,000 requests; a look by twice that.
      const found = search((rate, isLook) =>
        rate <= capacity * (1 + normal() * (isLook ? 0.02 : 0.01)) ? 'held' : 'lost',
      );
      const { holds, fails } = found;
      expect(Math.abs((holds ?? 0) / capacity - 1)).toBeLessThan(0.05);
      expect(Math.abs((fails ?? 0) / capacity - 1)).toBeLessThan(0.05);
      if ((holds ?? 0) > capacity || (fails ?? 0) < capacity) outside += 1;
      measurements += found.measurements;
    }
    expect(outside).toBeLessThan(100);
    expect(measurements / 1000).toBeLessThan(14);
  });
});
