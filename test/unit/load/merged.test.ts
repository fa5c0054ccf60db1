import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LoadPlan, LoadResult, Threshold } from '../../../src/core/load.ts';
import { parseThreshold } from '../../../src/core/threshold.ts';
import { ms } from '../../../src/core/units.ts';
import { MergedWindows } from '../../../src/distributed/merged-windows.ts';
import { Generator } from '../../../src/load/engine/generator.ts';
import { runLoad } from '../../../src/load/engine/run.ts';
import * as sockets from '../../../src/load/engine/socket.ts';
import { type AgentFate, judgeMerged, measuredAtAbort, prepareShare } from '../../../src/load/index.ts';
import { mergeReports } from '../../../src/load/merge/index.ts';
import type { LoadReport } from '../../../src/load/merge/report.ts';
import { closed, forMs, forRequests, get, open, planFor } from './plans.ts';
import { doing, step } from './session/world.ts';
import { connectTo, type ServerOptions, type Takes, VirtualMachine } from './virtual.ts';

vi.mock(import('../../../src/load/engine/socket.ts'), async (original) => ({
  ...(await original()),
  connector: vi.fn(),
}));
/** Threads on the same clock: generators side by side. */
vi.mock(import('../../../src/load/engine/threads.ts'), () => ({
  startSenders: (plan, { part, parts }, events) => {
    const { workers } = plan;
    let isIn = 0;
    let waitingFor = workers;
    const generators = Array.from(
      { length: workers },
      (_, thread) =>
        new Generator(plan, { worker: part * workers + thread, workers: parts * workers }, events),
    );
    for (const generator of generators)
      generator.prepare((more) => {
        isIn += more;
        waitingFor -= 1;
        if (waitingFor === 0) queueMicrotask(() => events.onReady(isIn));
      });
    return {
      headstart: HEADSTART,
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

const HOST = { version: '0' };
const AT = 1000;
/** How long threads are told ahead of the start. */
const HEADSTART = 5;

/** How long a request takes, by when it comes: the same whatever the order of those that come at once. */
const takes =
  (startAt: number): Takes =>
  (_, now, bytes) =>
    1 + ((Math.floor((now - startAt) * 3 + 0.5) + bytes.length) % 40);

function machineWith(answer: Takes, server: ServerOptions = {}): VirtualMachine {
  const machine = new VirtualMachine();
  machine.install();
  vi.mocked(sockets.connector).mockImplementation(
    connectTo(machine, answer, [], [], server) as unknown as typeof sockets.connector,
  );
  return machine;
}

/** @param meddle does something to the parts while they are sent */
async function reportsOf(
  plan: LoadPlan,
  parts: number,
  {
    answer = takes(AT),
    lateMs = 0,
    server,
    meddle,
  }: {
    answer?: Takes;
    server?: ServerOptions;
    lateMs?: number;
    meddle?: (
      shares: { stop: (why: 'interrupted') => void; soFar: (latest: number) => LoadReport }[],
      machine: VirtualMachine,
    ) => void;
  } = {},
): Promise<LoadReport[]> {
  const machine = machineWith(answer, server);
  const prepared = await machine.until(
    Promise.all(Array.from({ length: parts }, (_, part) => prepareShare(plan, { part, parts }, HOST))),
  );
  const shares = prepared.map((each) => {
    if (!each.ok) throw new Error(each.error);
    return each.value;
  });
  machine.runUntil(AT - HEADSTART + lateMs);
  const driving = Promise.all(shares.map((share) => share.drive(AT)));
  meddle?.(shares, machine);
  const reports = await machine.until(driving);
  vi.unstubAllGlobals();
  // As they come over a wire.
  return reports.map((report) => JSON.parse(JSON.stringify(report)));
}

const agents = (parts: number, more: Partial<AgentFate>[] = []): AgentFate[] =>
  Array.from({ length: parts }, (_, part) => ({
    ...{ part, name: `agent ${part + 1}`, cores: 2, fate: 'finished' as const },
    ...more[part],
  }));

const judged = (plan: LoadPlan, reports: readonly LoadReport[], fates: AgentFate[]): Promise<LoadResult> =>
  judgeMerged(plan, mergeReports(reports), fates, {
    ...HOST,
    measuredAtAbort: undefined,
    interruptedBy: undefined,
  });

async function alone(
  plan: LoadPlan,
  threads: number,
  answer = takes(AT),
  server?: ServerOptions,
): Promise<LoadResult> {
  const machine = machineWith(answer, server);
  // At the same time: figures of a clock are rounded.
  machine.runUntil(AT - HEADSTART);
  const result = await machine.until(runLoad({ ...plan, workers: threads }, HOST));
  vi.unstubAllGlobals();
  return result;
}

/** What does not depend on who has measured it. */
const measured = ({ windows, generator, agents: _, precision: __, ...rest }: LoadResult): unknown => ({
  ...rest,
  windows: windows.map(({ atMs, durationMs, phase, counts, bytes, rate }) => ({
    ...{ atMs, durationMs, phase, counts, bytes, rate },
  })),
});

const threshold = (text: string): Threshold => {
  const parsed = parseThreshold(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
};

const PLANS: Readonly<Record<string, Partial<LoadPlan>>> = {
  'at a rate': { model: open(400, 40), limit: forMs(3500), warmup: ms(1000) },
  'that grows': {
    model: {
      ...open(100, 40),
      stages: [
        { duration: ms(1000), from: 100, to: 600 },
        { duration: ms(1000), from: 600, to: 600 },
      ],
    } as LoadPlan['model'],
    limit: forMs(2000),
  },
  'of so many requests': { model: open(300, 20), limit: forRequests(601) },
  'of several names': {
    model: open(300, 40),
    limit: forMs(2000),
    requests: [
      { ...get('/a'), name: 'a', weight: 3 },
      { ...get('/b'), name: 'b', weight: 1 },
    ],
    thresholds: [threshold('p99{a} < 80ms')],
  },
  'of users that begin at a rate': {
    ...doing({ users: 20, steps: [step('/a', { name: 'a' }), step('/b', { name: 'b', think: [3, 3] })] }),
    model: open(120, 20),
    limit: forRequests(241),
  },
  'in a closed loop': { model: closed(12), limit: forMs(2000) },
};

describe.each(Object.entries(PLANS))('a load %s', (_, more) => {
  test.each([2, 4])('is the same from %d machines', async (parts) => {
    const plan = planFor('http://127.0.0.1:1/', more);
    const reports = await reportsOf(plan, parts);
    const merged = await judged(plan, reports, agents(parts));
    const one = await alone(plan, parts);
    expect(measured(merged)).toEqual(measured(one));
    expect(merged.verdict).toBe('passed');
    expect(merged.counts.completed).toBeGreaterThan(100);
    expect(merged.agents?.map(({ sent }) => sent).reduce((sum, sent) => sum + sent)).toBe(
      merged.counts.scheduled,
    );
  });
});

test.each([2, 4])(
  'a load of users that log in, and take steps, is the same from %d machines',
  async (parts) => {
    const plan = planFor('http://127.0.0.1:1/', {
      ...doing({
        users: 12,
        before: [step('/login', { name: 'login' })],
        steps: [step('/orders', { name: 'create', think: [7, 7] }), step('/orders/1', { name: 'read' })],
      }),
      model: closed(12),
      limit: forMs(2000),
      thresholds: [threshold('p99{read} < 80ms'), threshold('iterations.failed == 0')],
    });
    // The load of one machine begins when its users are in.
    const answer: Takes = (_, __, bytes) => 1 + (bytes.length % 40);
    const merged = await judged(plan, await reportsOf(plan, parts, { answer }), agents(parts));
    const one = await alone(plan, parts, answer);
    expect(merged.verdict).toBe('passed');
    expect(merged.byName.map(({ name, part }) => [name, part])).toEqual([
      ['login', 'before'],
      ['create', 'load'],
      ['read', 'load'],
    ]);
    expect(measured(merged)).toEqual(measured(one));
    expect(merged.iterations?.completed).toBeGreaterThan(100);
  },
);

test('a load whose last answers come late, or never, is the same from 4 machines', async () => {
  const plan = planFor('http://127.0.0.1:1/', { model: open(400, 80), limit: forMs(2000) });
  const answer =
    (startAt: number): Takes =>
    (_, now) => {
      const at = Math.round(now - startAt);
      return at < 1900 ? 3 : at % 4 === 0 ? 90 : 900;
    };
  const merged = await judged(plan, await reportsOf(plan, 4, { answer: answer(AT) }), agents(4));
  const one = await alone(plan, 4, answer(AT));
  expect(measured(merged)).toEqual(measured(one));
  expect(merged.counts.inFlightAtEnd).toBeGreaterThan(10);
});

describe('a target that takes long to accept connections', () => {
  const opensIn = 30;

  test.each([
    ['at a rate', { model: open(400, 200), limit: forMs(1000) }],
    ['in a closed loop', { model: closed(40), limit: forMs(1000) }],
  ])('costs the first requests %s as much from 4 machines as from one', async (_, more) => {
    const plan = planFor('http://127.0.0.1:1/', more);
    const merged = await judged(plan, await reportsOf(plan, 4, { server: { opensIn } }), agents(4));
    expect(measured(merged)).toEqual(measured(await alone(plan, 4, takes(AT), { opensIn })));
    expect(merged.latencyUs.response?.max).toBeGreaterThan(opensIn * 1000);
    expect(merged.latencyUs.service?.max).toBeLessThan((merged.latencyUs.response?.max ?? 0) - 20_000);
  });

  test('and takes none at the start, is met in the same way', async () => {
    const plan = planFor('http://127.0.0.1:1/', { model: open(400, 200), limit: forMs(1000) });
    const server = { opensIn, refuses: (now: number) => now < AT + 100 };
    const merged = await judged(plan, await reportsOf(plan, 4, { server }), agents(4));
    expect(measured(merged)).toEqual(measured(await alone(plan, 4, takes(AT), server)));
    expect(merged.counts.failed).toBeGreaterThan(4);
    expect(merged.counts.completed).toBeGreaterThan(300);
  });
});

describe('without all of its parts', () => {
  const plan = (...thresholds: string[]): LoadPlan =>
    planFor('http://127.0.0.1:1/', {
      ...{ model: open(400, 40), limit: forMs(3000) },
      thresholds: thresholds.map(threshold),
    });
  const codes = ({ findings }: LoadResult): string[] => findings.map(({ code }) => code);
  const GONE = { fate: 'lost', why: 'it was not heard of for 5 s' } as const;

  test('a load is inconclusive, and shows what was measured', async () => {
    const reports = await reportsOf(plan('p99 < 1s'), 4);
    const result = await judged(plan('p99 < 1s'), reports.slice(1), agents(4, [GONE]));
    expect(result.verdict).toBe('inconclusive');
    expect(codes(result)).toEqual(['agents-missing']);
    expect(result.findings[0]?.message).toBe(
      '3 of 4 agents sent all of their part; not agent 1, part 1 (it was not heard of for 5 s)',
    );
    expect(result.counts.completed).toBeGreaterThan(800);
    expect(result.agents?.map(({ fate, sent }) => [fate, sent > 0])).toEqual([
      ['lost', false],
      ...Array.from({ length: 3 }, () => ['finished', true]),
    ]);
  });

  test('of which none was heard of, nothing is said about the target', async () => {
    const result = await judged(plan('p99 < 1s'), [], agents(2, [GONE, GONE]));
    expect(result.verdict).toBe('inconclusive');
    expect(codes(result)).toEqual(['agents-missing']);
  });

  test('a threshold that is broken all the same is broken, unless it is on an amount', async () => {
    const reports = await reportsOf(plan(), 2);
    const slow = await judged(plan('p99 < 10ms'), reports.slice(1), agents(2, [GONE]));
    expect(slow.verdict).toBe('failed');
    expect(codes(slow)).toEqual(['threshold', 'agents-missing']);
    const few = await judged(plan('rate > 390/s'), reports.slice(1), agents(2, [GONE]));
    expect(few.verdict).toBe('inconclusive');
    expect(codes(few)).toEqual(['threshold-undecided', 'agents-missing']);
    const all = await judged(plan('rate > 390/s'), reports, agents(2));
    expect(all.verdict).toBe('passed');
  });

  test('what an agent had sent until it left counts, and every request of it', async () => {
    const reports = await reportsOf(plan(), 2, {
      meddle: ([first], machine) => machine.at(AT + 1500, () => first?.stop('interrupted')),
    });
    const left = { fate: 'left', why: 'SIGTERM' } as const;
    const result = await judged(plan(), reports, agents(2, [left]));
    expect(result.verdict).toBe('inconclusive');
    expect(codes(result)).toEqual(['ended-early', 'agent-ended-early']);
    const { scheduled, completed, inFlightAtEnd } = result.counts;
    expect(scheduled).toBe(completed + inFlightAtEnd);
    expect(scheduled).toBe(600 + 300);
  });

  test('while they are sent, no window waits for one that is not heard or has ended', async () => {
    const told: LoadReport[][] = [];
    await reportsOf(plan(), 2, {
      meddle: (shares, machine) => {
        for (const at of [1500, 2500])
          machine.at(AT + at, () => void told.push(shares.map((share) => share.soFar(3))));
      },
    });
    const [early = [], later = []] = told;
    const scheduled = (windows: ReturnType<MergedWindows['ended']>) =>
      windows.map(({ counts }) => counts.scheduled);
    const windows = new MergedWindows(plan());
    expect(scheduled(windows.ended(early, []))).toEqual([400]);
    // The first has told nothing since.
    expect(scheduled(windows.ended([early[0], later[1]] as LoadReport[], []))).toEqual([]);
    expect(scheduled(windows.ended(later.slice(1), early.slice(0, 1)))).toEqual([200]);
    expect(scheduled(windows.ended([], later))).toEqual([]);
  });

  test('and what one had measured when it fell silent', async () => {
    const soFar: LoadReport[] = [];
    const reports = await reportsOf(plan(), 2, {
      meddle: ([first], machine) =>
        machine.at(AT + 1500, () => {
          if (first !== undefined) soFar.push(JSON.parse(JSON.stringify(first.soFar(3))));
        }),
    });
    const result = await judged(plan(), [...soFar, ...reports.slice(1)], agents(2, [GONE]));
    expect(result.verdict).toBe('inconclusive');
    // Its first second, and all of the other's three.
    const { scheduled, completed, failed, timedOut, inFlightAtEnd, neverSent } = result.counts;
    expect(scheduled).toBe(200 + 600);
    expect(completed + failed + timedOut + inFlightAtEnd + neverSent).toBe(scheduled);
  });

  test('one that begins late is told, with how late', async () => {
    const reports = await reportsOf(plan(), 2, { lateMs: 300 });
    const result = await judged(plan(), reports, agents(2));
    expect(result.verdict).toBe('inconclusive');
    expect(codes(result)).toContain('agent-late');
    expect(result.findings.find(({ code }) => code === 'agent-late')).toMatchObject({ lateMs: 295 });
  });

  test('conditions that end a load are held against all of it', async () => {
    const ending = { ...plan(), abortOn: [threshold('p99 > 10ms')] };
    const [first, second] = await reportsOf(ending, 2);
    if (first === undefined || second === undefined) throw new Error('there are two');
    const all = mergeReports([first, second]);
    expect(measuredAtAbort(ending, all)?.counts.scheduled).toBe(1200);
    expect(measuredAtAbort({ ...ending, abortOn: [threshold('p99 > 10s')] }, all)).toBeUndefined();
    expect(measuredAtAbort(ending, mergeReports([]))).toBeUndefined();
  });

  test.each([
    [{ model: closed(3) }, '3 connections are too few for 4 agents with a thread each'],
    [{ limit: forRequests(3), model: closed(8) }, '3 requests are too few for 4 agents with a thread each'],
    [{ saveFailures: '/tmp', model: closed(8) }, 'failures are saved on one machine only'],
  ] as [Partial<LoadPlan>, string][])('what cannot be divided is refused', async (more, why) => {
    const refused = await prepareShare(planFor('http://127.0.0.1:1/', more), { part: 0, parts: 4 }, HOST);
    expect(refused).toEqual({ ok: false, error: why });
  });
});
