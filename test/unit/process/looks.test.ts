/** When the processes of owners are looked at: on a clock that the test moves. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keepLooking, lookTogether, stopLooking } from '../../../src/process/ownership/looks.ts';
import { allPids, atOneMoment, readProcess } from '../../../src/process/system/proc.ts';

const HOUR = 3_600_000;
let hours = 0;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  // This clock begins anew each time, and looks may still rest from an earlier test, also of another file.
  hours += 1;
  vi.advanceTimersByTime(hours * HOUR);
});
afterEach(() => {
  vi.useRealTimers();
});

const MINUTE = 60_000;

test('an owner is looked at soon, then less and less often, until it has ended', () => {
  const at: number[] = [];
  const start = performance.now();
  const look = (): number => at.push(Math.round(performance.now() - start));
  keepLooking(look);
  vi.advanceTimersByTime(1000);
  expect(at).toEqual([20, 60, 140, 300, 620]);
  vi.advanceTimersByTime(MINUTE);
  expect(at.slice(-2)).toEqual([59_260, 60_260]);
  stopLooking(look);
  vi.advanceTimersByTime(MINUTE);
  expect(at.at(-1)).toBe(60_260);
  expect(vi.getTimerCount()).toBe(0);
});

test('owners that begin at any time look together, each at least once a second', () => {
  const moments = new Set<number>();
  const last = new Map<number, number>();
  const looks = Array.from({ length: 200 }, (_, owner) => () => {
    const now = Math.round(performance.now());
    const before = last.get(owner);
    if (before !== undefined) expect(now - before).toBeLessThanOrEqual(1001);
    last.set(owner, now);
    moments.add(now);
  });
  for (const look of looks) {
    keepLooking(look);
    vi.advanceTimersByTime(13);
  }
  vi.advanceTimersByTime(MINUTE);
  moments.clear();
  vi.advanceTimersByTime(MINUTE);
  // Each look is one of all: who comes in between is then new to all, and read once.
  expect(last.size).toBe(200);
  expect(new Set(last.values()).size).toBe(1);
  // Each alone, they would look at 200 moments of a second.
  expect(moments.size).toBeLessThanOrEqual(65);
  for (const look of looks) stopLooking(look);
});

test('what one has read at a moment is not read again for another', () => {
  const seen: unknown[] = [];
  atOneMoment(() => seen.push(allPids(), allPids(), readProcess(process.pid), readProcess(process.pid)));
  expect(seen[0]).toBe(seen[1]);
  expect(seen[2]).toBe(seen[3]);
  expect(allPids()).not.toBe(seen[0]);
  expect(() =>
    atOneMoment(() => {
      throw new Error('a look that fails');
    }),
  ).toThrow('a look that fails');
  expect(allPids()).not.toBe(allPids());
});

test('who waits for a look looks along with all who ask meanwhile, and after a rest', async () => {
  vi.useRealTimers();
  const wait = (span: number): void => {
    for (const until = performance.now() + span; performance.now() < until; );
  };
  const [one, two] = await Promise.all([lookTogether(allPids, 0), lookTogether(allPids, 0)]);
  expect(one).toBe(two);
  await Promise.all([lookTogether(() => wait(20), 0), lookTogether(allPids, 0)]);
  const restsFrom = performance.now();
  const order: string[] = [];
  await Promise.all([
    lookTogether(() => order.push('first'), 1000),
    lookTogether(() => order.push('second'), 1000),
  ]);
  expect(performance.now() - restsFrom).toBeGreaterThanOrEqual(35);
  expect(order).toEqual(['first', 'second']);
});

test('after the look of one who asks alone there is no rest', async () => {
  await lookTogether(() => vi.advanceTimersByTime(MINUTE), 0);
  const looks = lookTogether(allPids, MINUTE);
  // It waits for no timer: the next look is made at once.
  expect(vi.getTimerCount()).toBe(0);
  expect((await looks).size).toBeGreaterThan(0);
});

test('who has no time to wait looks while others rest, and takes them along', async () => {
  vi.useRealTimers();
  const look = (): void => {
    for (const until = performance.now() + 1000; performance.now() < until; );
  };
  await Promise.all([lookTogether(look, 0), lookTogether(allPids, 0)]);
  const askedAt = performance.now();
  await Promise.all([lookTogether(allPids, 60_000), lookTogether(allPids, 0)]);
  expect(performance.now() - askedAt).toBeLessThan(1900);
});

test('a look that fails is the failure of whoever asked', async () => {
  vi.useRealTimers();
  const fails = lookTogether(() => {
    throw new Error('it cannot look');
  }, 0);
  const looks = lookTogether(allPids, 0);
  await expect(fails).rejects.toThrow('it cannot look');
  expect((await looks).size).toBeGreaterThan(0);
});
