/** What an agent refuses before anything is sent, and how long it tells how far it is. */
import type { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { afterEach, expect, test, vi } from 'vitest';
import type { LoadPlan } from '../../../src/core/load.ts';
import type { Prepared, PrepareOrder, RunInput } from '../../../src/distributed/protocol.ts';
import { hashOf, Seat } from '../../../src/distributed/seat.ts';
import { httpServer, planFor } from '../load/plans.ts';

afterEach(() => void vi.useRealTimers());

/** A server that has kept this of a run. */
const clientWith = (input: RunInput): Client => {
  const payload = {
    metadata: { encoding: Buffer.from('json/plain') },
    data: Buffer.from(JSON.stringify(input)),
  };
  const events = [{ workflowExecutionStartedEventAttributes: { input: { payloads: [payload] } } }];
  const workflowService = { getWorkflowExecutionHistory: async () => ({ history: { events } }) };
  return { workflowService, options: { namespace: 'default' } } as unknown as Client;
};

const context = {
  info: { currentAttemptScheduledTimestampMs: 0 },
  heartbeat: () => {},
  cancellationSignal: new AbortController().signal,
} as unknown as Context;

async function prepared(
  plan: LoadPlan,
  order: Partial<PrepareOrder> = {},
  allowTargets: readonly string[] = [],
): Promise<Prepared> {
  const planHash = hashOf(plan);
  const input = { ...{ version: '1.0.0', plan, pieces: [], planHash, agents: 1 }, attendWithinMs: 1 };
  const seat = new Seat({ workflowId: 'run' }, clientWith(input), { version: '1.0.0', allowTargets });
  const prepared = await seat.prepare(
    { ...{ seat: 0, agents: 1, version: '1.0.0', planHash }, ...order },
    context,
  );
  seat.release();
  return prepared;
}

test('another version, another plan and a target that is not allowed are refused before anything is sent', async () => {
  let asked = 0;
  await using target = await httpServer((_, response) => {
    asked += 1;
    response.end();
  });
  const plan = planFor(target.url);
  expect(await prepared(plan, { version: '1.0.1' })).toEqual({
    type: 'refused',
    why: 'it is of version 1.0.0, the run of 1.0.1',
  });
  expect(await prepared(plan, { planHash: hashOf({ ...plan, seed: 2 }) })).toEqual({
    type: 'refused',
    why: 'the plan that it has been given is not the one that was sent',
  });
  expect(await prepared(plan, {}, ['elsewhere.example'])).toMatchObject({ type: 'refused' });
  // Nothing is wrong with the order of this one.
  expect(await prepared({ ...plan, saveFailures: '/nowhere' })).toEqual({
    type: 'refused',
    why: 'failures are saved on one machine only',
  });
  expect(asked).toBe(0);
});

test('what the server wants no more of is not told any more: it costs as much as what it asks instead', async () => {
  vi.useFakeTimers({ now: 0 });
  const client = {
    ...{ options: { namespace: 'default' } },
    workflowService: { getWorkflowExecutionHistory: () => new Promise(() => {}) },
  } as unknown as Client;
  const seat = new Seat({ workflowId: 'run' }, client, { version: '1.0.0', allowTargets: [] });
  const missed = new AbortController();
  let told = 0;
  const heartbeat = (): void => {
    told += 1;
  };
  const order = { seat: 0, agents: 1, version: '1.0.0', planHash: '' };
  void seat.prepare(order, { ...context, heartbeat, cancellationSignal: missed.signal } as Context);
  await vi.advanceTimersByTimeAsync(2500);
  expect(told).toBe(3);
  missed.abort();
  await vi.advanceTimersByTimeAsync(5000);
  expect(told).toBe(3);
});
