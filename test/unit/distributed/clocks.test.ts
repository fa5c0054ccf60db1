import { expect, test } from 'vitest';
import { aheadIn, boundsOf, together } from '../../../src/distributed/clocks.ts';
import type { ClockLook } from '../../../src/distributed/protocol.ts';

const clockAhead = (look: ClockLook, heardAt: number): number => aheadIn(boundsOf(look, heardAt));

import fc from '../../rig/fast-check.ts';

test('a clock is taken for right until the order of things disproves it', () => {
  expect(clockAhead({ scheduledAt: 1000, receivedAt: 1004, answeredAt: 1010 }, 1015)).toBe(0);
  // It has a task 500 ms before the server has scheduled it.
  expect(clockAhead({ scheduledAt: 1000, receivedAt: 500, answeredAt: 510 }, 1015)).toBe(-500);
  // The server has heard at 1015 what the agent says at 1510.
  expect(clockAhead({ scheduledAt: 1000, receivedAt: 1504, answeredAt: 1510 }, 1015)).toBe(495);
});

test('what is left of an error is less than the way took, however wrong the clock is', () => {
  const span = fc.integer({ min: 0, max: 2000 });
  fc.assert(
    fc.property(
      fc.integer({ min: -86_400_000, max: 86_400_000 }),
      span,
      span,
      span,
      (ahead, there, work, back) => {
        const scheduledAt = 1_700_000_000_000;
        const receivedAt = scheduledAt + there + ahead;
        const answeredAt = receivedAt + work;
        const bounds = boundsOf({ scheduledAt, receivedAt, answeredAt }, answeredAt - ahead + back);
        expect(bounds.least).toBeLessThanOrEqual(ahead);
        expect(bounds.most).toBeGreaterThanOrEqual(ahead);
        expect(bounds.most - bounds.least).toBe(there + back);
        const found = clockAhead({ scheduledAt, receivedAt, answeredAt }, answeredAt - ahead + back);
        expect(Math.abs(ahead - found)).toBeLessThanOrEqual(Math.max(there, back));
      },
    ),
  );
});

test('two looks at a clock tell more together, unless it was set between them', () => {
  const wide = { least: -40, most: 2 };
  const close = { least: -5, most: 5 };
  expect(together(wide, close)).toEqual({ least: -5, most: 2 });
  expect(together(close, wide)).toEqual({ least: -5, most: 2 });
  const set = { least: 100, most: 120 };
  expect(together(set, close)).toBe(close);
  expect(together(close, set)).toBe(close);
});
