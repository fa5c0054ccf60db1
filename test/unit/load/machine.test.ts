import { expect, test } from 'vitest';
import { longestLag, resourcesOf } from '../../../src/load/engine/measure/machine.ts';
import { windowOf } from './results.ts';

/** Three days: more than a call takes arguments. */
const SECONDS = 3 * 86_400;

test('a soak of days has a peak, and a longest pause', () => {
  const samples = Array.from({ length: SECONDS }, (_, second) => ({
    cpuMs: second,
    rssBytes: second === 1000 ? 9e6 : 1e6,
    processes: 1,
    threads: 4,
    descriptors: 10,
  }));
  expect(resourcesOf(samples)).toEqual({
    cpuMs: SECONDS - 1,
    rssBytes: { first: 1e6, last: 1e6, peak: 9e6 },
    threads: { first: 4, last: 4, peak: 4 },
    descriptors: { first: 10, last: 10, peak: 10 },
  });
  const usual = windowOf(0);
  const windows = Array.from({ length: SECONDS }, () => usual);
  windows[5] = windowOf(5000, { generator: { cpuMs: 1, maxLoopLagMs: 70 } });
  windows[6] = windowOf(6000, { phase: 'warmup', generator: { cpuMs: 1, maxLoopLagMs: 900 } });
  expect(longestLag(windows)).toBe(70);
});
