/** What a generator that is late may say: no run passes of which the truth, as one that is not late sees it, would not. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LoadPlan, LoadResult, Threshold, ThresholdOperator } from '../../../src/core/load.ts';
import { METRICS, metricOf } from '../../../src/core/metric.ts';
import { parseThreshold } from '../../../src/core/threshold.ts';
import { ms } from '../../../src/core/units.ts';
import { runLoad } from '../../../src/load/engine/run.ts';
import * as sockets from '../../../src/load/engine/socket.ts';
import { evaluateThreshold, judgeThresholds } from '../../../src/load/engine/threshold/evaluate.ts';
import fc from '../../rig/fast-check.ts';
import { shareOf } from '../../rig/thorough.ts';
import { closed, forMs, forRequests, get, open, planFor } from './plans.ts';
import { connectTo, type Pause, type ServerOptions, type Takes, VirtualMachine } from './virtual.ts';

/** How many requests may wait for a connection; what the truth is of those beyond, one shows that lets them wait. */
const queue = vi.hoisted(() => ({ usual: 16_384, longest: 16_384 }));

vi.mock(import('../../../src/load/engine/schedule/queue.ts'), () => ({
  get LONGEST_QUEUE() {
    return queue.longest as 16_384;
  },
}));

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
  queue.longest = queue.usual;
});

interface Server extends ServerOptions {
  readonly takes: Takes;
}

interface Trouble {
  readonly pauses?: readonly Pause[];
  readonly busy?: number;
}

async function simulate(
  { takes, ...server }: Server,
  more: Partial<LoadPlan>,
  trouble: Trouble = {},
): Promise<LoadResult> {
  const machine = new VirtualMachine(() => 0, trouble);
  machine.install();
  vi.mocked(sockets.connector).mockImplementation(
    connectTo(machine, takes, [], [], server) as unknown as typeof sockets.connector,
  );
  const result = await machine.until(runLoad(planFor('http://127.0.0.1:1/', more), { version: '0' }));
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  return result;
}

const parsed = (text: string): Threshold => {
  const result = parseThreshold(text);
  if (!result.ok) throw new Error(`${text}: ${result.error.message}`);
  return result.value;
};

const codes = ({ findings }: LoadResult): string[] => findings.map(({ code }) => code);

/** Each second of it, it does not get round to anything for 400 ms. */
const EVERY_SECOND: readonly Pause[] = Array.from({ length: 60 }, (_, second) => ({
  from: second * 1000 + 300,
  until: second * 1000 + 700,
}));

/** It is awake for 2 ms of 20, until it has sent all. */
const FOR_THE_MOST_PART: readonly Pause[] = Array.from({ length: 101 }, (_, index) => ({
  from: index * 20 + 2,
  until: index * 20 + 20,
}));

