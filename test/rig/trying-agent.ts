/** An agent in the process of a test, which decides what the trial of each package comes to: the rest is as in a real one. */
import { fileURLToPath } from 'node:url';
import { untilGone, WORKER_OPTIONS } from '../../src/distributed/agent-host.ts';
import { loadTemporal } from '../../src/distributed/peers.ts';
import { poolQueue } from '../../src/distributed/protocol.ts';
import type { Trial, TrialOrder } from '../../src/distributed/trials/protocol.ts';
import { TrialSeats } from '../../src/distributed/trials/seat.ts';

/** As a build has made it. */
const WORKFLOWS = fileURLToPath(new URL('../../dist/workflows.cjs', import.meta.url));
const manifest = new URL('../../package.json', import.meta.url).href;

export interface TryingAgent {
  readonly address: string;
  readonly pool: string;
  readonly name: string;
  readonly tryPackage: (order: TrialOrder, stop: AbortSignal) => Promise<Trial>;
}

/** @returns what makes it leave, and ends once it is gone */
export async function joinTrying({ address, pool, name, tryPackage }: TryingAgent): Promise<AsyncDisposable> {
  const temporal = await loadTemporal();
  if (!temporal.ok) throw new Error(temporal.error.message);
  const { version } = (
    (await import(manifest, { with: { type: 'json' } })) as { default: { version: string } }
  ).default;
  const { NativeConnection, Worker } = temporal.value.worker;
  const connection = await NativeConnection.connect({ address });
  const namespace = 'default';
  const trials = new TrialSeats(
    temporal.value,
    connection,
    { address, namespace, pool },
    {
      ...{ name, host: name, cores: 1, version, allowTargets: [], signal: new AbortController().signal },
      ...{ tryPackage, tell: () => {} },
    },
  );
  const worker = await Worker.create({
    ...{ connection, namespace, identity: name, ...WORKER_OPTIONS },
    taskQueue: poolQueue(pool),
    workflowBundle: { codePath: WORKFLOWS },
    activities: trials.activities,
    maxConcurrentActivityTaskExecutions: 1,
    workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
  });
  const running = untilGone(worker.run());
  return {
    [Symbol.asyncDispose]: async () => {
      trials.leave();
      worker.shutdown();
      await running;
      await connection.close().catch(() => {});
    },
  };
}
