import { expect, test } from 'vitest';
import { rehearsalTime } from '../../../src/process/service/early-end.ts';

test.each([
  { took: 100, limit: 3000 },
  { took: 2000, limit: 6000 },
  { took: 60_000, limit: 15_000 },
])('a daemon that ended after $took ms gets $limit ms in the foreground to show why', ({ took, limit }) => {
  expect(rehearsalTime(took)).toBe(limit);
});
