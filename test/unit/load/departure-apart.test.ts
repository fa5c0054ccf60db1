/** A server that leaves while parts of a load are sent to it that nobody tells: on real sockets, judged as a whole. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { LoadPlan, LoadResult } from '../../../src/core/load.ts';
import { ms } from '../../../src/core/units.ts';
import { Generator } from '../../../src/load/engine/generator.ts';
import { type PreparedShare, prepareShare } from '../../../src/load/engine/share.ts';
import { judgeMerged, mergeReports, type Told } from '../../../src/load/index.ts';
import { closed, forMs, open, planFor } from './plans.ts';

/** Each part in this thread. */
vi.mock(import('../../../src/load/engine/threads.ts'), () => ({
  startSenders: (plan, { part, parts }, events) => {
    const generator = new Generator(plan, { worker: part, workers: parts }, events);
    generator.prepare((isIn) => queueMicrotask(() => events.onReady(isIn)));
    return {
      headstart: 5,
      start: (at) => generator.start(at - performance.timeOrigin),
      stop: (reason) => generator.stop(reason),
      leave: () => new Promise((resolve) => generator.leave(resolve)),
      end: () => generator.end(),
    };
  },
}));

/** When it is to be told, in milliseconds from the start. */
const DUE = 700;
const PARTS = 2;

type Manner = 'well' | 'loses' | 'refuses before' | 'stays';

/** @returns what is to be done when it is told */
async function serverWith(manner: Manner) {
  let isLeaving = false;
  let count = 0;
  const server = createServer((_, response) => {
    if (isLeaving) response.setHeader('Connection', 'close');
    count += 1;
    setTimeout(() => response.end('ok'), 30 + ((count * 7) % 40));
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    /** Some time before it is told. */
    ahead: () => {
      if (manner !== 'refuses before') return;
      isLeaving = true;
      server.close();
    },
    leave: () => {
      if (manner === 'stays') return;
      isLeaving = true;
      if (server.listening) server.close();
      if (manner === 'loses') server.closeAllConnections();
    },
    end: () => server.closeAllConnections(),
  };
}

const now = (): number => performance.timeOrigin + performance.now();

async function departureOf(manner: Manner, more: Partial<LoadPlan> = {}): Promise<LoadResult> {
  const server = await serverWith(manner);
  const plan = planFor(server.url, {
    ...{ model: closed(8), limit: forMs(20_000), warmup: ms(100) },
    ...{ departure: 'stop', departureDueMs: DUE },
    ...more,
  });
  const shares = await Promise.all(
    Array.from({ length: PARTS }, async (_, part): Promise<PreparedShare> => {
      const share = await prepareShare(plan, { part, parts: PARTS }, { version: '0' });
      if (!share.ok) throw new Error(share.error);
      return share.value;
    }),
  );
  const startedAt = now() + 100;
  const driving = shares.map((share) => share.drive(startedAt));
  await delay(startedAt + DUE + 100 - now());
  server.ahead();
  await delay(100);
  const least = now();
  server.leave();
  const told: Told = {
    ...{ at: { least, most: now() }, startedAt },
    ahead: new Map(shares.map((_, part) => [part, { least: 0, most: 0 }])),
  };
  // It has not gone by now, and will not.
  if (manner === 'stays') for (const share of shares) share.end();
  const reports = await Promise.all(driving);
  server.end();
  const fates = shares.map((_, part) => ({
    part,
    name: `agent ${part}`,
    cores: 1,
    fate: 'finished' as const,
  }));
  const circumstances = { version: '0', interruptedBy: undefined, measuredAtAbort: undefined, told };
  return judgeMerged(plan, mergeReports(JSON.parse(JSON.stringify(reports))), fates, circumstances);
}

const CLEAR = { refusedEarlyMs: null, crossedEarlyMs: null, doubts: [] };

test('one that stops well loses nothing, and ends what all parts send', async () => {
  const { departure, findings, durationMs } = await departureOf('well');
  expect(departure, JSON.stringify(departure)).toMatchObject({
    lost: 0,
    refused: 8,
    clocks: CLEAR,
  });
  expect(departure?.inFlight).toBeGreaterThan(0);
  expect(departure?.toldMs).toBeGreaterThanOrEqual(DUE);
  expect(departure?.idle).toMatchObject({ opened: 4, kept: 0 });
  expect(departure?.idle.closedMs).toBeGreaterThanOrEqual(0);
  expect(durationMs).toBeLessThan(20_000);
  expect(findings.filter(({ code }) => code !== 'generator-saturated')).toEqual([]);
});

test('what it does not accept any more was not for want of connections', async () => {
  const { departure, counts, generator, findings } = await departureOf('well', { model: open(200, 40) });
  expect(departure?.refused, JSON.stringify(departure)).toBeGreaterThan(0);
  expect(counts.neverSent).toBeGreaterThan(counts.scheduled / 100);
  expect(findings.map(({ message }) => message).join(), JSON.stringify(generator)).not.toContain(
    'never sent',
  );
});

test('what it loses is added up, by the time of the signal', async () => {
  const { departure, findings } = await departureOf('loses');
  expect(departure, JSON.stringify(departure)).toMatchObject({ clocks: CLEAR });
  expect(departure?.lost).toBeGreaterThan(0);
  expect(departure?.examples).toHaveLength(departure?.lost ?? 0);
  expect(departure?.examples[0]?.lostMs).toBeGreaterThanOrEqual(0);
  // They are told once, and by whoever knows why.
  expect(findings.map(({ code }) => code)).not.toContain('request-failed');
});

test('one that stays is left in the end, as if the load had come to its limit', async () => {
  const { departure, ended, durationMs, agents } = await departureOf('stays');
  expect(departure?.idle, JSON.stringify(departure)).toEqual({ opened: 4, kept: 4, closedMs: null });
  expect(ended).toBe('limit');
  expect(durationMs).toBeLessThan(20_000);
  expect(agents?.map(({ fate }) => fate)).toEqual(['finished', 'finished']);
});

test.each([
  ['in a closed loop', {}],
  ['by HTTP/1.1 without keep-alive', { keepAlive: false }],
])('one that refuses connections before it is told is found out, %s', async (_, more) => {
  const { departure } = await departureOf('refuses before', more);
  expect(departure?.clocks?.refusedEarlyMs, JSON.stringify(departure)).toBeLessThan(0);
});
