/** Searches for a rate on the virtual network, against servers whose capacity is known. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LoadCapacity } from '../../../src/core/capacity.ts';
import type { LoadPlan, LoadResult, Threshold } from '../../../src/core/load.ts';
import { Random } from '../../../src/core/random.ts';
import { parseThreshold } from '../../../src/core/threshold.ts';
import { ms } from '../../../src/core/units.ts';
import { judgeCapacity } from '../../../src/load/engine/capacity/judge.ts';
import type { LoadHost } from '../../../src/load/engine/run.ts';
import * as sockets from '../../../src/load/engine/socket.ts';
import { runLoad } from '../../../src/load/engine/start.ts';
import type { LoadFinding } from '../../../src/load/findings.ts';
import { isThorough, shareOf } from '../../rig/thorough.ts';
import { forMs, open, planFor } from './plans.ts';
import { connectTo, type ServerOptions, type Takes, VirtualMachine } from './virtual.ts';

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

const parsed = (text: string): Threshold => {
  const result = parseThreshold(text);
  if (!result.ok) throw new Error(`${text}: ${result.error.message}`);
  return result.value;
};

interface Server extends ServerOptions {
  readonly takes: Takes;
}

interface Search {
  readonly conditions: readonly string[];
  readonly from?: number;
  readonly to?: number;
  readonly arrivals?: 'constant' | 'poisson';
  readonly seed?: number;
  /** How long a rate is measured, in milliseconds. Default: ten seconds with all tests, otherwise four. */
  readonly duration?: number;
  readonly thresholds?: readonly string[];
  readonly host?: Partial<LoadHost>;
  readonly machine?: VirtualMachine;
  readonly plan?: Partial<LoadPlan>;
}

interface Found {
  readonly result: LoadResult<LoadFinding>;
  readonly capacity: LoadCapacity;
  /** How long it took, in milliseconds. */
  readonly took: number;
  readonly requests: number;
}

async function search({ takes, ...server }: Server, what: Search): Promise<Found> {
  const { machine = new VirtualMachine(), from, to = 100_000, duration = isThorough ? 10_000 : 4000 } = what;
  machine.install();
  const seen: number[] = [];
  vi.mocked(sockets.connector).mockImplementation(
    connectTo(machine, takes, seen, [], server) as unknown as typeof sockets.connector,
  );
  const start = from ?? 100;
  const plan = planFor('http://127.0.0.1:1/', {
    model: {
      ...open(start, 1000),
      type: 'open',
      rate: start,
      arrivals: what.arrivals ?? 'constant',
    } as LoadPlan['model'],
    limit: forMs(duration),
    warmup: ms(duration / 5),
    findRate: {
      conditions: what.conditions.map(parsed),
      start,
      least: from ?? 1,
      most: to,
    },
    thresholds: (what.thresholds ?? []).map(parsed),
    seed: what.seed ?? 1,
    ...what.plan,
  });
  const result = (await machine.until(
    runLoad(plan, { version: '0', ...what.host }),
  )) as LoadResult<LoadFinding>;
  const took = machine.now;
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  if (result.capacity === null) throw new Error('there is no capacity');
  return { result, capacity: result.capacity, took, requests: seen.length };
}

/** One server, whose service takes a random time: 1 / mu on the average. */
function queue(mu: number, seed: number): Server {
  const random = new Random(seed, 99);
  return { workers: 1, takes: () => (-Math.log(1 - random.next()) / mu) * 1000 };
}

/** Answers each request after so long, so many at a time. */
const fixed = (workers: number, takes: number): Server => ({ workers, takes: () => takes });

/** How many requests a second came last. */
function meter(over = 100): (now: number) => number {
  const times: number[] = [];
  return (now) => {
    times.push(now);
    const first = times.length > over ? (times.shift() as number) : Number.NEGATIVE_INFINITY;
    return (over * 1000) / (now - first);
  };
}

/** All is well up to a rate. Beyond it answers are errors, or late, or do not come. */
function cliff(rate: number, beyond: 'errors' | 'late' | 'never'): Server {
  const measure = meter();
  let isOver = false;
  return {
    takes: (_, now) => {
      isOver = measure(now) > rate * 1.0001;
      if (!isOver || beyond === 'errors') return 3;
      return beyond === 'late' ? 400 : undefined;
    },
    fails: () => isOver && beyond === 'errors',
  };
}

const codes = ({ findings }: LoadResult<LoadFinding>): string[] => findings.map(({ code }) => code);

