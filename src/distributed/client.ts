/** The command line's side of a load from many machines: begins it, or joins one that goes on, and brings home what it came to. */

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, Connection } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { LoadPlan } from '../core/load.ts';
import { err, ok, type Result } from '../core/result.ts';
import { seriesOf } from '../core/series.ts';
import { untilAborted } from '../core/stop-reason.ts';
import { plural } from '../core/units.ts';
import { leastSize } from '../load/merge/index.ts';
import { connectionOptions, WORKFLOWS } from './agent.ts';
import { WORKER_OPTIONS } from './agent-host.ts';
import { type Piece, unloaded } from './cargo.ts';
import { dataConverter } from './codec.ts';
import { type Joining, notAttached, notBegun, unreachable } from './connection.ts';
import { type Heard, Hearing } from './hearing.ts';
import { openFor } from './open-for.ts';
import { decidedWithin } from './patience.ts';
import type { Temporal } from './peers.ts';
import {
  END,
  mostAgents,
  PIECE,
  PIECE_QUEUE,
  pieceId,
  poolQueue,
  type RunInput,
  type RunOutcome,
  SCHEDULE,
  type Schedule,
  WORKFLOW,
} from './protocol.ts';
import { readInput, readProgress } from './run-state.ts';
import { hashOf } from './seat.ts';

/** In milliseconds. Twice as often as agents tell anything, so that one that does not is noticed at once. */
const LOOK_EVERY = 500;
/** How long there may be no answer before that is said. */
const NOTICED = 1000;
/** How long the host of workflows may take to end, in milliseconds. */
const GONE_WITHIN = 5000;
/** How long a server may be away after a run should be over, in milliseconds. */
const AWAY_FOR = 60_000;

export interface ClientHost {
  /** Aborted to end the run; the reason is the name of the signal. */
  readonly signal: AbortSignal;
  /** Aborted when nobody waits any more, whatever becomes of it. */
  readonly abandon: AbortSignal;
  readonly onProgress: (heard: Heard) => void;
  /** The server does not answer. */
  readonly onAway: () => void;
}

export class ClusterRun {
  readonly id: string;
  readonly plan: LoadPlan;
  readonly agents: number;
  readonly #side: ClientSide;

  constructor(id: string, { plan, agents }: RunInput, side: ClientSide) {
    this.id = id;
    this.plan = plan;
    this.agents = agents;
    this.#side = side;
  }

  /** When it begins, and what time it is on the server. */
  schedule(): Promise<Schedule> {
    return this.#side.client.workflow.getHandle(this.id).executeUpdate<Schedule, []>(SCHEDULE);
  }

  /** Has it end as if it had come to its limit. */
  end(): void {
    const handle = this.#side.client.workflow.getHandle(this.id);
    void again(
      () => handle.signal(END),
      () => this.#isOver,
    );
  }

  #isOver = false;

  /** @returns what it came to; undefined if the server was away for too long, or nobody waits any more */
  async outcome(host: ClientHost): Promise<RunOutcome | undefined> {
    const { client } = this.#side;
    const handle = client.workflow.getHandle(this.id);
    const stop = (): void => {
      void again(
        () => handle.signal('stop', String(host.signal.reason)),
        () => this.#isOver,
      );
    };
    if (host.signal.aborted) stop();
    else host.signal.addEventListener('abort', stop, { once: true });
    let heardAt = performance.now();
    const hearing = new Hearing();
    const look = async (): Promise<void> => {
      while (!this.#isOver) {
        try {
          const progress = await readProgress(client, { workflowId: this.id });
          heardAt = performance.now();
          host.onProgress(await hearing.take(progress, Date.now()));
        } catch {
          if (performance.now() - heardAt > NOTICED) host.onAway();
        }
        await delay(LOOK_EVERY);
      }
    };
    void look();
    try {
      for (;;) {
        try {
          return await untilAborted(handle.result() as Promise<RunOutcome>, host.abandon);
        } catch (error) {
          if (isOwn(error)) return givenUp(error as Error);
          // `result` gives up after some seconds without a server, which may come back.
          if (performance.now() - heardAt > this.#patience) return undefined;
          await delay(LOOK_EVERY);
        }
      }
    } finally {
      this.#isOver = true;
      host.signal.removeEventListener('abort', stop);
    }
  }

  get #patience(): number {
    const { limit } = this.plan;
    return AWAY_FOR + (limit.type === 'duration' ? limit.duration : 0);
  }
}

/** Errors of the run itself; all others are of the way to the server. */
const isOwn = (error: unknown): boolean =>
  ['WorkflowFailedError', 'WorkflowNotFoundError', 'WorkflowContinuedAsNewError'].includes(
    (error as Error).name,
  );

/** A workflow that ends by itself always has a result. */
const givenUp = (error: Error): RunOutcome => ({
  type: 'given-up',
  why:
    error.name === 'WorkflowNotFoundError'
      ? 'the server does not know the run any more'
      : `the server has ended the run: ${causeOf(error)}`,
});

