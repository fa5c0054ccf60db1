/** On a clock of our own, what the engine must measure is arithmetic. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LoadPlan, LoadResult, PercentileName } from '../../../src/core/load.ts';
import { PERCENTILES } from '../../../src/core/load.ts';
import { ms } from '../../../src/core/units.ts';
import { runLoad } from '../../../src/load/engine/run.ts';
import * as sockets from '../../../src/load/engine/socket.ts';
import { closed, forMs, forRequests, open, planFor } from './plans.ts';
import { connectTo, type ServerOptions, type Takes, VirtualMachine } from './virtual.ts';

vi.mock(import('../../../src/load/engine/socket.ts'), async (original) => ({
  ...(await original()),
  connector: vi.fn(),
}));

let machine = new VirtualMachine();

beforeEach(() => {
  vi.restoreAllMocks();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

interface World {
  /** How late timers are, in milliseconds. */
  readonly lateness?: () => number;
  readonly signal?: AbortSignal;
  /** Gets the time of each connection. */
  readonly opened?: number[];
  /** What the clock says at the beginning, in milliseconds. */
  readonly from?: number;
  readonly server?: ServerOptions;
}

/** Runs a plan against a server that takes as long as it is told. */
async function simulate(
  takes: Takes,
  more: Partial<LoadPlan>,
  { lateness, signal, opened, from = 0, server }: World = {},
): Promise<{ readonly result: LoadResult; readonly seen: readonly number[] }> {
  const seen: number[] = [];
  machine = new VirtualMachine(lateness);
  machine.now = from;
  machine.install();
  vi.mocked(sockets.connector).mockImplementation(
    connectTo(machine, takes, seen, opened, server) as unknown as typeof sockets.connector,
  );
  const host = { version: '0', ...(signal === undefined ? {} : { signal }) };
  const result = await machine.until(runLoad(planFor('http://127.0.0.1:1/', more), host));
  return { result, seen };
}

/** Within the width of a bucket of the histogram and a turn of the loop, which takes 10 microseconds. */
function expectTime(measured: number | undefined, truthMs: number): void {
  expect(measured).toBeDefined();
  expect(Math.abs((measured ?? 0) - truthMs * 1000)).toBeLessThanOrEqual(truthMs + 30);
}

const percentile = (values: readonly number[], name: PercentileName): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(PERCENTILES[name] * sorted.length - 1e-9) - 1] ?? Number.NaN;
};

const NAMES = Object.keys(PERCENTILES) as PercentileName[];

describe('a server that takes 200 ms', () => {
  test.for([1, 20, 1000])(
    'at %i a second: every percentile is 200 ms, as many samples as requests',
    async (rate) => {
      const { result } = await simulate(() => 200, { model: open(rate, 1000), limit: forMs(10_000) });
      expect(result.counts).toMatchObject({ scheduled: rate * 10, completed: rate * 10 });
      expect(result.latencyUs.response?.count).toBe(rate * 10);
      for (const name of NAMES) {
        expectTime(result.latencyUs.response?.[name], 200);
        expectTime(result.latencyUs.service?.[name], 200);
      }
      expect(result.latencyUs.response?.atLeast).toEqual([]);
      expect(result.rate).toMatchObject({ offered: rate, achieved: rate });
    },
  );
});

test('a stall of 1 s in 10 s at 1,000 a second: the response times show it to all who were due, the service times to one', async () => {
  const [from, until] = [5000, 6000];
  const usual = 0.25;
  // A stalled server answers whom it has before it when the stall is over.
  const takes: Takes = (_, now) => (now >= from && now < until ? until - now + usual : usual);
  const { result, seen } = await simulate(takes, { model: open(1000, 1), limit: forMs(10_000) });
  expect(result.counts.completed).toBe(10_000);
  // The connection answers one after the other, so who was due in the stall, or just after it, waits for those before.
  const [begin = 0] = seen;
  const truth: number[] = [];
  let freeAt = 0;
  for (let index = 0; index < 10_000; index += 1) {
    const due = begin + index;
    const sent = Math.max(due, freeAt);
    freeAt = sent + Number(takes(index, sent, Buffer.alloc(0)));
    truth.push(freeAt - due);
  }
  for (const name of NAMES) {
    const expected = percentile(truth, name);
    const measured = (result.latencyUs.response?.[name] ?? 0) / 1000;
    expect(Math.abs(measured - expected), name).toBeLessThanOrEqual(Math.max(0.02 * expected, 0.03));
  }
  expect(percentile(truth, 'p95')).toBeGreaterThan(600);
  expectTime(result.latencyUs.service?.p999, usual);
  expectTime(result.latencyUs.service?.max, until - from);
});

