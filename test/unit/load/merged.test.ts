import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LoadPlan, LoadResult, Threshold } from '../../../src/core/load.ts';
import { parseThreshold } from '../../../src/core/threshold.ts';
import { ms } from '../../../src/core/units.ts';
import { Generator } from '../../../src/load/engine/generator.ts';
import { runLoad } from '../../../src/load/engine/run.ts';
import * as sockets from '../../../src/load/engine/socket.ts';
import { type AgentFate, judgeMerged, prepareShare } from '../../../src/load/index.ts';
import { mergeReports } from '../../../src/load/merge/index.ts';
import type { LoadReport } from '../../../src/load/merge/report.ts';
import { closed, forMs, forRequests, get, open, planFor } from './plans.ts';
import { connectTo, type Takes, VirtualMachine } from './virtual.ts';

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

function machineWith(answer: Takes): VirtualMachine {
  const machine = new VirtualMachine();
  machine.install();
  vi.mocked(sockets.connector).mockImplementation(
    connectTo(machine, answer, []) as unknown as typeof sockets.connector,
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
    meddle,
  }: {
    answer?: Takes;
    lateMs?: number;
    meddle?: (
      shares: { stop: (why: 'interrupted') => void; soFar: (latest: number) => LoadReport }[],
      machine: VirtualMachine,
    ) => void;
  } = {},
): Promise<LoadReport[]> {
  const machine = machineWith(answer);
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

async function alone(plan: LoadPlan, threads: number, answer = takes(AT)): Promise<LoadResult> {
  const machine = machineWith(answer);
  // At the same time: figures of a clock are rounded.
  machine.runUntil(AT - HEADSTART);
  const result = await machine.until(runLoad({ ...plan, workers: threads }, HOST));
  vi.unstubAllGlobals();
  return result;
}

/** What does not depend on who has measured it. */
const measured = ({ windows, generator, agents: _, ...rest }: LoadResult): unknown => ({
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