describe('a generator that is late', () => {
  const demand = (...texts: string[]) => ({
    model: open(50),
    limit: forMs(2000),
    thresholds: texts.map(parsed),
  });
  const late = (server: Server, plan: Partial<LoadPlan>) =>
    simulate(server, plan, { pauses: EVERY_SECOND, busy: 2 });
  const quick: Server = { takes: () => 20 };

  test('without thresholds has measured, and warns', async () => {
    const result = await late(quick, demand());
    expect(result.generator.saturated).toBe(true);
    expect(result.verdict).toBe('passed');
    expect(codes(result)).toEqual(['generator-saturated']);
  });

  test('that was to be strict is inconclusive', async () => {
    const result = await late(quick, { ...demand('p99 < 900ms'), strict: true });
    expect(result.verdict).toBe('inconclusive');
    expect(codes(result)).toEqual(['saturation-refused', 'generator-saturated']);
    const [refusal, reason] = result.findings.map(({ message }) => message);
    expect(refusal).toContain('--strict');
    expect(refusal).not.toContain(reason);
  });

  test('that was to be strict, and is in time, passes', async () => {
    const result = await simulate(quick, { ...demand('p99 < 900ms'), strict: true });
    expect(result.verdict).toBe('passed');
    expect(codes(result)).toEqual([]);
  });

  test.each([
    'p99 < 900ms',
    'max <= 500ms',
    'mean < 1s',
    'min < 25ms',
    'errors == 0',
    'failed < 1%',
    'timedOut == 0',
    'completed == 100',
    'completed == 100%',
    'scheduled == 100',
    'status.200 == 100%',
    'status.5xx == 0',
    'neverSent == 0',
    'inFlightAtEnd == 0',
    'rate >= 45/s',
    'rate.offered == 50/s',
    'sendLag.p99 < 900ms',
    'bytes.received > 100B',
  ])('proves %s', async (text) => {
    const result = await late(quick, demand(text));
    expect(result.thresholds).toMatchObject([{ holds: true }]);
    expect(result.verdict).toBe('passed');
  });

  test.each([
    // It may have been below in truth.
    'p99 < 100ms',
    'p99 > 100ms',
    'max == 100ms',
    'stdev < 1s',
    // It gets better, or may, by sending late.
    'service.p99 < 900ms',
    'service.p99 > 1ms',
    'rate < 60/s',
    'rate >= 60/s',
  ])('does not prove %s, nor disprove it', async (text) => {
    const result = await late(quick, demand(text));
    expect(codes(result)).toEqual(['threshold-undecided', 'generator-saturated']);
    expect(result.verdict).toBe('inconclusive');
  });

  test('disproves what even an upper bound does not reach', async () => {
    const result = await late(quick, demand('p99 > 2s'));
    expect(codes(result)).toContain('threshold');
    expect(result.verdict).toBe('failed');
  });

  test('fails for wrong answers all the same', async () => {
    const result = await late({ ...quick, fails: (index) => index === 7 }, demand());
    expect(result.verdict).toBe('failed');
    expect(codes(result)).toEqual(['unexpected-response', 'generator-saturated']);
  });

  test('that was ended by wrong answers has failed for them', async () => {
    const wrong: Server = { ...quick, fails: () => true };
    const plan = { ...demand('errors <= 100%'), abortOn: [parsed('errors > 10%')] };
    const result = await late(wrong, plan);
    expect(result.ended).toBe('aborted');
    expect(codes(result)).toContain('threshold');
  });

  test('does not prove that nothing timed out when it would not have seen it', async () => {
    // The stall is over before anything is sent, but who was due at its beginning would have waited longer than the timeout.
    const stalled: Server = { takes: (_, now) => (now < 690 ? 690 - now : 5) };
    const plan = { ...demand('errors == 0'), timeouts: { connect: ms(2000), response: ms(350) } };
    const truth = await simulate(stalled, plan);
    expect(truth.counts.timedOut).toBeGreaterThan(0);
    const pauses = [{ from: 6, until: 690 }, ...EVERY_SECOND.slice(1)];
    const result = await simulate(stalled, plan, { pauses, busy: 2 });
    expect(result.counts).toMatchObject({ completed: 100, timedOut: 0 });
    expect(result.verdict).toBe('inconclusive');
  });

  test('does not blame the server for an answer that waited to be read', async () => {
    const plan = { ...demand(), timeouts: { connect: ms(2000), response: ms(300) } };
    const result = await late(quick, plan);
    expect(result.counts).toMatchObject({ completed: 100, timedOut: 0 });
  });

  test('reads at the end what was there in time', async () => {
    const pauses = [{ from: 1850, until: 2600 }];
    const result = await simulate(quick, demand('p99 < 2s', 'errors == 0'), { pauses, busy: 2 });
    expect(result.counts).toMatchObject({ completed: 100, inFlightAtEnd: 0 });
    expect(result.verdict).toBe('passed');
  });

  test('that was ended by its condition has not failed for what may be its own fault', async () => {
    const result = await late(quick, { ...demand(), abortOn: [parsed('p90 > 100ms')] });
    expect(result.ended).toBe('aborted');
    expect(codes(result)).toContain('threshold-undecided');
    expect(result.verdict).toBe('inconclusive');
  });
});