test('an answer that takes longer than the run is in flight at its end, and only a lower bound', async () => {
  const { result } = await simulate(() => 3000, { model: closed(4), limit: forMs(2000) });
  expect(result.counts).toMatchObject({ scheduled: 4, completed: 0, inFlightAtEnd: 4 });
  expect(result.durationMs).toBe(2000);
  expect(result.latencyUs.response?.count).toBe(0);
  expect(result.findings.map(({ code }) => code)).toContain('zero-work');
  expect(result.latencyUs.response?.p99).toBeGreaterThan(2_000_000);
  expect(result.latencyUs.response?.atLeast).toEqual([...NAMES, 'mean', 'max']);
});

test('one answer in ten that is missing makes a lower bound of those percentiles only which depend on it', async () => {
  const { result } = await simulate((index) => (index % 10 === 9 ? undefined : 5), {
    model: closed(100),
    limit: forRequests(100),
    timeouts: { connect: ms(2000), response: ms(300) },
  });
  expect(result.counts).toMatchObject({ completed: 90, timedOut: 10 });
  const late = NAMES.filter((name) => PERCENTILES[name] > 0.9);
  expect(result.latencyUs.response?.atLeast).toEqual([...late, 'mean', 'max']);
  expectTime(result.latencyUs.response?.p90, 5);
  expect(result.latencyUs.response?.p99).toBeGreaterThan(300_000);
});

test('one answer that is missing makes a lower bound of those percentiles only which depend on it', async () => {
  const takes: Takes = (index) => (index === 500 ? undefined : 5);
  const { result } = await simulate(takes, {
    model: open(1000, 100),
    limit: forRequests(1000),
    timeouts: { connect: ms(1000), response: ms(2000) },
  });
  expect(result.counts).toMatchObject({ completed: 999, timedOut: 1 });
  expect(result.latencyUs.response?.atLeast).toEqual(['mean', 'max']);
  expect(result.latencyUs.response?.min).toBeLessThan(5050);
  expectTime(result.latencyUs.response?.p999, 5);
});

test('who is never sent has waited from when it was due until the end', async () => {
  // One connection, an answer a second: 10,000 a second are due, and a thread keeps no more than 16,384 waiting.
  const { result } = await simulate(() => 1000, { model: open(10_000, 1), limit: forMs(4000) });
  const { counts, latencyUs, findings } = result;
  expect(counts).toMatchObject({ scheduled: 40_000, neverSent: 40_000 - 16_384 - 4 });
  expect(latencyUs.response?.min).toBeGreaterThanOrEqual(1_000_000);
  // At the end of the time, when 0.4 s had passed for what was still to come in, half had been due for 2.4 s.
  // Due times of those that were dropped are kept to 100 ms, the later end: what is said is a lower bound.
  expect(latencyUs.response?.p50).toBeGreaterThan(2_295_000);
  expect(latencyUs.response?.p50).toBeLessThan(2_405_000);
  expect(latencyUs.response?.atLeast).toContain('p50');
  expect(findings.map(({ code }) => code)).toContain('generator-saturated');
});

