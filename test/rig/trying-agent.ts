/** Agents in the process of a test, which decides what the trial of each package comes to: the rest is as in real ones. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { untilGone, WORKER_OPTIONS } from '../../src/distributed/agent-host.ts';
import { loadTemporal, type Temporal } from '../../src/distributed/peers.ts';
import { poolQueue } from '../../src/distributed/protocol.ts';
import type { Trial, TrialOrder } from '../../src/distributed/trials/protocol.ts';
import { TrialSeats } from '../../src/distributed/trials/seat.ts';

const ROOT = join(import.meta.dirname, '../..');
/** As a build has made it. */
const WORKFLOWS = join(ROOT, 'dist/workflows.cjs');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly version: string;
};

export interface TryingAgents {
  readonly address: string;
  readonly pool: string;
  readonly names: readonly string[];
  readonly tryPackage: (order: TrialOrder) => Promise<Trial>;
}

async function joinOne(
  { client, worker, activity }: Temporal,
  name: string,
  { address, pool, tryPackage }: TryingAgents,
): Promise<() => Promise<void>> {
  const connection = await worker.NativeConnection.connect({ address });
  const joining = { address, pool, namespace: 'default' };
  const trials = new TrialSeats({ client, worker, activity }, connection, joining, {
    ...{ name, host: name, cores: 1, version, allowTargets: [], signal: new AbortController().signal },
    ...{ tryPackage, tell: () => {} },
  });
  const seats = await worker.Worker.create({
    ...{ connection, namespace: joining.namespace, identity: name, ...WORKER_OPTIONS },
    taskQueue: poolQueue(pool),
    workflowBundle: { codePath: WORKFLOWS },
    activities: trials.activities,
    maxConcurrentActivityTaskExecutions: 1,
    workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
  });
  const running = untilGone(seats.run());
  return async () => {
    trials.leave();
    seats.shutdown();
    await running;
    await connection.close();
  };
}

/** @returns what makes them leave, and ends once they are gone */
export async function joinTrying(agents: TryingAgents): Promise<AsyncDisposable> {
  const temporal = await loadTemporal();
  if (!temporal.ok) throw new Error(temporal.error.message);
  const leave = await Promise.all(agents.names.map((name) => joinOne(temporal.value, name, agents)));
  return { [Symbol.asyncDispose]: async () => void (await Promise.all(leave.map((each) => each()))) };
}
