/** What is said of a service while it is waited for: as soon as it is known, and once. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Clock } from '../../../src/core/clock.ts';
import { watchWait } from '../../../src/process/service/early-notice.ts';
import { VirtualTime } from '../../rig/virtual-time.ts';

async function saidOf(whys: readonly (string | undefined)[]): Promise<string[]> {
  const time = new VirtualTime();
  const said: string[] = [];
  let index = 0;
  const end = watchWait({
    name: 'server',
    clock: new Clock(time),
    look: async () => whys[index++],
    say: (message) => said.push(message),
  });
  for (const _ of whys) {
    time.pass(1000);
    await turn();
  }
  end();
  expect(time.alarms).toBe(0);
  time.pass(10_000);
  expect(index).toBe(whys.length);
  return said;
}

test('a reason that two looks agree on is said, with the time that has passed', async () => {
  expect(await saidOf([undefined, 'port 3001', 'port 3001', 'port 3001'])).toEqual([
    'server is not ready after 3.00 s: port 3001',
  ]);
});

test('what was so for one look alone is not said, and nothing is said twice', async () => {
  expect(await saidOf(['debugger', undefined, 'port 3001'])).toEqual([]);
  expect(await saidOf(['a', 'a', 'b', 'b', 'a', 'a'])).toEqual([
    'server is not ready after 2.00 s: a',
    'server is not ready after 4.00 s: b',
  ]);
});
