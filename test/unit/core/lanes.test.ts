import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Lanes } from '../../../src/core/lanes.ts';

test('only so many go on at once, all get their turn in order, and one that fails makes room like any other', async () => {
  const lanes = new Lanes(3);
  const begun: number[] = [];
  let active = 0;
  let most = 0;
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, (_, n) =>
      lanes.run(async () => {
        begun.push(n);
        active += 1;
        most = Math.max(most, active);
        await setImmediate();
        active -= 1;
        if (n % 4 === 0) throw new Error(`${n} fails`);
        return n;
      }),
    ),
  );
  expect(most).toBe(3);
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(results.map(({ status }) => status === 'fulfilled')).toEqual(begun.map((n) => n % 4 !== 0));
  expect(await lanes.run(async () => 'again')).toBe('again');
});
