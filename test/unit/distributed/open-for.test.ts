import { expect, test } from 'vitest';
import type { LoadPlan } from '../../../src/core/load.ts';
import { openFor } from '../../../src/distributed/open-for.ts';
import { closed, forMs, forRequests, open, planFor } from '../load/plans.ts';

const HOUR = 3_600_000;
const hours = (more: Partial<LoadPlan>): number =>
  openFor(planFor('http://127.0.0.1:1', more), 60_000) / HOUR;

test('a run is open for as long as it may take, with an hour more, and never for ever', () => {
  for (const [more, expected] of [
    [{ limit: forMs(2 * HOUR), model: open(10) }, 3],
    [{ limit: forRequests(36_000), model: open(10) }, 2],
    [{ limit: forRequests(36_000), model: closed(10) }, 25],
  ] as const) {
    expect(hours(more)).toBeGreaterThan(expected);
    expect(hours(more)).toBeLessThan(expected + 0.1);
  }
});
