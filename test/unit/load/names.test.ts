/** Numbers by name, on the virtual network: what is counted under a name, and that nothing is lost between them. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import type {
  Latency,
  LoadByName,
  LoadCounts,
  LoadPlan,
  LoadRequest,
  LoadResult,
  Threshold,
} from '../../../src/core/load.ts';
import { MOST_NAMES, OTHERS } from '../../../src/core/series.ts';
import { parseThreshold } from '../../../src/core/threshold.ts';
import { ms } from '../../../src/core/units.ts';
import { Generator } from '../../../src/load/engine/generator.ts';
import { runLoad } from '../../../src/load/engine/run.ts';
import * as sockets from '../../../src/load/engine/socket.ts';
import { decodeHdr } from '../../../src/load/hdr/encoding.ts';
import fc from '../../rig/fast-check.ts';
import { shareOf } from '../../rig/thorough.ts';
import { closed, forMs, forRequests, get, open, planFor } from './plans.ts';
import { connectTo, type ServerOptions, type Takes, VirtualMachine } from './virtual.ts';

/** So few that some requests are never sent. */
vi.mock(import('../../../src/load/engine/schedule/queue.ts'), () => ({ LONGEST_QUEUE: 16 as 16_384 }));
vi.mock(import('../../../src/load/engine/socket.ts'), async (original) => ({
  ...(await original()),
  connector: vi.fn(),
}));
/** Threads on the same clock: generators side by side. */
vi.mock(import('../../../src/load/engine/threads.ts'), () => ({
  startSenders: (plan, { part, parts }, events) => {
    const { workers } = plan;
    const generators = Array.from(
      { length: workers },
      (_, thread) =>
        new Generator(plan, { worker: part * workers + thread, workers: parts * workers }, events),
    );
    queueMicrotask(() => events.onReady(0));
    return {
      headstart: 5,
      start: (at) => {
        for (const generator of generators) generator.start(at);
      },
      stop: (reason) => {
        for (const generator of generators) generator.stop(reason);
      },
      leave: () => Promise.resolve(0),
      end: () => {},
    };
  },
}));

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

type Path = string;

/** @returns with how many requests the server has got of each path */
async function simulate(
  { takes, ...server }: ServerOptions & { readonly takes: Takes },
  more: Partial<LoadPlan>,
): Promise<{ result: LoadResult; got: Map<Path, number> }> {
  const machine = new VirtualMachine();
  const got = new Map<Path, number>();
  machine.install();
  const see: Takes = (index, now, bytes) => {
    const path = String(bytes).split(' ')[1] ?? '';
    got.set(path, (got.get(path) ?? 0) + 1);
    return takes(index, now, bytes);
  };
  vi.mocked(sockets.connector).mockImplementation(
    connectTo(machine, see, [], [], server) as unknown as typeof sockets.connector,
  );
  const plan = planFor('http://127.0.0.1:1/', more);
  const result = await machine.until(runLoad(plan, { version: '0' }));
  vi.unstubAllGlobals();
  return { result, got };
}

