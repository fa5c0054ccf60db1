/**
 * A server of Temporal with agents, as a workflow sees them, in virtual time: it takes the place of `@temporalio/workflow` in a test with
 * fake timers, from 0 on. It is told when an agent is killed or stands still, and when the server is away.
 */
import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/client';
import type { ActivityOptions } from '@temporalio/workflow';
import {
  type ClockLook,
  type Driven,
  NO_SEAT,
  type Prepared,
  type Preparing,
  type Seated,
  type StopOrder,
} from '../../src/distributed/protocol.ts';
import { type LoadReport, mergeReports } from '../../src/load/merge/index.ts';

/** In milliseconds: how fine its time is. */
const TICK = 10;
const TELL_EVERY = 1000;

/** From when on, and until when, in milliseconds. */
export type Span = readonly [number, number];

export interface AgentLife {
  /** When it is killed: its connections end as well. */
  readonly killedAt?: number;
  /** When its machine is gone: its connections stay open, and take five questions that nobody hears. */
  readonly goneAt?: number;
  /** While its process stands still, its connections take what they are given. */
  readonly stopped?: Span;
  /** When it is told to end. */
  readonly leavesAt?: number;
  /** When it gives up its seat, since the server does not seem to know that it has one. */
  readonly givesUpAt?: number;
  /** How long it prepares, and how long it sends. */
  readonly preparesFor?: number;
  readonly sendsFor?: number;
  /** How long ago it was asked when it takes what it is to prepare. */
  readonly takesAfter?: number;
  /** How far its clock is ahead of the server's. */
  readonly ahead?: number;
  /** After an absence of the server, how long it takes until it asks for work again, and until it is heard again. */
  readonly asksAgainAfter?: number;
  readonly isHeardAgainAfter?: number;
}

const isWithin = (now: number, [from, to]: Span): boolean => now >= from && now < to;

const reportOf = (part: number, of: number, durationMs: number): LoadReport => ({
  ...mergeReports([]),
  parts: [{ part, of, durationMs }] as unknown as LoadReport['parts'],
});

class VirtualAgent {
  readonly name: string;
  readonly #life: AgentLife;
  readonly #away: readonly Span[];
  #pollsLeft = 5;
  #preparedAt: number | undefined;
  /** When it was told to end. */
  #endedAt = Infinity;
  /** When it begins to send, by its clock. */
  startAt: number | undefined;

  constructor(name: string, life: AgentLife, away: readonly Span[]) {
    this.name = name;
    this.#life = life;
    this.#away = away;
  }

