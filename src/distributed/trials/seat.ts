/** An agent's side of trials: it holds a seat in a run, and takes trials from the queue of that run until it is over. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from '@temporalio/activity';
import type { NativeConnection, Worker } from '@temporalio/worker';
import { type AgentHost, untilGone, WORKER_OPTIONS } from '../agent-host.ts';
import type { Joining } from '../connection.ts';
import type { Temporal } from '../peers.ts';
import {
  lostBefore,
  REFUSED,
  type SeatOrder,
  type TrialActivities,
  type TrialSeatActivities,
  type TrialsSeated,
  trialsQueue,
} from './protocol.ts';
import { roomy } from './room.ts';

/** In milliseconds. */
const TELL_EVERY = 1000;
const ASK_AGAIN_AFTER = 500;

export class TrialSeats {
  readonly #temporal: Temporal;
  readonly #connection: NativeConnection;
  readonly #joining: Joining;
  readonly #host: AgentHost;
  /** Aborted when its trials are to end: the run is over, or the agent leaves. */
  #ending = new AbortController();
  #hasLeft = false;

  constructor(temporal: Temporal, connection: NativeConnection, joining: Joining, host: AgentHost) {
    this.#temporal = temporal;
    this.#connection = connection;
    this.#joining = joining;
    this.#host = host;
  }

  readonly activities: TrialSeatActivities = {
    attendTrials: async (order) => {
      const { Context, ApplicationFailure } = this.#temporal.activity;
      const why = this.#whyNot(order);
      if (why !== undefined)
        throw ApplicationFailure.nonRetryable(`agent ${this.#host.name}: ${why}`, REFUSED);
      const context = Context.current();
      const run = context.info.workflowExecution?.workflowId ?? '';
      this.#ending = new AbortController();
      this.#host.tell({ type: 'seated', run, seat: order.seat });
      const worker = await this.#worker(run, order);
      const running = untilGone(worker.run());
      try {
        await this.#hold(order, context);
      } finally {
        this.#ending.abort();
        worker.shutdown();
        await running;
        this.#host.tell({ type: 'released', run });
      }
      if (this.#hasLeft) throw ApplicationFailure.nonRetryable('it left');
    },
  };

  /** Its trials are begun anew elsewhere. */
  leave(): void {
    this.#hasLeft = true;
    this.#ending.abort();
  }

  #whyNot({ version }: SeatOrder): string | undefined {
    const { tryPackage, version: own } = this.#host;
    if (this.#hasLeft) return 'it leaves';
    if (tryPackage === undefined)
      return 'its operator does not allow it to install and run packages; start it with --allow-packages';
    return version === own ? undefined : `it is of version ${own}, the run of ${version}`;
  }

  #worker(run: string, { jobs }: SeatOrder): Promise<Worker> {
    return this.#temporal.worker.Worker.create({
      ...{ connection: this.#connection, namespace: this.#joining.namespace, identity: this.#host.name },
      ...WORKER_OPTIONS,
      taskQueue: trialsQueue(run),
      activities: this.#trialActivities(),
      maxConcurrentActivityTaskExecutions: jobs,
    });
  }

  async #hold({ seat }: SeatOrder, context: Context): Promise<void> {
    const { workflowId = '', runId } = context.info.workflowExecution ?? {};
    const seated: TrialsSeated = { seat, name: this.#host.name };
    await context.client.workflow.getHandle(workflowId, runId).signal('seated', seated);
    await told(AbortSignal.any([context.cancellationSignal, this.#ending.signal]), () => context.heartbeat());
  }

  #trialActivities(): TrialActivities {
    const { Context, ApplicationFailure } = this.#temporal.activity;
    const { tryPackage, name } = this.#host;
    return {
      tryPackage: async (order) => {
        const context = Context.current();
        const lost = lostBefore(context.info.heartbeatDetails, context.info.attempt);
        const trying = new AbortController();
        const ending = AbortSignal.any([context.cancellationSignal, this.#ending.signal]);
        const telling = told(AbortSignal.any([ending, trying.signal]), () =>
          context.heartbeat([...lost, name]),
        );
        try {
          if (tryPackage === undefined) throw new Error('its operator does not allow that');
          const trial = await tryPackage(order, ending);
          // What it came to says nothing if it was ended.
          if (this.#ending.signal.aborted) throw ApplicationFailure.retryable('its agent left');
          if (context.cancellationSignal.aborted) await context.cancelled;
          await untilHeard(context, ending);
          return { ...roomy(trial), agent: name, lost };
        } finally {
          trying.abort();
          await telling;
        }
      },
    };
  }
}

/** The SDK drops a result that it has not got to the server within ten seconds: it gets one when there is a server. */
async function untilHeard({ client }: Context, end: AbortSignal): Promise<void> {
  while (!end.aborted)
    try {
      await client.workflowService.getSystemInfo({});
      return;
    } catch {
      await delay(ASK_AGAIN_AFTER);
    }
}

/** Tells at once and then once a second, until the end. */
function told(end: AbortSignal, tell: () => void): Promise<void> {
  return new Promise((resolve) => {
    if (end.aborted) return resolve();
    tell();
    const timer = setInterval(tell, TELL_EVERY);
    const stop = (): void => {
      clearInterval(timer);
      resolve();
    };
    end.addEventListener('abort', stop, { once: true });
  });
}
