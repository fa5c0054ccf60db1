/** The SDK holds heartbeats back for four fifths of the time in which one must come, unless each worker is told not to. */
import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { Agent } from '../../../src/distributed/agent.ts';
import type { AgentHost } from '../../../src/distributed/agent-host.ts';
import type { Temporal } from '../../../src/distributed/peers.ts';
import { TELL_EVERY } from '../../../src/distributed/seat.ts';

/** What each worker of an agent is made with, those of a run of trials as well. */
async function optionsOfWorkers(): Promise<WorkerOptions[]> {
  const made: WorkerOptions[] = [];
  const leaving = new AbortController();
  class Worker {
    static async create(options: WorkerOptions): Promise<Worker> {
      made.push(options);
      return new Worker();
    }
    readonly run = async (): Promise<void> => {};
    readonly getState = (): string => 'STOPPED';
    readonly shutdown = (): void => {};
  }
  const info = { workflowExecution: { workflowId: 'run', runId: '1' } };
  const client = { workflow: { getHandle: () => ({ signal: async () => {} }) } };
  const context = {
    ...{ info, client, heartbeat: () => {} },
    cancellationSignal: AbortSignal.abort(),
  };
  const temporal = {
    worker: { Worker },
    activity: { Context: { current: () => context }, ApplicationFailure: { nonRetryable: Error } },
  } as unknown as Temporal;
  const host = {
    ...{ name: 'a', version: '1.0.0', cores: 1, allowTargets: [], signal: leaving.signal, tell: () => {} },
    tryPackage: async () => ({}),
  } as unknown as AgentHost;
  const joining = { address: 'localhost:7233', namespace: 'default', pool: 'default' };
  await new Agent(temporal, joining, host).run({} as NativeConnection);
  const [{ activities } = {}] = made;
  const { attendTrials } = activities as { readonly attendTrials: (order: unknown) => Promise<void> };
  await attendTrials({ seat: 0, version: '1.0.0', jobs: 1 });
  return made;
}

test('no worker of an agent holds back what it tells each second', async () => {
  const options = await optionsOfWorkers();
  expect(options).toHaveLength(3);
  for (const { maxHeartbeatThrottleInterval, defaultHeartbeatThrottleInterval } of options)
    for (const interval of [maxHeartbeatThrottleInterval, defaultHeartbeatThrottleInterval]) {
      expect(interval).toBeTypeOf('number');
      expect(interval).toBeLessThanOrEqual(TELL_EVERY / 2);
    }
});