/** The lower end is no more than 5 % below the truth, the upper one no more than 5 % above, and it lies between them. */
function expectAround({ holds, fails, confirmed, ended }: LoadCapacity, truth: number, within = 0.05): void {
  const told = `${holds} to ${fails}, truly ${truth}`;
  expect({ confirmed, ended }, told).toEqual({ confirmed: true, ended: 'found' });
  expect(Math.abs((holds ?? 0) / truth - 1), told).toBeLessThanOrEqual(within);
  expect(Math.abs((fails ?? 0) / truth - 1), told).toBeLessThanOrEqual(within);
}

const SEEDS = Array.from({ length: shareOf(40, 40) }, (_, index) => index + 1);

describe('finds the capacity within 5 %', { timeout: 300_000 }, () => {
  // Twenty seconds for each rate, a million requests in all: at such a knee, the p99 of fewer is not that certain.
  test.for(isThorough ? SEEDS : [])(
    'of M/M/1, where the p99 is ln(100) / (mu − rate), seed %i',
    async (seed) => {
      const random = new Random(seed, 1);
      const mu = 2500 + 1000 * random.next();
      const limit = 15 + 10 * random.next();
      const { capacity, result } = await search(queue(mu, seed), {
        conditions: [`p99 < ${limit}ms`],
        arrivals: 'poisson',
        seed,
        duration: 20_000,
      });
      expectAround(capacity, mu - Math.log(100) / (limit / 1000));
      expect(result.verdict).toBe('passed');
    },
  );

  test.for(SEEDS)(
    'of a server with fixed concurrency, which is its number over its time, seed %i',
    async (seed) => {
      const random = new Random(seed, 2);
      const workers = 1 + Math.floor(16 * random.next());
      const takes = 2 + 18 * random.next();
      const { capacity } = await search(fixed(workers, takes), { conditions: ['p99 < 50ms'], seed });
      expectAround(capacity, (workers * 1000) / takes);
    },
  );

  test.for(SEEDS)('of a cliff, seed %i', async (seed) => {
    const rate = 150 + 1500 * new Random(seed, 3).next();
    const beyond = (['errors', 'late', 'never'] as const)[seed % 3] ?? 'late';
    const { capacity } = await search(cliff(rate, beyond), { conditions: ['p99 < 50ms'], seed });
    expectAround(capacity, rate);
  });

  test.runIf(isThorough)(
    'where the limit is so high that no measurement reaches it: a backlog that grows is enough',
    async () => {
      const { capacity, requests } = await search(fixed(2, 10), {
        conditions: ['p99 < 5s'],
        duration: 10_000,
      });
      expectAround(capacity, 200);
      expect(capacity.levels.some(({ reason }) => reason?.includes('piled up'))).toBe(true);
      expect(requests).toBeGreaterThan(0);
    },
  );

  test('of a server that is ill for a while after each overload: no rate is sent before it is well', async () => {
    const ill: { readonly from: number; readonly until: number }[] = [];
    const measure = meter();
    let isCounted = true;
    const { capacity } = await search(
      {
        takes: (_, now) => {
          const last = ill.at(-1);
          if (last !== undefined && now < last.until) return 60;
          if (measure(now) <= 300 * 1.0001) {
            isCounted = true;
            return 3;
          }
          if (isCounted) ill.push({ from: now, until: now + 5000 });
          isCounted = false;
          return 60;
        },
      },
      { conditions: ['p99 < 20ms'] },
    );
    expectAround(capacity, 300);
    expect(ill.length).toBeGreaterThan(2);
    for (const { atMs, rate } of capacity.levels)
      for (const { from, until } of ill)
        expect(atMs < from || atMs >= until, `${rate}/s at ${atMs} of ${from} to ${until}`).toBe(true);
  });
});

test('a limit longer than what a load waits for answers at its end is no obstacle', {
  timeout: 60_000,
}, async () => {
  // Each takes 400 ms: in a look of a second, two of five are in flight at its end.
  const slow: Server = { takes: () => 400 };
  const { capacity } = await search(slow, { conditions: ['p99 < 1s'], from: 50, to: 60, duration: 4000 });
  expect(capacity).toMatchObject({ holds: 60, fails: null, confirmed: true });
  expect(capacity.levels.every(({ outcome }) => outcome === 'held')).toBe(true);
});

