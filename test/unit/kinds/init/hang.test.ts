/** When a process that loads a module counts as hanging. */
import { expect, test } from 'vitest';
import { Clock } from '../../../../src/core/clock.ts';
import { untilHung } from '../../../../src/kinds/init/hang.ts';
import { type InitReport, NOTHING_DONE } from '../../../../src/kinds/init/protocol.ts';
import { VirtualTime } from '../../../rig/virtual-time.ts';

const LIMIT = 15_000;

/** @param share of a core that it gets */
async function hungAfter(share: (at: number) => number, read = (): InitReport => NOTHING_DONE) {
  const time = new VirtualTime();
  const clock = new Clock(time);
  let used = 0;
  let last = clock.now();
  const cpuMs = (): number => {
    const at = clock.now();
    used += share(at) * (at - last);
    last = at;
    return used;
  };
  const hung = untilHung(read, LIMIT, clock, cpuMs, new AbortController().signal);
  time.pass(100_000);
  return hung;
}

test('one that waits hangs at the limit, and one that computes for so long as well', async () => {
  expect(await hungAfter(() => 0)).toBe(LIMIT);
  expect(await hungAfter(() => 1)).toBeLessThanOrEqual(LIMIT + 1000);
});

test('one that works and gets little of a core has more time, but not for ever', async () => {
  expect(await hungAfter(() => 0.5)).toBeGreaterThanOrEqual(2 * LIMIT - 1000);
  expect(await hungAfter(() => 0.05)).toBe(4 * LIMIT);
});

test('one that worked on a busy machine and waits now hangs', async () => {
  const waited = await hungAfter((at) => (at < 21_000 ? 0.1 : 0));
  expect(waited).toBeGreaterThanOrEqual(20_000);
  expect(waited).toBeLessThanOrEqual(22_000);
});

test('one that is done and does not exit has a third of the limit', async () => {
  expect(
    await hungAfter(
      () => 0.05,
      () => ({ ...NOTHING_DONE, doing: null }),
    ),
  ).toBe(LIMIT / 3);
});