  /** Whether it has lost the server since it was away. */
  #isCutOff(now: number, again = 0): boolean {
    return this.#away.some(([from, to]) => isWithin(now, [from, to + again]));
  }

  /** Whether what is asked of it leaves the server. */
  takes(now: number): boolean {
    const { killedAt = Infinity, goneAt = Infinity, stopped = [0, 0], asksAgainAfter } = this.#life;
    if (now >= killedAt || this.#isCutOff(now, asksAgainAfter)) return false;
    if (now < goneAt && !isWithin(now, stopped)) return true;
    this.#pollsLeft -= 1;
    return this.#pollsLeft >= 0;
  }

  /** Whether it works, and reaches the server. */
  isHeard(now: number): boolean {
    const { killedAt = Infinity, goneAt = Infinity, stopped = [0, 0], isHeardAgainAfter } = this.#life;
    return (
      now < Math.min(killedAt, goneAt) && !isWithin(now, stopped) && !this.#isCutOff(now, isHeardAgainAfter)
    );
  }

  /** What it has by now for whoever asked. */
  answer(type: string, order: Order, now: number): unknown {
    const {
      preparesFor = 0,
      sendsFor = 10_000,
      leavesAt = Infinity,
      ahead = 0,
      takesAfter = 0,
      givesUpAt,
    } = this.#life;
    if (now >= (givesUpAt ?? Infinity)) {
      const cause = ApplicationFailure.nonRetryable('it has no seat in this run', NO_SEAT);
      throw new ActivityFailure('failed', type, undefined, 'NON_RETRYABLE_FAILURE', undefined, cause);
    }
    switch (type) {
      case 'prepare': {
        this.#preparedAt ??= now + preparesFor;
        if (now < this.#preparedAt) return undefined;
        const clock = { scheduledAt: now - takesAfter, receivedAt: now + ahead, answeredAt: now + ahead };
        return { type: 'ready', isIn: null, clock } satisfies Prepared;
      }
      case 'drive':
      case 'collect': {
        this.startAt ??= order.startAt ?? now;
        const end = Math.min(this.startAt - ahead + sendsFor, leavesAt, this.#endedAt);
        const leftBy = now >= leavesAt ? 'SIGTERM' : null;
        return now < end ? undefined : ({ report: this.soFar(order, now), leftBy } satisfies Driven);
      }
      case 'here':
        return { scheduledAt: now, receivedAt: now + ahead, answeredAt: now + ahead } satisfies ClockLook;
      case 'stop':
        this.#endedAt = now;
        return null;
      default:
        return null;
    }
  }

  soFar({ seat, agents }: Order, now: number): LoadReport {
    const { ahead = 0 } = this.#life;
    const sentFor = now + ahead - (this.startAt ?? now);
    return reportOf(seat, agents, Math.max(0, Math.floor(sentFor / TELL_EVERY) * TELL_EVERY));
  }
}

interface Order {
  readonly seat: number;
  readonly agents: number;
  readonly startAt?: number;
  readonly reason?: StopOrder['reason'];
}

export interface Asked {
  readonly type: string;
  readonly agent: string;
  readonly at: number;
}

/** Milliseconds; undefined: never. */
function msOf(duration: ActivityOptions['heartbeatTimeout']): number {
  if (duration === undefined) return Infinity;
  if (typeof duration === 'number') return duration;
  const [, count, unit] = /^(\d+)(s|d)$/.exec(duration) ?? [];
  return Number(count) * (unit === 's' ? 1000 : 86_400_000);
}

type TimeoutType = TimeoutFailure['timeoutType'];

function missed(type: string, told: unknown, timeout: TimeoutType): ActivityFailure {
  const cause = new TimeoutFailure(`activity ${timeout}`, told, timeout);
  return new ActivityFailure('failed', type, undefined, 'MAXIMUM_ATTEMPTS_REACHED', undefined, cause);
}

class VirtualScope {
  static current: VirtualScope | undefined;
  isCancelled = false;

  run<T>(work: () => T): T {
    VirtualScope.current = this;
    try {
      return work();
    } finally {
      VirtualScope.current = undefined;
    }
  }

  cancel(): void {
    this.isCancelled = true;
  }
}

export interface ServerLife {
  readonly away?: readonly Span[];
  /** While nobody decides what comes next: a host of the workflow is gone that was to do so. */
  readonly undecided?: Span;
  /** While it has no time to hand out a task, though its clocks go on. */
  readonly busy?: Span;
}

export class VirtualServer {
  readonly agents: readonly VirtualAgent[];
  /** All that was asked of agents. */
  readonly asked: Asked[] = [];
  readonly #away: readonly Span[];
  readonly #undecided: Span;
  readonly #busy: Span;
  readonly #handlers = new Map<string, (value: never) => unknown>();
  /** Who holds which seat. */
  readonly #seated = new Map<number, VirtualAgent>();
  /** The server refuses a second task with the name of one that it waits for: then the run stands still. */
  readonly #offers = new Set<string>();

  constructor(
    lives: readonly AgentLife[],
    { away = [], undecided = [0, 0], busy = [0, 0] }: ServerLife = {},
  ) {
    this.#away = away;
    this.#undecided = undecided;
    this.#busy = busy;
    this.agents = lives.map((life, index) => new VirtualAgent(`agent-${index}`, life, away));
  }

  get now(): number {
    return Date.now();
  }

  handle(signal: string, handler: (value: never) => unknown): void {
    this.#handlers.set(signal, handler);
  }

  /** What the run answers to an update. */
  update(name: string): unknown {
    return this.#handlers.get(name)?.(undefined as never);
  }

  signal(name: string, value: unknown): void {
    this.#handlers.get(name)?.(value as never);
  }

  /** Looks at each moment at which the server is there, until there is something to return. */
  until<T>(look: (now: number) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setInterval(() => {
        const { now } = this;
        if (this.#away.some((span) => isWithin(now, span))) return;
        const decide = (then: () => void): void => {
          clearInterval(timer);
          if (isWithin(now, this.#undecided)) setTimeout(then, this.#undecided[1] - now);
          else then();
        };
        try {
          const found = look(now);
          if (found !== undefined) decide(() => resolve(found));
        } catch (error) {
          decide(() => reject(error));
        }
      }, TICK);
    });
  }

  carryOut(type: string, order: unknown, options: ActivityOptions): Promise<unknown> {
    if (type === 'attend') return this.#attend(order as number, options);
    const agent = this.agents.find(({ name }) => name === options.taskQueue);
    if (agent === undefined) throw new Error(`${type} is asked of nobody`);
    const [seat = 0] = [...this.#seated].find(([, holder]) => holder === agent) ?? [];
    const whole = { ...(order as object), seat, agents: this.#seated.size };
    this.asked.push({ type, agent: agent.name, at: this.now });
    return this.#task(agent, type, whole, options);
  }

  /** The first agent that is free takes a seat, and holds it until the run is over or offers it to others; or misses its heartbeats. */
  async #attend(seat: number, { activityId = '', heartbeatTimeout }: ActivityOptions): Promise<never> {
    if (this.#offers.has(activityId)) return await new Promise(() => {});
    this.#offers.add(activityId);
    const scope = VirtualScope.current;
    const isFree = (agent: VirtualAgent): boolean => ![...this.#seated.values()].includes(agent);
    const agent = await this.until((now) =>
      scope?.isCancelled === true ? 'cancelled' : this.agents.find((each) => isFree(each) && each.takes(now)),
    );
    if (agent === 'cancelled') throw new CancelledFailure(agent);
    const { name } = agent;
    this.#seated.set(seat, agent);
    this.signal('seated', { seat, queue: name, version: '1.0.0', name, cores: 1 } satisfies Seated);
    let heardAt = this.now;
    return await this.until<never>((now) => {
      if (scope?.isCancelled === true) throw new CancelledFailure('cancelled');
      if (agent.isHeard(now)) heardAt = now;
      if (now - heardAt < msOf(heartbeatTimeout)) return undefined;
      this.#offers.delete(activityId);
      throw missed('attend', undefined, 'HEARTBEAT');
    });
  }

  #task(agent: VirtualAgent, type: string, order: Order, options: ActivityOptions): Promise<unknown> {
    const scheduledAt = this.now;
    const toStart = msOf(options.scheduleToStartTimeout);
    const toClose = msOf(options.scheduleToCloseTimeout);
    const silence = msOf(options.heartbeatTimeout);
    let isTaken = false;
    let heardAt = 0;
    let takenAt = 0;
    let told: LoadReport | Preparing | undefined;
    const failed = (timeout: TimeoutType): ActivityFailure => missed(type, told, timeout);
    return this.until((now) => {
      if (now - scheduledAt >= toClose) throw failed('SCHEDULE_TO_CLOSE');
      if (!isTaken) {
        if (now - scheduledAt >= toStart) throw failed('SCHEDULE_TO_START');
        isTaken = !isWithin(now, this.#busy) && agent.takes(now);
        takenAt = heardAt = now;
        return undefined;
      }
      if (agent.isHeard(now)) {
        const answer = agent.answer(type, order, now);
        if (answer !== undefined) return { answer };
        if (told === undefined || now - heardAt >= TELL_EVERY) {
          heardAt = now;
          told = type === 'prepare' ? { forMs: now - takenAt } : agent.soFar(order, now);
        }
      }
      if (now - heardAt >= silence) throw failed('HEARTBEAT');
      return undefined;
    }).then(({ answer }) => answer);
  }
}

/** What replaces the functions of `@temporalio/workflow`. */
export function workflowOn(server: () => VirtualServer) {
  return {
    defineSignal: (name: string) => ({ name }),
    defineUpdate: (name: string) => ({ name }),
    setHandler: ({ name }: { readonly name: string }, handler: (value: never) => unknown) =>
      server().handle(name, handler),
    proxyActivities: (options: ActivityOptions) =>
      new Proxy(
        {},
        { get: (_, type: string) => (order: unknown) => server().carryOut(type, order, options) },
      ),
    condition: (holds: () => boolean, within = Infinity) => {
      const until = server().now + within;
      return holds()
        ? Promise.resolve(true)
        : server().until((now) => (holds() ? true : now >= until ? false : undefined));
    },
    isCancellation: (error: unknown) => error instanceof CancelledFailure,
    CancellationScope: VirtualScope,
  };
}