describe('a generator that sends less than was due', () => {
  // One connection, an answer a second: of 10,000 a second most are never sent.
  const flood = (...texts: string[]) => ({
    model: open(10_000, 1),
    limit: forMs(4000),
    thresholds: texts.map(parsed),
  });
  const slow: Server = { takes: () => 1000 };

  test('without thresholds warns', async () => {
    const result = await simulate(slow, flood());
    expect(result.verdict).toBe('passed');
    expect(codes(result)).toEqual(['generator-saturated']);
  });

  test('proves nothing of those that were not sent', async () => {
    const result = await simulate(
      slow,
      flood('errors == 0', 'failed < 1%', 'status.5xx == 0', 'service.p99 < 2s'),
    );
    expect(result.thresholds.map(({ holds }) => holds)).toEqual([false, false, false, false]);
    expect(result.verdict).toBe('inconclusive');
  });

  test('has failed where what was sent is enough for that', async () => {
    const result = await simulate(slow, flood('p50 < 100ms', 'completed > 99%', 'neverSent == 0'));
    expect(codes(result).filter((code) => code === 'threshold')).toHaveLength(3);
    expect(result.verdict).toBe('failed');
  });

  describe('since it is slow itself', () => {
    // It is at work all the time but the last moment, and reads answers late: the connections are busy by its own doing.
    const quick: Server = { takes: () => 1 };
    const overrun = (...texts: string[]) => {
      queue.longest = 64;
      const plan = { ...flood(...texts), model: open(1000, 1), limit: forMs(2000) };
      return simulate(quick, plan, { pauses: FOR_THE_MOST_PART, busy: 0.9 });
    };

    test.each([
      'rate <= 900/s',
      'rate < 900/s',
      'rate > 900/s',
      'rate == 900/s',
      'completed < 99%',
      'completed <= 1999',
      'neverSent > 0',
      'neverSent == 0',
      'inFlightAtEnd > 10',
      'bytes.received < 1GB',
      'p50 > 1ms',
      'p50 < 100ms',
      'max > 1ms',
      'sendLag.p50 > 1ms',
      'service.p50 >= 0ms',
      'errors == 0',
    ])('%s is nothing that it proves, nor disproves', async (text) => {
      const result = await overrun(text);
      expect(result.counts.neverSent).toBeGreaterThan(400);
      expect(codes(result)).toContain('threshold-undecided');
      expect(result.verdict).toBe('inconclusive');
    });

    test.each(['rate >= 10/s', 'rate.offered == 1000/s', 'scheduled == 2000'])(
      '%s is proved all the same',
      async (text) => {
        expect((await overrun(text)).verdict).toBe('passed');
      },
    );

    test.each(['rate <= 10/s', 'rate < 10/s'])('%s is disproved all the same', async (text) => {
      expect((await overrun(text)).verdict).toBe('failed');
    });
  });
});

describe('a closed loop whose generator is busy all the time', () => {
  const busy = { busy: 2 };
  const demand = (...texts: string[]) => ({
    model: closed(4),
    limit: forRequests(400),
    thresholds: texts.map(parsed),
  });
  const server: Server = { takes: () => 20, workers: 4 };

  test.each([
    'errors == 0',
    'rate >= 190/s',
    'completed == 400',
    'mean < 25ms',
    // 20 ms on the average: no more than one in a hundred can have taken a hundred times as long.
    'p99 < 2100ms',
    'p50 < 45ms',
  ])('proves %s', async (text) => {
    const result = await simulate(server, demand(text), busy);
    expect(result.verdict).toBe('passed');
    expect(codes(result)).toEqual(['generator-saturated']);
  });

  test.each(['p99 < 100ms', 'max < 100ms', 'min < 100ms', 'service.p99 < 100ms', 'rate < 300/s'])(
    'does not prove %s: with more to do the server might have been slower',
    async (text) => {
      const result = await simulate(server, demand(text), busy);
      expect(codes(result)).toEqual(['threshold-undecided', 'generator-saturated']);
    },
  );
});

const OPERATORS: readonly ThresholdOperator[] = ['<', '<=', '==', '!=', '>=', '>'];
/** Around the true value, and around what may have been measured instead. */
const FACTORS = [0, 0.3, 0.7, 0.9, 0.98, 1, 1.02, 1.1, 1.5, 3, 10, 100];

/** What the truth breaks, whatever the width of a bucket and a turn of the loop may make of it. */
function isBroken(threshold: Threshold, truth: LoadResult): boolean {
  const { value, unit } = threshold;
  const slack = unit === 'us' ? value * 0.004 + 60 : unit === 'per-second' ? value * 0.004 : 0;
  return [-slack, 0, slack].every((by) => {
    const [finding] = judgeThresholds([{ ...threshold, value: value + by }], truth);
    return finding?.code === 'threshold';
  });
}