describe('a search', { timeout: 60_000 }, () => {
  test('spares the target the rest of a rate that is lost', async () => {
    const { capacity } = await search(cliff(300, 'never'), { conditions: ['p99 < 50ms'], from: 100 });
    const lost = capacity.levels.filter(({ outcome }) => outcome === 'lost');
    expect(lost.length).toBeGreaterThan(2);
    for (const { durationMs } of lost) expect(durationMs).toBeLessThan(1001);
    expect(capacity.levels.filter(({ isLook, outcome }) => !isLook && outcome === 'held')).toContainEqual(
      expect.objectContaining({ reason: null, errors: 0 }),
    );
  });

  test('gives the figures of the highest rate that held, and every window on one timeline', async () => {
    const windows: number[] = [];
    const told: [string, number][] = [];
    const { result, capacity, took } = await search(fixed(1, 5), {
      conditions: ['p99 < 50ms'],
      from: 100,
      host: {
        onWindow: ({ atMs }) => windows.push(atMs),
        onLevelStart: (rate) => told.push(['begins', rate]),
        onLevel: ({ outcome, rate }) => told.push([outcome, rate]),
      },
    });
    expectAround(capacity, 200);
    expect(result.rate.offered).toBeCloseTo(capacity.holds ?? 0, 0);
    expect(result.latencyUs.response?.p99).toBeLessThan(50_000);
    expect(windows).toEqual([...windows].sort((a, b) => a - b));
    expect(windows.at(-1)).toBeGreaterThan(took / 2);
    const levels = capacity.levels.flatMap(({ rate, outcome }) => [
      ['begins', rate],
      [outcome, rate],
    ]);
    expect(told).toEqual(levels);
  });

  test('that finds no rate has failed, and says why the lowest did not hold', async () => {
    const { capacity, result } = await search(fixed(1, 5), { conditions: ['p99 < 50ms'], from: 1000 });
    expect(capacity).toMatchObject({ holds: null, fails: 1000, atLeast: false, confirmed: true });
    expect(result.verdict).toBe('failed');
    expect(codes(result)).toEqual(['no-rate-holds']);
    expect(result.findings[0]?.message).toMatch(/^not even 1,000\/s holds: "p99 < 50ms" was not met/);
    expect(capacity.levels.every(({ rate }) => rate === 1000)).toBe(true);
  });

  test('below the first rate goes down, unless the user has said where to begin', async () => {
    const { capacity } = await search(fixed(1, 40), { conditions: ['p99 < 100ms'] });
    expectAround(capacity, 25);
    expect(capacity.levels.slice(0, 4).map(({ rate }) => rate)).toEqual([100, 50, 25, 35.4]);
  });

  test('up to the end of the range knows a lower bound', async () => {
    const { capacity, result } = await search(fixed(100, 5), {
      conditions: ['p99 < 50ms'],
      to: 150,
      thresholds: ['capacity >= 150/s', 'capacity >= 151/s', 'capacity < 100/s'],
    });
    expect(capacity).toMatchObject({ holds: 150, fails: null, atLeast: true, limitedBy: 'range' });
    expect(result.thresholds.map(({ holds }) => holds)).toEqual([true, false, false]);
    expect(codes(result)).toEqual(['threshold-undecided', 'threshold']);
    expect(result.findings[0]).toMatchObject({
      message: '"capacity >= 151/s" cannot be judged: the capacity is at least 150/s',
      hint: expect.stringContaining('--to'),
    });
    expect(result.verdict).toBe('failed');
  });

  test.each([
    ['capacity >= 180/s', 'passed', []],
    ['capacity >= 220/s', 'failed', ['threshold']],
    ['capacity >= 200.5/s', 'inconclusive', ['threshold-undecided']],
  ])('judges %s by the interval: %s', async (threshold, verdict, expected) => {
    const { result } = await search(fixed(1, 5), {
      conditions: ['p99 < 50ms'],
      from: 150,
      to: 300,
      thresholds: [threshold],
    });
    expect(result.verdict).toBe(verdict);
    expect(codes(result)).toEqual(expected);
  });

  test('whose generator is the bottleneck knows a lower bound, and says so', async () => {
    // Beyond what holds, nothing that a generator at its limit measures proves anything.
    const machine = new VirtualMachine(() => 0, { busy: 2 });
    const { capacity, result } = await search(fixed(1, 5), {
      conditions: ['p99 < 50ms'],
      from: 50,
      machine,
      thresholds: ['capacity >= 300/s'],
    });
    expect(capacity).toMatchObject({ fails: null, atLeast: true, limitedBy: 'generator' });
    expect(capacity.holds).toBeGreaterThan(180);
    expect(capacity.holds).toBeLessThanOrEqual(201);
    expect(capacity.levels.some(({ outcome }) => outcome === 'lost')).toBe(false);
    expect(codes(result)).toEqual(['generator-saturated', 'threshold-undecided']);
    expect(result.verdict).toBe('inconclusive');
  });

  test('whose generator is the bottleneck at every rate knows nothing of the target', async () => {
    const { capacity, result } = await search(fixed(1, 5), {
      conditions: ['p99 < 50ms'],
      from: 800,
      machine: new VirtualMachine(() => 0, { busy: 2 }),
      thresholds: ['capacity >= 300/s'],
    });
    expect(capacity).toMatchObject({ holds: null, fails: null, limitedBy: 'generator' });
    expect(codes(result)).toEqual(['capacity-unconfirmed', 'threshold-undecided']);
    expect(result.findings[0]?.message).toMatch(/^even at 800\/s: /);
  });

  test.each([
    ['whose only rate now holds, now does not, has found nothing', 'found', null, ['capacity-unconfirmed']],
    ['that did not end cannot judge', 'out-of-time', 150, ['capacity-unconfirmed', 'threshold-undecided']],
  ] as const)('%s', (_, ended, fails, expected) => {
    const level = {
      rate: 150,
      isLook: false,
      atMs: 0,
      durationMs: 1,
      achieved: 150,
      errors: 0,
      responseUs: null,
    };
    const levels = [
      { ...level, outcome: 'lost', reason: 'too slow' },
      { ...level, outcome: 'held', reason: null },
    ] as const;
    const found = {
      holds: null,
      fails,
      atLeast: false,
      limitedBy: 'range',
      confirmed: ended === 'found',
    } as const;
    const thresholds = fails === null ? [] : [parsed('capacity >= 200/s')];
    const findings = judgeCapacity(thresholds, { ...found, ended, while: [], levels }, {});
    expect(findings.map(({ code }) => code)).toEqual(expected);
  });

  test('that is interrupted tells what it knows by then', async () => {
    const machine = new VirtualMachine();
    const control = new AbortController();
    machine.at(40_000, () => control.abort({ type: 'interrupted', signal: 'SIGINT' }));
    const { capacity, result, took } = await search(fixed(1, 5), {
      conditions: ['p99 < 50ms'],
      machine,
      duration: 10_000,
      host: { signal: control.signal },
    });
    expect(took).toBeLessThan(41_000);
    expect(capacity).toMatchObject({ ended: 'interrupted', confirmed: false });
    expect(capacity.holds).toBeGreaterThan(100);
    expect(result.verdict).toBe('inconclusive');
    expect(result.findings).toEqual([
      { code: 'ended-early', message: 'the search was interrupted by SIGINT' },
    ]);
  });

  test('whose target dies is told, and sends nothing to the corpse', async () => {
    const measure = meter();
    let isDead = false;
    const { capacity, result } = await search(
      {
        takes: (_, now) => {
          isDead ||= measure(now) > 500;
          return isDead ? 'reset' : 3;
        },
        refuses: () => isDead,
      },
      { conditions: ['p99 < 50ms'] },
    );
    expect(capacity).toMatchObject({ holds: 400, fails: 800, confirmed: false, ended: 'target-lost' });
    expect(capacity.levels.map(({ rate }) => rate)).toEqual([100, 200, 400, 800]);
    expect(result.verdict).toBe('failed');
    expect(codes(result)).toEqual(['overload-not-survived']);
    expect(result.findings[0]?.message).toMatch(
      /^the target answers no more, .+ after 800\/s were sent to it$/,
    );
  });

  test('whose target does not answer at all sends no rate', async () => {
    const { capacity, result } = await search(
      { takes: () => 1, refuses: () => true },
      { conditions: ['p99 < 50ms'] },
    );
    expect(capacity.levels).toEqual([]);
    expect(result.verdict).toBe('failed');
    expect(codes(result)).toContain('zero-work');
  });

  test('that takes longer than was said ends with what it knows', async () => {
    // Half a minute of illness after each overload is more than any search is planned for.
    let illUntil = 0;
    const measure = meter(50);
    const { capacity, result, took } = await search(
      {
        takes: (_, now) => {
          if (measure(now) > 300 * 1.0001) illUntil = now + 28_000;
          return now < illUntil ? 60 : 3;
        },
      },
      { conditions: ['p99 < 20ms'], from: 250, to: 1000, duration: 1000 },
    );
    expect(capacity.ended).toBe('out-of-time');
    expect(took).toBeLessThan(120_000);
    expect(result.verdict).toBe('inconclusive');
    expect(codes(result)).toEqual(['capacity-unconfirmed']);
  });

  test('forgives as many failures as its conditions do, and otherwise none', async () => {
    const tenth: Server = { workers: 1, takes: () => 5, fails: (index) => index % 10 === 9 };
    const strict = await search(tenth, { conditions: ['p99 < 50ms'], from: 100 });
    expect(strict.capacity.holds).toBeNull();
    expect(strict.result.findings[0]?.message).toContain('requests of');
    const lenient = await search(tenth, { conditions: ['p99 < 50ms', 'errors <= 20%'], from: 100 });
    expectAround(lenient.capacity, 200);
  });
});
