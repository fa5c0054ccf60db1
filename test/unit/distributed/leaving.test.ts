/** What becomes of an agent's part if it is asked for it more than once, or is to leave. */
import type { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { expect, test, vi } from 'vitest';
import type { LoadPlan } from '../../../src/core/load.ts';
import { hashOf, Seat } from '../../../src/distributed/seat.ts';
import type { PreparedShare } from '../../../src/load/index.ts';
import { mergeReports } from '../../../src/load/merge/index.ts';
import { planFor } from '../load/plans.ts';

let prepared = 0;

/** A part that is sent until it is stopped, by no thread. */
vi.mock('../../../src/load/index.ts', async (importOriginal) => ({
  ...(await importOriginal<object>()),
  prepareShare: async () => {
    prepared += 1;
    let end: (report: unknown) => void = () => {};
    const driven = new Promise((resolve) => {
      end = resolve;
    });
    const share = {
      ...{ isIn: null, drive: () => driven, soFar: () => mergeReports([]) },
      stop: () => end({ ...mergeReports([]), offeredMs: 7 }),
    } as unknown as PreparedShare;
    return { ok: true, value: share };
  },
}));

/** A server that has kept this plan, and on which nobody tells anything. */
function clientWith(plan: LoadPlan): Client {
  const input = { ...{ version: '1.0.0', plan, pieces: [], planHash: hashOf(plan) }, agents: 2 };
  const payload = {
    metadata: { encoding: Buffer.from('json/plain') },
    data: Buffer.from(JSON.stringify(input)),
  };
  const events = [{ workflowExecutionStartedEventAttributes: { input: { payloads: [payload] } } }];
  const workflowService = {
    getWorkflowExecutionHistory: async () => ({ history: { events } }),
    describeWorkflowExecution: async () => ({}),
  };
  return { workflowService, options: { namespace: 'default' } } as unknown as Client;
}

const context = {
  info: { currentAttemptScheduledTimestampMs: 0 },
  heartbeat: () => {},
  cancellationSignal: new AbortController().signal,
} as unknown as Context;

test('it is counted on until the run lets it go, and answers however often it is asked', async () => {
  const plan = planFor('http://127.0.0.1:1');
  const seat = new Seat({ workflowId: 'run' }, clientWith(plan), { version: '1.0.0', allowTargets: [] });
  expect(seat.isCountedOn).toBe(false);
  await seat.prepare({ seat: 0, agents: 2, version: '1.0.0', planHash: hashOf(plan) }, context);
  expect(seat.isCountedOn).toBe(true);
  const driving = seat.drive({ startAt: Date.now() }, context);
  const watching = seat.watch(context);
  seat.leave('SIGTERM');
  const driven = await driving;
  expect(driven).toMatchObject({ leftBy: 'SIGTERM', report: { offeredMs: 7 } });
  // The answer may have been lost on the way.
  expect(await seat.collect(context)).toEqual(driven);
  // Somebody else has to look at what the others measure.
  await expect(watching).rejects.toThrow('it left: SIGTERM');
  expect(seat.isCountedOn).toBe(true);
  seat.release();
  await seat.over;
  expect(seat.isCountedOn).toBe(false);
});

test('asked to prepare again, it does so once, and says for how long it has been asked', async () => {
  prepared = 0;
  const plan = planFor('http://127.0.0.1:1');
  const seat = new Seat({ workflowId: 'run' }, clientWith(plan), { version: '1.0.0', allowTargets: [] });
  const told: unknown[] = [];
  const asking = { ...context, heartbeat: (details: unknown) => void told.push(details) } as Context;
  const order = { seat: 0, agents: 2, version: '1.0.0', planHash: hashOf(plan) };
  const [first, again] = await Promise.all([seat.prepare(order, asking), seat.prepare(order, asking)]);
  expect(first.type).toBe('ready');
  expect(again).toBe(first);
  expect(prepared).toBe(1);
  expect(told).toEqual([{ forMs: expect.any(Number) }, { forMs: expect.any(Number) }]);
  seat.release();
});