/** @param name of the requests that they are about; null: all */
function thresholdsAround(truth: LoadResult, name: string | null): Threshold[] {
  return [...METRICS.keys(), 'status.200', 'status.5xx'].flatMap((metric) =>
    [...(metricOf(metric)?.read.keys() ?? [])].flatMap((unit) => {
      const probe: Threshold = { text: '', metric, name, operator: '<', value: 0, unit };
      const { actual } = evaluateThreshold(probe, truth);
      if (actual === null) return [];
      const values = new Set([
        ...FACTORS.map((factor) => actual * factor),
        ...(unit === 'count' ? [actual + 1] : []),
      ]);
      return [...values].flatMap((value) =>
        OPERATORS.map((operator) => {
          const threshold = { ...probe, operator, value };
          return { ...threshold, text: `${metric}{${name}} ${operator} ${value} ${unit}` };
        }),
      );
    }),
  );
}

const pauses = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 2, max: 900 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map((gaps) => {
    const all: Pause[] = [];
    let at = 0;
    // They go on for as long as any run.
    for (let round = 0; at < 60_000; round += 1) {
      const [awake = 1, asleep = 1] = gaps[round % gaps.length] ?? [];
      all.push({ from: at + awake, until: at + awake + asleep });
      at += awake + asleep;
    }
    return all;
  });

const server = fc
  .record({
    workers: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
    usual: fc.integer({ min: 1, max: 30 }),
    slowEvery: fc.integer({ min: 5, max: 60 }),
    slow: fc.integer({ min: 1, max: 700 }),
    stall: fc.tuple(fc.integer({ min: 0, max: 1500 }), fc.integer({ min: 0, max: 900 })),
    failsAt: fc.option(fc.integer({ min: 0, max: 80 }), { nil: undefined }),
  })
  .map(({ workers, usual, slowEvery, slow, stall: [from, length], failsAt }): Server => {
    const takes: Takes = (index, now) =>
      (index % slowEvery === slowEvery - 1 ? slow : usual) +
      (now >= from && now < from + length ? from + length - now : 0);
    const fails = (index: number): boolean => index === failsAt;
    return workers === undefined ? { takes, fails } : { takes, fails, workers };
  });

const limit = fc.oneof(
  fc.integer({ min: 1000, max: 2500 }).map(forMs),
  fc.integer({ min: 20, max: 150 }).map(forRequests),
);
const timeout = fc.constantFrom(ms(200), ms(600), ms(10_000));

/**
 * What is promised of a lag that is below the times of the target, and therefore not told: what counts from when
 * it was due. Nobody waits less than is measured.
 */
const isUpperBound = ({ metric, operator }: Threshold): boolean =>
  /^(?:response\.)?(?:min|mean|max|p\d+)$/.test(metric) && operator.startsWith('<');

/** @returns whether the generator was known to be late */
async function expectNoFalsePass(
  target: Server,
  plan: Partial<LoadPlan>,
  trouble: Trouble,
  mayWait = queue.usual,
): Promise<boolean> {
  queue.longest = queue.usual;
  const truth = await simulate(target, plan);
  // Each run holds other ones against it.
  const names = [null, ...truth.byName.map(({ name }) => name)];
  const thresholds = names
    .flatMap((name) => thresholdsAround(truth, name))
    .filter((_, index) => index % 7 === truth.counts.scheduled % 7)
    // How many there was no room for is nothing that a queue with more room could tell.
    .filter(({ metric }) => mayWait === queue.usual || metric !== 'neverSent');
  queue.longest = mayWait;
  const result = await simulate(target, { ...plan, thresholds }, trouble);
  const { saturated } = result.generator;
  const proved = thresholds.filter((_, index) => result.thresholds[index]?.holds);
  const wrong = proved.filter(
    (threshold) =>
      (saturated || (plan.model?.type === 'open' && isUpperBound(threshold))) && isBroken(threshold, truth),
  );
  expect(wrong.map(({ text }) => text)).toEqual([]);
  expect(result.verdict === 'passed').toBe(
    proved.length === thresholds.length && result.counts.failed + result.counts.timedOut === 0,
  );
  return saturated;
}