const named = (name: string, path = `/${name}`, weight = 1): LoadRequest => ({ ...get(path), name, weight });
const several = (...requests: LoadRequest[]): LoadPlan['requests'] => requests as never;
const of = ({ byName }: LoadResult, name: string): LoadByName => {
  const found = byName.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no ${name} among ${byName.map((each) => each.name)}`);
  return found;
};

const COUNTS = [
  'scheduled',
  'completed',
  'failed',
  'timedOut',
  'inFlightAtEnd',
  'neverSent',
  'checked',
] as const;

function added(records: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const record of records)
    for (const [key, count] of Object.entries(record)) if (count > 0) sum[key] = (sum[key] ?? 0) + count;
  return sum;
}

const sizes = (latency: Latency | null): Record<string, number> =>
  latency === null ? {} : added(decodeHdr(latency.hdr).map(({ from, count }) => ({ [from]: count })));

/** That the names make up the whole, to the last count of the last bucket. */
function expectWhole({ byName, counts, bytes, latencyUs }: LoadResult): void {
  const all = (counted: LoadCounts) => COUNTS.map((name) => counted[name]);
  expect(COUNTS.map((_, at) => byName.reduce((sum, each) => sum + (all(each.counts)[at] ?? 0), 0))).toEqual(
    all(counts),
  );
  expect(added(byName.map((each) => each.counts.byStatus))).toEqual(added([counts.byStatus]));
  expect(added(byName.map((each) => each.counts.byFailure))).toEqual(added([counts.byFailure]));
  expect(byName.reduce((sum, each) => sum + each.bytes.sent, 0)).toBe(bytes.sent);
  expect(byName.reduce((sum, each) => sum + each.bytes.received, 0)).toBe(bytes.received);
  for (const clock of ['response', 'service', 'sendLag'] as const)
    expect(added(byName.map((each) => sizes(each.latencyUs[clock])))).toEqual(sizes(latencyUs[clock]));
}

const request = fc
  .tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 1, max: 9 }))
  .map(([name, weight]) => named(name, `/${name}`, weight));
const server = fc.record({
  takes: fc
    .array(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom('reset' as const, undefined)), {
      minLength: 1,
      maxLength: 8,
    })
    .map(
      (times): Takes =>
        (index) =>
          times[index % times.length],
    ),
  fails: fc.integer({ min: 2, max: 7 }).map((every) => (index: number) => index % every === 0),
});

describe('the numbers of all names', () => {
  test('add up to the whole, whatever happens, over any number of threads', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 2, maxLength: 6 }),
        server,
        fc.record({
          model: fc.oneof(
            fc.integer({ min: 4, max: 12 }).map(closed),
            fc
              .tuple(fc.integer({ min: 20, max: 400 }), fc.integer({ min: 4, max: 8 }))
              .map(([r, c]) => open(r, c)),
          ),
          limit: fc.oneof(
            fc.integer({ min: 300, max: 2500 }).map(forMs),
            fc.integer({ min: 8, max: 300 }).map(forRequests),
          ),
          warmup: fc.constantFrom(ms(0), ms(300)),
          workers: fc.integer({ min: 1, max: 4 }),
          pipelining: fc.constantFrom(1, 3),
          checkEvery: fc.constantFrom(1, 3),
          timeouts: fc.constant({ connect: ms(500), response: ms(500) }),
          seed: fc.integer({ min: 0, max: 1000 }),
        }),
        async (requests, { takes, fails }, plan) => {
          const { result } = await simulate({ takes, fails }, { ...plan, requests: several(...requests) });
          const names = new Set(requests.map(({ name }) => name));
          if (names.size === 1) expect(result.byName).toEqual([]);
          else {
            expect(result.byName.map(({ name }) => name)).toEqual([...names]);
            expectWhole(result);
          }
        },
      ),
      { numRuns: shareOf(60) },
    );
  });
});

describe('a request is counted under its name', () => {
  test('as often as the server has got it, with what it took there', async () => {
    const takes: Takes = (_, __, bytes) => (String(bytes).startsWith('GET /slow') ? 80 : 5);
    const { result, got } = await simulate(
      { takes },
      {
        model: closed(6),
        workers: 3,
        limit: forRequests(300),
        requests: several(named('slow'), named('quick', '/quick', 3)),
      },
    );
    for (const name of ['slow', 'quick']) {
      expect(of(result, name).counts).toMatchObject({ scheduled: got.get(`/${name}`), failed: 0 });
      const { response } = of(result, name).latencyUs;
      expect([response?.min, response?.p50, response?.max].map((us) => Math.round((us ?? 0) / 1000))).toEqual(
        name === 'slow' ? [80, 80, 80] : [5, 5, 5],
      );
    }
  });

  test('with the same name as others, together with them', async () => {
    const { result, got } = await simulate(
      { takes: () => 1 },
      { limit: forRequests(50), requests: several(named('read', '/1'), named('write'), named('read', '/2')) },
    );
    expect(result.byName.map(({ name }) => name)).toEqual(['read', 'write']);
    expect(of(result, 'read').counts.completed).toBe((got.get('/1') ?? 0) + (got.get('/2') ?? 0));
  });

  test('also if it never left the queue: a server that stops answering is slow for every name', async () => {
    const { result } = await simulate(
      { takes: () => undefined },
      { model: open(100, 2), limit: forMs(1000), requests: several(named('a'), named('b')) },
    );
    expect(result.counts).toMatchObject({ scheduled: 100, inFlightAtEnd: 18, neverSent: 82 });
    expectWhole(result);
    for (const { counts, latencyUs } of result.byName) {
      // More than the two connections could hold.
      expect(counts.inFlightAtEnd).toBeGreaterThan(2);
      expect(latencyUs.response?.p50).toBeGreaterThan(300_000);
      expect(latencyUs.response?.atLeast).toContain('p50');
    }
  });
});

test('beyond a hundred names, the others are counted together', async () => {
  const requests = Array.from({ length: MOST_NAMES + 20 }, (_, index) => named(`n${index}`));
  const { result, got } = await simulate(
    { takes: () => 0.1 },
    { limit: forRequests(3000), requests: several(...requests) },
  );
  expect(result.byName).toHaveLength(MOST_NAMES + 1);
  const others = requests.slice(MOST_NAMES).reduce((sum, { path }) => sum + (got.get(path) ?? 0), 0);
  expect(of(result, OTHERS).counts.completed).toBe(others);
  expectWhole(result);
});

describe('a threshold of a name', () => {
  const parsed = (text: string): Threshold => {
    const result = parseThreshold(text);
    if (!result.ok) throw new Error(result.error.message);
    return result.value;
  };
  const requests = several(named('read'), named('write'), { ...named('rare'), weight: 1e-9 });
  /** One answer in two of a path is an error, and those of `write` take long. */
  const run = (path: string, thresholds: readonly string[], more: Partial<LoadPlan> = {}) => {
    const seen: boolean[] = [];
    const takes: Takes = (index, _, bytes) => {
      seen[index] = String(bytes).includes(` ${path} `);
      return String(bytes).includes('/write') ? 90 : 10;
    };
    const fails = (index: number): boolean => seen[index] === true && index % 2 === 0;
    const limit = forRequests(200);
    return simulate({ takes, fails }, { limit, requests, thresholds: thresholds.map(parsed), ...more });
  };
  const codes = ({ findings }: LoadResult): string[] => findings.map(({ code }) => code);

  test('is about its requests', async () => {
    const { result } = await run('/none', [
      'p99{read} < 20ms',
      'p99{write} < 20ms',
      'status.200{read} == 100%',
    ]);
    expect(result.thresholds.map(({ holds }) => holds)).toEqual([true, false, true]);
    expect(result.findings.map(({ message }) => message)).toEqual([
      '"p99{write} < 20ms" was not met: p99{write} is 90 ms',
    ]);
  });

  test('cannot be judged if none was sent', async () => {
    const { result } = await run('/none', ['errors{rare} == 0', 'p99{rare} < 1s']);
    expect(codes(result)).toEqual(['threshold-undecided', 'threshold-undecided']);
    expect(result.findings[0]?.message).toBe(
      '"errors{rare} == 0" cannot be judged: nothing was measured for errors{rare}',
    );
  });

  test('forgives failures of its name', async () => {
    const { result } = await run('/read', ['errors{read} < 90%']);
    expect(of(result, 'read').counts.failed).toBeGreaterThan(10);
    expect([codes(result), result.verdict]).toEqual([[], 'passed']);
  });

  test('forgives nothing of another, and what is told has the name', async () => {
    const { result } = await run('/write', ['errors{read} < 90%']);
    expect(result.findings).toMatchObject([
      { code: 'unexpected-response', count: of(result, 'write').counts.failed },
    ]);
    expect(result.failures.map(({ name }) => name)).toEqual(['write', 'write', 'write']);
  });

  test('that is not met hides no failure that broke it', async () => {
    const { result } = await run('/read', ['errors{read} == 0', 'errors{write} < 50%']);
    expect(codes(result)).toEqual(['unexpected-response', 'threshold']);
  });

  test('ends a run early', async () => {
    const more = { limit: forMs(60_000), abortOn: [parsed('errors{read} > 10%')] };
    const { result } = await run('/read', [], more);
    expect(result.ended).toBe('aborted');
    expect(result.findings.at(-1)?.message).toMatch(/^stopped early because "errors{read} > 10%" was true/);
    const { result: other } = await run('/write', [], { ...more, limit: forMs(5000) });
    expect(other.ended).toBe('limit');
  });
});
