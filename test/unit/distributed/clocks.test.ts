import { expect, test } from 'vitest';
import { clockAhead } from '../../../src/distributed/clocks.ts';
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
        const found = clockAhead({ scheduledAt, receivedAt, answeredAt }, answeredAt - ahead + back);
        expect(Math.abs(ahead - found)).toBeLessThanOrEqual(Math.max(there, back));
      },
    ),
  );
});
