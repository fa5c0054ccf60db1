/** A command line that tells the target of a load from agents to leave, once none of them can be taken by surprise. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Schedule } from '../../../src/distributed/protocol.ts';
import { Telling } from '../../../src/distributed/telling.ts';
import type { Departing, Told } from '../../../src/load/index.ts';

const now = (): number => performance.timeOrigin + performance.now();

/** How far this clock is ahead of the server's, and those of the agents are. */
const OWN = 7000;
const AHEAD: Schedule['ahead'] = [
  [0, { least: -10, most: 20 }],
  [1, { least: 4980, most: 5040 }],
];
const DUE = 100;

interface Kept {
  readonly told: Told | undefined;
  /** By the clock of the server: when the load began, when it was told that it did, and that the target may be told. */
  readonly startAt: number;
  readonly startedAt: number;
  readonly toldAt: readonly [from: number, to: number];
  readonly ended: number;
}

/** @param failures how often the run does not answer at first */
async function kept(failures: number, departureDueMs = DUE): Promise<Kept> {
  const serverNow = (): number => Math.floor(now() - OWN);
  let asked = 0;
  let ended = 0;
  const startAt = serverNow() + 150;
  const schedule = async (): Promise<Schedule> => {
    asked += 1;
    await delay(2);
    const time = serverNow();
    await delay(3);
    if (asked <= failures) throw new Error('nobody carries it out');
    return asked === failures + 1
      ? { now: time, startAt: null, ahead: [] }
      : { now: time, startAt, ahead: AHEAD };
  };
  const end = (): void => {
    ended += 1;
  };
  const run = { plan: { departureDueMs }, schedule, end };
  const telling = new Telling(run, () => false);
  const load = await new Promise<Departing>((resolve) => void telling.keep(resolve));
  const startedAt = now() - OWN;
  expect(telling.told).toBeUndefined();
  await load.leave();
  const from = now() - OWN;
  // Whatever it takes to tell the target.
  for (const until = now() + 5; now() < until; );
  const to = now() - OWN;
  await delay(1);
  load.end();
  return { told: telling.told, startAt, startedAt, toldAt: [from, to], ended };
}

test.each([0, 2])(
  'when it is told is known, within bounds that hold, after %i failures',
  async (failures) => {
    const { told, startAt, startedAt, toldAt, ended } = await kept(failures);
    expect(told).toMatchObject({ startedAt: startAt, ahead: new Map(AHEAD) });
    const { least = 0, most = 0 } = told?.at ?? {};
    const [from, to] = toldAt;
    expect(least).toBeLessThanOrEqual(from);
    expect(most).toBeGreaterThanOrEqual(to);
    expect(startedAt).toBeGreaterThanOrEqual(startAt - (most - least));
    // The clock of the first one is taken for right, and may be 10 ms behind.
    expect(least).toBeGreaterThanOrEqual(startAt + DUE + 10);
    expect(ended).toBe(1);
  },
);

test('nobody is told once the run is over', async () => {
  let asked = 0;
  const schedule = async (): Promise<Schedule> => {
    asked += 1;
    return { now: 0, startAt: null, ahead: [] };
  };
  const telling = new Telling({ plan: {}, schedule, end: () => {} }, () => asked > 2);
  await telling.keep(() => {
    throw new Error('it has begun');
  });
  expect(telling.told).toBeUndefined();
});