describe('arrivals', () => {
  /** As late as timers of Node are: up to a millisecond and a bit, differently each time. */
  const late = (): (() => number) => {
    let state = 1;
    return () => {
      state = (state * 48_271) % 2_147_483_647;
      return (state / 2_147_483_647) * 1.4;
    };
  };

  test.for([50, 333, 5000])('at %i a second are even, though timers are late', async (rate) => {
    const { result, seen } = await simulate(
      () => 3,
      { model: open(rate), limit: forMs(3000) },
      { lateness: late() },
    );
    expect(seen).toHaveLength(rate * 3);
    expect(result.counts.completed).toBe(rate * 3);
    const [begin = 0] = seen;
    for (const [index, at] of seen.entries())
      expect(Math.abs(at - begin - (index * 1000) / rate)).toBeLessThan(0.1);
    expectTime(result.latencyUs.sendLag?.p99, 0);
  });

  test('by number of requests are offered at their rate, however long the last answer takes', async () => {
    const { result } = await simulate((index) => (index === 99 ? 900 : 1), {
      model: open(200),
      limit: forRequests(100),
    });
    expect(result.counts).toMatchObject({ scheduled: 100, completed: 100 });
    expect(result.rate.offered).toBeCloseTo(200, 1);
    expect(result.durationMs).toBeGreaterThan(1390);
  });
});

test('a warm-up without an answer is told of', async () => {
  const { result } = await simulate(() => undefined, {
    model: closed(3),
    warmup: ms(1000),
    limit: forMs(1000),
  });
  expect(result.counts.scheduled).toBe(0);
  expect(result.findings.map(({ message }) => message)).toEqual([
    'no request was answered: 3 requests of the warm-up had no answer yet',
  ]);
});

test.for([closed(4), open(100)])('a run that is ended before it begins sends nothing: %o', async (model) => {
  const opened: number[] = [];
  const world: World = { signal: AbortSignal.abort(), from: 1000, opened };
  const { result } = await simulate(() => 1, { model }, world);
  expect(result).toMatchObject({ ended: 'interrupted', durationMs: 0, counts: { scheduled: 0 } });
  expect(result.findings.map(({ message }) => message)).toEqual(['the load was stopped early']);
  expect(result.verdict).toBe('inconclusive');
  // What was to begin it is over as well: no timer is left.
  machine.runUntil(machine.now + 1000);
  expect(opened).toEqual([]);
  expect(machine.isIdle).toBe(true);
});

test('an open loop does not use a connection that failed before its time, and what is due waits', async () => {
  const opened: number[] = [];
  const { result, seen } = await simulate(
    (_, now) => (now < 3000 ? 'reset' : 1),
    { model: open(100, 2), limit: forMs(5000) },
    { opened },
  );
  // Each of the two waits longer and longer, a second at most: 10, 20, 40, … milliseconds.
  expect(opened.filter((at) => at < 3000).length).toBeLessThan(25);
  const { counts, latencyUs } = result;
  expect(counts.failed).toBe(seen.filter((at) => at < 3000).length);
  expect(counts).toMatchObject({ scheduled: 500, inFlightAtEnd: 0, completed: 500 - counts.failed });
  // Those that waited count from when they were due.
  expect(latencyUs.response?.max).toBeGreaterThan(1_000_000);
  expect(latencyUs.service?.max).toBeLessThan(10_000);
});

describe('a server that goes away shortly before the end, with a request under way', () => {
  // One connection waits for an answer for ever; the other is broken at 2.1 s, and none is taken from then on.
  const takes: Takes = (index, now) => (index === 0 ? undefined : now < 2100 ? 1 : 'reset');
  const server = { refuses: (now: number) => now >= 2100 };
  const timeouts = { connect: ms(1000), response: ms(60_000) };
  const plan = { model: closed(2), limit: forMs(3000), timeouts };

  test('the run ends when its time and that for late answers is over', async () => {
    const { result } = await simulate(takes, plan, { server });
    expect(result.ended).toBe('limit');
    expect(result.durationMs).toBe(3000);
    expect(machine.now).toBeLessThan(3400);
    expect(result.counts.inFlightAtEnd).toBe(1);
  });

  test('and at once, when that is asked for while late answers are waited for', async () => {
    const control = new AbortController();
    const running = simulate(takes, plan, { server, signal: control.signal });
    machine.at(3050, () => control.abort());
    const { result } = await running;
    expect(result.counts.inFlightAtEnd).toBe(1);
    expect(machine.now).toBeLessThan(3100);
  });
});