describe('whatever the generator suffers, nothing passes that is not so', () => {
  test('in an open loop', { timeout: 300_000 }, async () => {
    let late = 0;
    await fc.assert(
      fc.asyncProperty(
        server,
        fc.record({ rate: fc.integer({ min: 10, max: 80 }), connections: fc.integer({ min: 1, max: 8 }) }),
        limit,
        timeout,
        pauses,
        fc.constantFrom(0, 2),
        async (target, { rate, connections }, until, response, troubled, busy) => {
          const timeouts = { connect: ms(2000), response };
          const plan = { model: open(rate, connections), limit: until, timeouts };
          if (await expectNoFalsePass(target, plan, { pauses: troubled, busy })) late += 1;
        },
      ),
      { numRuns: shareOf(25, 5), seed: 20_261, endOnFailure: true },
    );
    expect(late).toBeGreaterThan(shareOf(10, 5));
  });

  test('of each name among several, in any loop', { timeout: 300_000 }, async () => {
    let late = 0;
    const named = (name: string, weight: number) => ({ ...get(`/${name}`), name, weight });
    const mix = fc.integer({ min: 1, max: 9 }).map((weight) => [named('a', 3), named('b', weight)] as const);
    const model = fc.oneof(
      fc
        .tuple(fc.integer({ min: 10, max: 80 }), fc.integer({ min: 1, max: 8 }))
        .map(([rate, most]) => open(rate, most)),
      fc.integer({ min: 1, max: 6 }).map(closed),
    );
    await fc.assert(
      fc.asyncProperty(
        server,
        fc.record({ model, limit, requests: mix, response: timeout }),
        pauses,
        fc.constantFrom(0, 2),
        async (target, { response, ...plan }, troubled, busy) => {
          const timeouts = { connect: ms(2000), response };
          if (await expectNoFalsePass(target, { ...plan, timeouts }, { pauses: troubled, busy })) late += 1;
        },
      ),
      { numRuns: shareOf(25, 5), seed: 20_264, endOnFailure: true },
    );
    expect(late).toBeGreaterThan(0);
  });

  // Of the target's doing where nothing troubles the generator, and of its own where the target is quick.
  test('in an open loop of which some was never sent', { timeout: 300_000 }, async () => {
    let omitted = 0;
    await fc.assert(
      fc.asyncProperty(
        server,
        fc.record({
          rate: fc.integer({ min: 50, max: 300 }),
          connections: fc.integer({ min: 1, max: 4 }),
          mayWait: fc.integer({ min: 1, max: 30 }),
        }),
        limit,
        timeout,
        fc.option(pauses, { nil: [] }),
        fc.constantFrom(0, 0.9, 2),
        async (target, { rate, connections, mayWait }, until, response, troubled, busy) => {
          const timeouts = { connect: ms(2000), response };
          const plan = { model: open(rate, connections), limit: until, timeouts };
          if (await expectNoFalsePass(target, plan, { pauses: troubled, busy }, mayWait)) omitted += 1;
        },
      ),
      { numRuns: shareOf(25, 5), seed: 20_263, endOnFailure: true },
    );
    expect(omitted).toBeGreaterThan(shareOf(10, 5));
  });

  test('in a closed loop', { timeout: 300_000 }, async () => {
    let late = 0;
    await fc.assert(
      fc.asyncProperty(
        server,
        fc.integer({ min: 1, max: 8 }),
        limit,
        timeout,
        pauses,
        async (target, connections, until, response, troubled) => {
          const plan = {
            model: closed(connections),
            limit: until,
            timeouts: { connect: ms(2000), response },
          };
          // Where the clock is the end, a wrong answer to what was not sent is none that was asked for.
          const asked = until.type === 'duration' ? { ...target, fails: () => false } : target;
          if (await expectNoFalsePass(asked, plan, { pauses: troubled, busy: 2 })) late += 1;
        },
      ),
      { numRuns: shareOf(40, 5), seed: 20_262, endOnFailure: true },
    );
    expect(late).toBeGreaterThan(shareOf(20, 5));
  });
});
