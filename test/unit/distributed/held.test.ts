/** For how long an agent keeps its seat in a run, if the server does not know that any more: in virtual time. */
import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PoolActivities, SeatActivities } from '../../../src/distributed/activities.ts';
import { Agent } from '../../../src/distributed/agent.ts';
import type { AgentHost } from '../../../src/distributed/agent-host.ts';
import type { Temporal } from '../../../src/distributed/peers.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const named = (name: string): Error => Object.assign(new Error(name), { name });

/** An agent, and what the server asks of it. */
class Rig {
  readonly #made: WorkerOptions[] = [];
  /** How often it has said that it has a seat. */
  seated = 0;
  /** What the server says of the run when it is asked. */
  describe: () => { readonly status: { readonly name: string } } = () => ({ status: { name: 'RUNNING' } });
  #cancellationSignal = new AbortController().signal;

  static async create(): Promise<Rig> {
    const rig = new Rig();
    class Worker {
      static async create(options: WorkerOptions): Promise<Worker> {
        rig.#made.push(options);
        return new Worker();
      }
      readonly run = async (): Promise<void> => {};
    }
    const activity = {
      Context: { current: () => rig.#context },
      ApplicationFailure: { nonRetryable: (message: string) => new Error(message) },
    };
    const host = {
      ...{ name: 'a', host: 'a', version: '1.0.0', cores: 1, allowTargets: [], tell: () => {} },
      ...{ signal: new AbortController().signal, tryPackage: undefined },
    } as unknown as AgentHost;
    const joining = { address: 'localhost:7233', namespace: 'default', pool: 'default' };
    await new Agent({ worker: { Worker }, activity } as unknown as Temporal, joining, host).run(
      {} as NativeConnection,
    );
    return rig;
  }

  get #context(): unknown {
    const handle = {
      signal: async () => {
        this.seated += 1;
      },
      describe: async () => this.describe(),
    };
    return {
      info: { workflowExecution: { workflowId: 'run', runId: '1' } },
      client: { workflow: { getHandle: () => handle } },
      heartbeat: () => {},
      cancellationSignal: this.#cancellationSignal,
    };
  }

  /** Offers it a seat. */
  attend(): { readonly hasEnded: () => boolean; readonly cancel: () => void } {
    const cancelling = new AbortController();
    this.#cancellationSignal = cancelling.signal;
    let hasEnded = false;
    const [{ activities } = {}] = this.#made;
    void (activities as PoolActivities).attend(0).then(() => {
      hasEnded = true;
    });
    return { hasEnded: () => hasEnded, cancel: () => cancelling.abort() };
  }

  /** Has it prepare its part, of which the server says no more. */
  async prepare(): Promise<void> {
    const [, { activities } = {}] = this.#made;
    const { prepare } = activities as SeatActivities;
    await prepare({ seat: 0, agents: 1, version: '1.0.0', planHash: '' }).catch(() => {});
  }
}

test('a seat that the server offers anew before the run counts on it is given up, and taken again', async () => {
  const rig = await Rig.create();
  const first = rig.attend();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(first.hasEnded()).toBe(false);
  first.cancel();
  await vi.advanceTimersByTimeAsync(3000);
  expect(first.hasEnded()).toBe(true);
  const second = rig.attend();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(second.hasEnded()).toBe(false);
  expect(rig.seated).toBe(2);
});

test.for<[string, Rig['describe']]>([
  ['the run goes on', () => ({ status: { name: 'RUNNING' } })],
  [
    'the server is away',
    () => {
      throw named('ServiceError');
    },
  ],
])('one that the run counts on is kept while %s, and given up when the run is over', async ([, describe]) => {
  const rig = await Rig.create();
  rig.describe = describe;
  const seat = rig.attend();
  await vi.advanceTimersByTimeAsync(100);
  await rig.prepare();
  seat.cancel();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(seat.hasEnded()).toBe(false);
  rig.describe = () => ({ status: { name: 'COMPLETED' } });
  await vi.advanceTimersByTimeAsync(3000);
  expect(seat.hasEnded()).toBe(true);
});

test('one of a run that the server has forgotten is given up', async () => {
  const rig = await Rig.create();
  rig.describe = () => {
    throw named('WorkflowNotFoundError');
  };
  const seat = rig.attend();
  await vi.advanceTimersByTimeAsync(100);
  await rig.prepare();
  seat.cancel();
  await vi.advanceTimersByTimeAsync(3000);
  expect(seat.hasEnded()).toBe(true);
});
