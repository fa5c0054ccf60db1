/** How long the command line waits for a server that is away, in virtual time. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ClientSide, ClusterRun } from '../../../src/distributed/client.ts';
import type { RunInput, RunOutcome } from '../../../src/distributed/protocol.ts';
import { forMs, planFor } from '../load/plans.ts';

// Fake timers leave this module alone.
vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
}));

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const OUTCOME: RunOutcome = { type: 'not-begun', why: 'because', stoppedBy: null };
const LOAD_TAKES = 20_000;
const away = (): Error => new Error('14 UNAVAILABLE: no connection');
const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A server that is away for so long, and then has the outcome. The SDK asks for it in vain for ten seconds. */
function runBehind(awayFor: number) {
  const signals: string[] = [];
  const isThere = (): boolean => Date.now() >= awayFor;
  const handle = {
    result: async (): Promise<RunOutcome> => {
      if (!isThere()) await after(10_000);
      if (!isThere()) throw away();
      return OUTCOME;
    },
    signal: async (_: string, by: string): Promise<void> => {
      if (!isThere()) throw away();
      signals.push(by);
    },
  };
  const describeWorkflowExecution = async () => {
    if (!isThere()) throw away();
    return {};
  };
  const client = {
    workflow: { getHandle: () => handle },
    workflowService: { describeWorkflowExecution },
    options: { namespace: 'default' },
  };
  const input = { plan: planFor('http://127.0.0.1:1', { limit: forMs(LOAD_TAKES) }), agents: 2 };
  return { run: new ClusterRun('run', input as RunInput, { client } as unknown as ClientSide), signals };
}

/** @returns what a run comes to for whoever waits, and when */
async function waited(run: ClusterRun, signal = new AbortController().signal) {
  const said: number[] = [];
  const host = {
    ...{ signal, abandon: new AbortController().signal, onProgress: () => {} },
    onAway: () => void said.push(Date.now()),
  };
  let ended: { outcome: RunOutcome | undefined; at: number } | undefined;
  void run.outcome(host).then((outcome) => {
    ended = { outcome, at: Date.now() };
  });
  while (ended === undefined && Date.now() < 300_000) await vi.advanceTimersByTimeAsync(500);
  return { ...ended, said };
}

test.for([12_000, 45_000, LOAD_TAKES + 59_000])(
  'a server that is away for %i ms has the outcome when it is back',
  async (awayFor) => {
    const { outcome, said } = await waited(runBehind(awayFor).run);
    expect(outcome).toEqual(OUTCOME);
    // That it does not answer is told soon, and until it does.
    expect(said[0]).toBeLessThanOrEqual(2000);
    expect(said.at(-1)).toBeGreaterThan(awayFor - 1000);
  },
);

test('a minute after the load should be over, nobody waits any more for a server that stays away', async () => {
  const { outcome, at } = await waited(runBehind(Number.POSITIVE_INFINITY).run);
  expect(outcome).toBeUndefined();
  expect(at).toBeGreaterThanOrEqual(LOAD_TAKES + 60_000);
  // What the SDK takes to notice.
  expect(at).toBeLessThan(LOAD_TAKES + 60_000 + 11_000);
});

test('a run that is to stop while the server is away is told so when it is back', async () => {
  const stopping = new AbortController();
  const { run, signals } = runBehind(45_000);
  stopping.abort('SIGINT');
  expect((await waited(run, stopping.signal)).outcome).toEqual(OUTCOME);
  expect(signals).toEqual(['SIGINT']);
});
