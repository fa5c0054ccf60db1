/** An agent: a process on a machine that sends its part of loads, or tries packages, for whoever starts that on the same server. */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { NativeConnection, Worker } from '@temporalio/worker';
import type { PoolActivities, SeatActivities } from './activities.ts';
import { type AgentHost, LEAVE_WITHIN, untilGone, WORKER_OPTIONS } from './agent-host.ts';
import type { Joining } from './connection.ts';
import type { Temporal } from './peers.ts';
import { NO_SEAT, poolQueue, type Seated } from './protocol.ts';
import { now, Seat } from './seat.ts';
import { TrialSeats } from './trials/seat.ts';

/** Relative to the bundled chunk that contains this module. */
export const WORKFLOWS = fileURLToPath(new URL('../workflows.cjs', import.meta.url));

/** How often an agent whose seat is unknown to the server asks whether its run goes on, in milliseconds. */
const ASK_EVERY = 2000;

/** How the SDK is told to connect. */
export const connectionOptions = ({ address, tls, apiKey }: Joining) => ({
  address,
  ...(tls === undefined ? {} : { tls }),
  ...(apiKey === undefined ? {} : { apiKey }),
});

export class Agent {
  readonly #temporal: Temporal;
  readonly #joining: Joining;
  readonly #host: AgentHost;
  readonly #queue = `shakedown-agent-${randomUUID()}`;
  #seat: Seat | undefined;

  constructor(temporal: Temporal, joining: Joining, host: AgentHost) {
    this.#temporal = temporal;
    this.#joining = joining;
    this.#host = host;
  }

  /** Serves until it is to leave. */
  async run(connection: NativeConnection): Promise<void> {
    const { Worker } = this.#temporal.worker;
    const { namespace, pool } = this.#joining;
    const trials = new TrialSeats(this.#temporal, connection, this.#joining, this.#host);
    const options = { connection, namespace, identity: this.#host.name, ...WORKER_OPTIONS };
    const workers = await Promise.all([
      Worker.create({
        ...options,
        taskQueue: poolQueue(pool),
        workflowBundle: { codePath: WORKFLOWS },
        activities: { ...this.#poolActivities(), ...trials.activities },
        // One seat at a time; and a run has one task for its host at a time.
        maxConcurrentActivityTaskExecutions: 1,
        workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
      }),
      Worker.create({
        ...options,
        taskQueue: this.#queue,
        activities: this.#seatActivities(),
        // Enough for what is asked of an agent that is stopped, which takes each question and answers none.
        activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 5 },
      }),
    ]);
    const running = Promise.all(workers.map((worker) => untilGone(worker.run())));
    this.#host.tell({ type: 'ready', queue: this.#queue });
    const { signal } = this.#host;
    const leave = (): void => {
      trials.leave();
      void this.#leave(workers);
    };
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    await running;
  }

  #hasLeft = false;

  /** A run that counts on it has its last report first. */
  async #leave(workers: readonly Worker[]): Promise<void> {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    const seat = this.#seat;
    seat?.leave(String(this.#host.signal.reason));
    if (seat?.isCountedOn === true) await Promise.race([seat.over, timer(LEAVE_WITHIN)]);
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    this.#seat?.release();
  }

  /** Whether a run goes on, which an agent cannot know while the server is away. */
  async #goesOn({ workflow }: Client, seat: Seat): Promise<boolean> {
    const { workflowId, runId } = seat.execution;
    try {
      const { status } = await workflow.getHandle(workflowId, runId).describe();
      return status.name === 'RUNNING';
    } catch (error) {
      return (error as Error).name !== 'WorkflowNotFoundError';
    }
  }

  #poolActivities(): PoolActivities {
    const { Context, ApplicationFailure } = this.#temporal.activity;
    return {
      attend: async (number) => {
        const context = Context.current();
        const { workflowExecution } = context.info;
        if (workflowExecution === undefined || this.#hasLeft)
          throw ApplicationFailure.nonRetryable('it leaves');
        const seat = new Seat(workflowExecution, context.client, this.#host);
        this.#seat = seat;
        this.#host.tell({ type: 'seated', run: workflowExecution.workflowId, seat: number });
        try {
          await this.#hold(seat, number, context);
        } finally {
          this.#seat = undefined;
          seat.release();
          this.#host.tell({ type: 'released', run: workflowExecution.workflowId });
        }
        if (seat.leftBy !== null) throw ApplicationFailure.nonRetryable(`it left: ${seat.leftBy}`);
      },
    };
  }

  async #hold(seat: Seat, number: number, context: Context): Promise<void> {
    const { workflowId, runId } = seat.execution;
    const { name, host, cores, version } = this.#host;
    const own = { seat: number, queue: this.#queue, version, name, cores };
    const seated: Seated = host === name ? own : { ...own, host };
    await context.client.workflow.getHandle(workflowId, runId).signal('seated', seated);
    const isOver = seat.over.then(() => true);
    for (;;) {
      context.heartbeat();
      const hasTold = await Promise.race([isOver, timer(ASK_EVERY)]);
      if (hasTold) return;
      // The server does not know this task any more, and offers the seat anew; or the run may well go on, where it has been away for long.
      if (!context.cancellationSignal.aborted) continue;
      if (!seat.isCountedOn || !(await this.#goesOn(context.client, seat))) return;
    }
  }

  #seatActivities(): SeatActivities {
    const { Context, ApplicationFailure } = this.#temporal.activity;
    const mine = (): { seat: Seat; context: Context } => {
      const context = Context.current();
      const seat = this.#seat;
      if (seat === undefined || seat.execution.workflowId !== context.info.workflowExecution?.workflowId)
        throw ApplicationFailure.nonRetryable('it has no seat in this run', NO_SEAT);
      return { seat, context };
    };
    return {
      prepare: async (order) => {
        const { seat, context } = mine();
        return await seat.prepare(order, context);
      },
      drive: async (order) => {
        const { seat, context } = mine();
        return await seat.drive(order, context);
      },
      collect: async () => {
        const { seat, context } = mine();
        return await seat.collect(context);
      },
      watch: async () => {
        const { seat, context } = mine();
        return await seat.watch(context);
      },
      here: async () => {
        const receivedAt = now();
        const { currentAttemptScheduledTimestampMs: scheduledAt } = Context.current().info;
        return { scheduledAt, receivedAt, answeredAt: now() };
      },
      stop: async (order) => mine().seat.stop(order),
      release: async () => this.#seat?.release(),
    };
  }
}

const timer = (ms: number): Promise<false> => new Promise((resolve) => setTimeout(() => resolve(false), ms));
