/** An agent's part in one run: what the workflow asks of it, in that order, and what becomes of it if nobody asks any more. */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { LoadPlan } from '../core/load.ts';
import { measuredAtAbort, type PreparedShare, prepareShare } from '../load/index.ts';
import { fitted, type LoadReport, mergeReports } from '../load/merge/index.ts';
import { forbiddenIn } from './allowed-targets.ts';
import { sizeAtOnce as sizeOf } from './codec.ts';
import {
  type Driven,
  type DriveOrder,
  type Prepared,
  type PrepareOrder,
  type Preparing,
  ROOM_OF_OUTCOME,
  roomOf,
  type StopOrder,
} from './protocol.ts';
import { type RunId, readInput, readProgress } from './run-state.ts';

/** In milliseconds: how often an agent tells what it has measured, and looks at what all have. */
export const TELL_EVERY = 1000;
/** So many windows go with what an agent tells while it sends: the others have been told before. */
const LATEST = 10;

/** What an agent is, whatever it is asked. */
export interface AgentSelf {
  readonly version: string;
  readonly allowTargets: readonly string[];
}

export const hashOf = (plan: LoadPlan): string =>
  createHash('sha256').update(JSON.stringify(plan)).digest('hex');

/** In milliseconds since 1970. */
export const now = (): number => performance.timeOrigin + performance.now();

/** Tells something once a second until work is done, or the server wants no more of it: it has missed one, and asks again. */
async function meanwhile<T>(work: Promise<T>, { cancellationSignal }: Context, tell: () => void): Promise<T> {
  tell();
  const timer = setInterval(() => {
    if (cancellationSignal.aborted) clearInterval(timer);
    else tell();
  }, TELL_EVERY);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

export class Seat {
  readonly execution: RunId;
  readonly #self: AgentSelf;
  readonly #client: Client;
  #hasPart = false;
  #plan: LoadPlan | undefined;
  #preparing: Promise<Prepared> | undefined;
  #share: PreparedShare | undefined;
  #driving: Promise<LoadReport> | undefined;
  #leftBy: string | null = null;
  /** Of how many it is one. */
  #agents = 1;
  /** How far what it tells has to be shortened. */
  #shortened = 0;
  /** Stopped before it was prepared: then that goes for what it will be. */
  #stopped: StopOrder['reason'] | undefined;
  #isOver = false;
  #onOver: () => void = () => {};
  /** Once the run is over, for whatever reason. */
  readonly over: Promise<void>;

  constructor(execution: RunId, client: Client, self: AgentSelf) {
    this.execution = execution;
    this.#client = client;
    this.#self = self;
    this.over = new Promise((resolve) => {
      this.#onOver = resolve;
    });
  }

  /** Whether the run has given it a part, of which it waits to hear: until then another agent may take its place. */
  get isCountedOn(): boolean {
    return this.#hasPart && !this.#isOver;
  }

  get leftBy(): string | null {
    return this.#leftBy;
  }

  /** How its preparation goes, however often it is asked. */
  prepare(order: PrepareOrder, context: Context): Promise<Prepared> {
    this.#hasPart = true;
    const receivedAt = now();
    this.#preparing ??= this.#prepare(order, receivedAt, context.info.currentAttemptScheduledTimestampMs);
    return meanwhile(this.#preparing, context, () =>
      context.heartbeat({ forMs: now() - receivedAt } satisfies Preparing),
    );
  }

  async #prepare(order: PrepareOrder, receivedAt: number, scheduledAt: number): Promise<Prepared> {
    const { plan } = await readInput(this.#client, this.execution);
    const why = this.#whyNot(order, plan);
    if (why !== undefined) return { type: 'refused', why };
    this.#plan = plan;
    this.#agents = order.agents;
    const { version } = this.#self;
    const part = { part: order.seat, parts: order.agents };
    const share = await prepareShare(plan, part, { version });
    if (!share.ok) return { type: 'refused', why: share.error };
    this.#share = share.value;
    if (this.#stopped !== undefined) share.value.stop(this.#stopped);
    return { type: 'ready', isIn: share.value.isIn, clock: { scheduledAt, receivedAt, answeredAt: now() } };
  }

  #whyNot({ version, planHash }: PrepareOrder, plan: LoadPlan): string | undefined {
    if (version !== this.#self.version)
      return `it is of version ${this.#self.version}, the run of ${version}`;
    if (hashOf(plan) !== planHash) return 'the plan that it has been given is not the one that was sent';
    const forbidden = forbiddenIn(plan.target, this.#self.allowTargets);
    return forbidden === undefined
      ? undefined
      : `its operator does not allow load on ${forbidden}; start it with --allow-target '${forbidden}'`;
  }

  drive({ startAt }: DriveOrder, context: Context): Promise<Driven> {
    const share = this.#share;
    if (share === undefined || this.#isOver) throw new Error('it has prepared no part of this run');
    this.#driving ??= share.drive(startAt);
    return this.collect(context);
  }

  /** The end of what it drives, however often it is asked. */
  async collect(context: Context): Promise<Driven> {
    const driving = this.#driving;
    const share = this.#share;
    if (driving === undefined || share === undefined)
      throw new Error('it has not begun its part of this run');
    const { told, report: room } = roomOf(this.#agents);
    const tell = (): void => {
      const soFar = fitted(share.soFar(LATEST), told, { from: this.#shortened, sizeOf });
      // It grows, so that what does not fit now never will.
      this.#shortened = soFar.shortened;
      context.heartbeat(soFar);
    };
    return {
      report: fitted(await meanwhile(driving, context, tell), room, { sizeOf }),
      leftBy: this.#leftBy,
    };
  }

  async watch(context: Context): Promise<LoadReport | null> {
    const driving = this.#driving;
    const plan = this.#plan;
    if (driving === undefined || plan === undefined) throw new Error('it has not begun its part of this run');
    let hasEnded = false;
    const end = (): void => {
      hasEnded = true;
    };
    driving.then(end, end);
    for (;;) {
      await Promise.race([delay(TELL_EVERY), driving]);
      if (hasEnded) {
        // The others go on, and another one has to look.
        if (this.#leftBy !== null) throw new Error(`it left: ${this.#leftBy}`);
        return null;
      }
      context.heartbeat();
      const { telling } = await readProgress(this.#client, this.execution);
      const reports = await Promise.all(telling.map(({ read }) => read()));
      const merged = mergeReports(reports.filter((report) => report !== undefined));
      if (measuredAtAbort(plan, merged) !== undefined)
        return fitted(merged, ROOM_OF_OUTCOME.atAbort, { sizeOf });
    }
  }

  stop({ reason }: StopOrder): void {
    if (reason === 'limit' && this.#driving !== undefined) {
      this.#share?.end();
      return;
    }
    this.#stopped ??= reason;
    this.#share?.stop(reason);
  }

  /** The operator wants the agent back: what it has measured by now is all. */
  leave(signal: string): void {
    this.#leftBy ??= signal;
    this.stop({ reason: 'interrupted' });
  }

  /** Nobody will ask for it any more. */
  release(): void {
    this.#isOver = true;
    this.stop({ reason: 'interrupted' });
    this.#onOver();
  }
}
