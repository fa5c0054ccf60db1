/** A generator that stands still, as when it is stopped or its machine sleeps: what happens meanwhile is not the target's doing. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LoadPlan, LoadResult } from '../../../src/core/load.ts';
import { parseThreshold } from '../../../src/core/threshold.ts';
import { ms } from '../../../src/core/units.ts';
import { Attention } from '../../../src/load/engine/attention.ts';
import { runLoad } from '../../../src/load/engine/run.ts';
import * as sockets from '../../../src/load/engine/socket.ts';
import { closed, forMs, open, planFor } from './plans.ts';
import { connectTo, type Pause, type ServerOptions, type Takes, VirtualMachine } from './virtual.ts';

vi.mock(import('../../../src/load/engine/socket.ts'), async (original) => ({
  ...(await original()),
  connector: vi.fn(),
}));

beforeEach(() => {
  vi.restoreAllMocks();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

async function simulate(
  takes: Takes,
  more: Partial<LoadPlan>,
  pauses: readonly Pause[],
  server: ServerOptions = {},
): Promise<LoadResult> {
  const machine = new VirtualMachine(() => 0, { pauses });
  machine.install();
  vi.mocked(sockets.connector).mockImplementation(
    connectTo(machine, takes, [], [], server) as unknown as typeof sockets.connector,
  );
  return machine.until(runLoad(planFor('http://127.0.0.1:1/', more), { version: '0' }));
}

const codes = ({ findings }: LoadResult): string[] => findings.map(({ code }) => code);
const thresholds = (...texts: string[]) =>
  texts.map((text) => {
    const parsed = parseThreshold(text);
    if (!parsed.ok) throw new Error(parsed.error.message);
    return parsed.value;
  });

const TEN_SECONDS: readonly Pause[] = [{ from: 1005, until: 11_005 }];
const limit = forMs(15_000);

describe('connections that the server closes meanwhile', () => {
  const models = [
    ['an open loop', { model: open(90, 20) }],
    ['an open loop that pipelines', { model: open(90, 4), pipelining: 4 }],
    ['a closed loop', { model: closed(5) }],
  ] as const;
  test.each(models)('are no failures of %s', async (_, plan) => {
    const result = await simulate(() => 10, { ...plan, limit }, TEN_SECONDS, { closesAfter: 5000 });
    expect(result.counts).toMatchObject({ failed: 0, timedOut: 0, neverSent: 0, inFlightAtEnd: 0 });
    expect(result.counts.completed).toBe(result.counts.scheduled);
    expect(result.verdict).toBe('passed');
    expect(result.findings.at(-1)?.message).toBe('a thread of the load generator stood still for 10.00 s');
  });

  test('are none after a shorter pause, either', async () => {
    const pauses = [{ from: 1005, until: 1605 }];
    const result = await simulate(() => 10, { model: open(90, 20), limit }, pauses, { closesAfter: 500 });
    expect(result.counts.failed).toBe(0);
    expect(result.verdict).toBe('passed');
  });
});

describe('a request that is under way meanwhile', () => {
  const breaks =
    (resetAfter: number): Takes =>
    (_, now) =>
      now > 980 && now < 1000 ? { resetAfter } : 10;
  const plan = { model: open(90, 20), limit };

  test('and cut off is no failure of the target', async () => {
    const result = await simulate(breaks(5000), plan, TEN_SECONDS);
    expect(codes(result)).toEqual(['machine-trouble', 'generator-saturated', 'generator-saturated']);
    expect(result.findings[0]?.message).toMatch(
      /the connection broke \(ECONNRESET\), after the load generator had stood still for 10.01 s$/,
    );
    expect(result.verdict).toBe('inconclusive');
  });

  test('and without an answer in time is none', async () => {
    const never: Takes = (_, now) => (now > 980 && now < 1000 ? undefined : 10);
    const result = await simulate(
      never,
      { ...plan, timeouts: { connect: ms(2000), response: ms(3000) } },
      TEN_SECONDS,
    );
    expect(result.counts).toMatchObject({ timedOut: 0, byFailure: { machine: 2 } });
    expect(codes(result)).toEqual(['machine-trouble', 'generator-saturated', 'generator-saturated']);
  });

  test('breaks no bound on errors', async () => {
    const result = await simulate(
      breaks(5000),
      { ...plan, thresholds: thresholds('errors == 0') },
      TEN_SECONDS,
    );
    expect(codes(result)).toContain('threshold-undecided');
    expect(result.verdict).toBe('inconclusive');
  });

  test.each([
    ['before', [{ from: 2000, until: 12_000 }], 500],
    ['after', [{ from: 100, until: 900 }], 500],
    ['without one', [], 500],
  ])('fails if it is cut off %s', async (_, pauses, after) => {
    const result = await simulate(breaks(after), plan, pauses);
    expect(codes(result)).toContain('request-failed');
    expect(result.verdict).toBe('failed');
  });
});

describe('what is worst in the measurements', () => {
  test('may be its doing in an open loop', async () => {
    // So long a run that a hundredth of the requests is more than what came late.
    const texts = ['max < 1s', 'p50 < 1s', 'errors == 0', 'p50 > 20s'];
    const plan = { model: open(20, 20), limit: forMs(600_000), thresholds: thresholds(...texts) };
    const result = await simulate(() => 10, plan, [{ from: 1005, until: 2505 }]);
    expect(result.thresholds.map(({ holds }) => holds)).toEqual([false, true, true, false]);
    expect(codes(result)).toEqual(['threshold-undecided', 'threshold', 'generator-saturated']);
  });

  test('may be so in a closed one', async () => {
    const plan = {
      model: closed(2),
      limit: forMs(60_000),
      thresholds: thresholds('max < 1s', 'p99 < 100ms'),
    };
    const result = await simulate(() => 10, plan, [{ from: 1005, until: 2505 }]);
    expect(result.thresholds.map(({ holds }) => holds)).toEqual([false, true]);
    expect(codes(result)).toEqual(['threshold-undecided', 'generator-saturated']);
  });
});

test('a target that could not be reached just before is not given up', async () => {
  const result = await simulate(
    (index) => (index === 80 ? 'reset' : 10),
    { model: open(90, 20), limit },
    [{ from: 1005, until: 11_005 }],
    { refuses: (now) => now > 850 && now < 1005 },
  );
  expect(result.ended).toBe('limit');
});

test('answers that come while it waits for the last ones are read before it ends', async () => {
  const plan = { model: open(90, 20), limit: forMs(2000) };
  const result = await simulate(() => 50, plan, [{ from: 2012, until: 9000 }]);
  expect(result.counts).toMatchObject({ inFlightAtEnd: 0, completed: 180 });
});

describe('attention', () => {
  test('excuses what began before everything was read, and nothing later', () => {
    const attention = new Attention();
    attention.begin(0);
    for (const now of [10, 20, 2020]) attention.beat(now);
    expect(attention.isBehind(2021)).toBe(true);
    expect(attention.excuse('it broke', 2021, 2022)).toBe(
      'it broke, after the load generator had stood still for 2.00 s',
    );
    attention.beat(2030);
    expect(attention.isBehind(2031)).toBe(false);
    expect(attention.excuse('it broke', 2031, 2040)).toBeDefined();
    for (let now = 2040; now <= 2120; now += 10) attention.beat(now);
    expect(attention.excuse('it broke', 2120, 2130)).toBeDefined();
    expect(attention.excuse('it broke', 2121, 2130)).toBeUndefined();
  });

  test('knows a pause that it has not been told of', () => {
    const attention = new Attention();
    expect(attention.isBehind(5000)).toBe(false);
    attention.begin(0);
    expect(attention.isBehind(101)).toBe(true);
    expect(attention.excuse('it broke', 0, 999)).toBeUndefined();
    expect(attention.excuse('it broke', 0, 1500)).toContain('1.50 s');
  });
});