function causeOf({ message, cause }: Error): string {
  if (!(cause instanceof Error)) return message;
  return cause.name === 'TimeoutFailure' ? 'nobody was there to carry it out in time' : cause.message;
}

/** @param isOver whether nobody waits for it any more */
async function again(work: () => Promise<unknown>, isOver: () => boolean): Promise<void> {
  while (!isOver())
    try {
      await work();
      return;
    } catch (error) {
      if (isOwn(error)) return;
      await delay(LOOK_EVERY);
    }
}

/** A connection, and a host of workflows on it, so that a run has one even if all agents are gone. */
export class ClientSide {
  readonly client: Client;
  readonly #connection: Connection;
  readonly #native: NativeConnection;
  readonly #end: () => Promise<void>;

  private constructor(
    client: Client,
    connection: Connection,
    native: NativeConnection,
    end: () => Promise<void>,
  ) {
    this.client = client;
    this.#connection = connection;
    this.#native = native;
    this.#end = end;
  }

  static async open(temporal: Temporal, joining: Joining): Promise<Result<ClientSide, Diagnostic>> {
    const { Client, Connection } = temporal.client;
    const { NativeConnection, Worker } = temporal.worker;
    const { namespace, pool } = joining;
    let connection: Connection | undefined;
    let native: NativeConnection | undefined;
    try {
      connection = await Connection.connect({ ...connectionOptions(joining), connectTimeout: '5s' });
      native = await NativeConnection.connect(connectionOptions(joining));
      const worker = await Worker.create({
        ...{ connection: native, namespace, ...WORKER_OPTIONS },
        taskQueue: poolQueue(pool),
        workflowBundle: { codePath: WORKFLOWS },
        shutdownGraceTime: 0,
        shutdownForceTime: GONE_WITHIN,
      });
      const running = worker.run();
      running.catch(() => {});
      const end = async (): Promise<void> => {
        if (worker.getState() === 'RUNNING') worker.shutdown();
        await running.catch(() => {});
      };
      return ok(
        new ClientSide(new Client({ connection, namespace, dataConverter }), connection, native, end),
      );
    } catch (error) {
      await native?.close();
      await connection?.close();
      return err(unreachable(joining, error));
    }
  }

  async begin(
    plan: LoadPlan,
    {
      version,
      pool,
      agents,
      attendWithinMs,
    }: Pick<RunInput, 'version' | 'agents' | 'attendWithinMs'> & Pick<Joining, 'pool'>,
  ): Promise<Result<ClusterRun, Diagnostic>> {
    const many = tooMany(plan, agents);
    if (many !== undefined) return err(many);
    const cargo = await unloaded(plan);
    if (!cargo.ok) return cargo;
    const input: RunInput = {
      ...{ version, plan: cargo.value.plan, pieces: cargo.value.pieces.map(({ hash }) => hash) },
      ...{ planHash: hashOf(plan), agents, attendWithinMs },
    };
    const id = `shakedown-load-${randomUUID()}`;
    try {
      for (const piece of cargo.value.pieces) await this.#keep(piece);
      await this.client.workflow.start(WORKFLOW, {
        workflowId: id,
        taskQueue: poolQueue(pool),
        workflowExecutionTimeout: openFor(plan, attendWithinMs),
        workflowTaskTimeout: decidedWithin(agents),
        args: [input],
      });
    } catch (error) {
      return err(notBegun(error));
    }
    return ok(new ClusterRun(id, { ...input, plan }, this));
  }

  /** Has the server keep a piece, for as long as it keeps what is over. */
  async #keep({ hash, content }: Piece): Promise<void> {
    try {
      await this.client.workflow.start(PIECE, {
        workflowId: pieceId(hash),
        // What is there already, of this or another run, is the same.
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        taskQueue: PIECE_QUEUE,
        workflowExecutionTimeout: '1s',
        args: [content],
      });
    } catch (error) {
      if ((error as Error).name !== 'WorkflowExecutionAlreadyStartedError') throw error;
    }
  }

  async attach(id: string): Promise<Result<ClusterRun, Diagnostic>> {
    try {
      return ok(new ClusterRun(id, await readInput(this.client, { workflowId: id }), this));
    } catch (error) {
      return err(notAttached(id, error, 'shakedown load'));
    }
  }

  async close(): Promise<void> {
    await this.#end();
    await this.#connection.close();
    // It is not closed under a worker that did not end in time.
    await this.#native.close().catch(() => {});
  }
}

/** Why the server could not keep what so many agents tell, however short it is. */
function tooMany({ requests, scenario }: LoadPlan, agents: number): Diagnostic | undefined {
  const names = seriesOf(requests).names.length;
  const size = leastSize(scenario === null ? names : 2 * names);
  const most = mostAgents(size);
  if (agents <= most) return undefined;
  return {
    message: `${agents} agents are too many for a load with ${plural(names, 'name')}: their server takes what ${most} of them tell`,
    hint: 'fewer agents with more --workers each, or fewer names',
  };
}
