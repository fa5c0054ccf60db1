/** The load generator of one thread: holds the connections, sends by the load model, and counts. */
import type { LoadFailure, LoadPlan } from '../../core/load.ts';
import type { Connection, OnFree } from './connection.ts';
import { Http1Connection, type Http1Context } from './http1/connection.ts';
import { KnownHead } from './http1/known-head.ts';
import { Outbox } from './http1/outbox.ts';
import { Http2Connection, type Http2Context } from './http2/connection.ts';
import { Recorder } from './measure/recorder.ts';
import type { TallySnapshot } from './measure/tally.ts';
import { encodeHttp1, encodeHttp2 } from './request/encode.ts';
import { RequestSource, type Share } from './request/source.ts';
import { arrivals } from './schedule/arrivals.ts';
import { ClosedLoop, shareOf } from './schedule/closed.ts';
import { drainOf } from './schedule/drain.ts';
import type { Driver, Timeline } from './schedule/driver.ts';
import { OpenLoop, TIMER_LATENESS } from './schedule/open.ts';
import { connector } from './socket.ts';

/** Interval for timeouts, ramps, windows and the end, in milliseconds. */
const TICK = 10;
export const WINDOW = 1000;
const READ_BUFFER = 64 * 1024;
/** When to give up on a target that never accepted a connection, in milliseconds. */
const UNREACHABLE_AFTER = 1000;

/** One window of one thread. */
export interface WindowReport {
  /** From 0; the same number covers the same time in all threads. */
  readonly number: number;
  readonly atMs: number;
  readonly durationMs: number;
  readonly phase: 'warmup' | 'measured';
  /** Without what is in `named`. */
  readonly tally: TallySnapshot;
  /** By the place of the name; empty with a single name, and for the warm-up. */
  readonly named: readonly TallySnapshot[];
  readonly inFlight: number;
  readonly maxLoopLagMs: number;
}

export type Ended = 'limit' | 'interrupted' | 'aborted' | 'unreachable';

/** The last report of a thread. */
export interface FinalReport {
  readonly ended: Ended;
  readonly durationMs: number;
  readonly failures: readonly LoadFailure[];
  /** Milliseconds of measured time that it was awake, and those of them that it spun until the next due time. */
  readonly activeMs: number;
  readonly spunMs: number;
  /** Milliseconds over which its requests were due; in a closed loop, the measured time. */
  readonly offeredMs: number;
  /** Requests of the warm-up without a response at the end. */
  readonly leftOfWarmup: number;
  /** Whether a response was counted that arrived after the drain time. */
  readonly isOvertime: boolean;
  /** Patterns of checks that were given up for taking too long. */
  readonly slowPatterns: readonly string[];
}

export interface GeneratorEvents {
  readonly onWindow: (report: WindowReport) => void;
  readonly onEnd: (report: FinalReport) => void;
}

/** @param startAt when the run starts, by this thread's `performance.now()` */
function timelineOf(plan: LoadPlan, startAt: number, share: Share): Timeline {
  const measureFrom = startAt + plan.warmup;
  const { limit } = plan;
  return limit.type === 'duration'
    ? { startAt, measureFrom, endAt: measureFrom + limit.duration, requests: Number.POSITIVE_INFINITY }
    : {
        startAt,
        measureFrom,
        endAt: Number.POSITIVE_INFINITY,
        requests: shareOf(limit.requests, share),
      };
}

export class Generator {
  readonly #plan: LoadPlan;
  readonly #timeline: Timeline;
  readonly #recorder: Recorder;
  readonly #connections: readonly Connection[];
  readonly #driver: Driver;
  readonly #events: GeneratorEvents;
  #timer: NodeJS.Timeout | undefined;
  #tickedAt = 0;
  #lag = 0;
  #window = 0;
  #windowFrom: number;
  #windowUntil: number;
  #stoppedAt = Number.NaN;
  /** When to stop waiting for the requests in flight at the end. */
  #drainedAt = Number.NaN;
  #ended: Ended = 'limit';
  #busyAtStart = performance.eventLoopUtilization();
  #spunAtStart = 0;

  constructor(plan: LoadPlan, share: Share, startAt: number, events: GeneratorEvents) {
    this.#plan = plan;
    this.#events = events;
    this.#timeline = timelineOf(plan, startAt, share);
    const { measureFrom } = this.#timeline;
    this.#recorder = new Recorder(plan, measureFrom, startAt);
    const { connections, pick } = this.#makeConnections(share);
    this.#connections = connections;
    this.#driver = this.#makeDriver(share, pick);
    this.#windowFrom = startAt;
    this.#windowUntil = this.#windowEnd();
  }

  /** @returns with what draws the requests that are not sent */
  #makeConnections(share: Share): { connections: readonly Connection[]; pick: () => number } {
    const plan = this.#plan;
    const readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER);
    const onFree: OnFree = (connection, now) => this.#onFree(connection, now);
    const url = new URL(plan.target.url);
    const count = shareOf(plan.model.connections, share);
    const shared = {
      recorder: this.#recorder,
      readyEvent: url.protocol === 'https:' ? 'secureConnect' : 'connect',
      readBuffer,
      pipelining: plan.pipelining,
      timeouts: plan.timeouts,
      onFree,
    } as const;
    if (plan.protocol === 'http2') {
      const context: Http2Context = {
        ...shared,
        source: new RequestSource(plan, share, encodeHttp2(url)),
        connect: connector(plan, readBuffer, 'h2'),
      };
      const connections = Array.from({ length: count }, () => new Http2Connection(context));
      return { connections, pick: () => context.source.pick() };
    }
    const context: Http1Context = {
      ...shared,
      source: new RequestSource(plan, share, encodeHttp1(url, plan.keepAlive)),
      connect: connector(plan, readBuffer, 'http/1.1'),
      knownHead: new KnownHead(readBuffer),
      outbox: new Outbox(),
    };
    const connections = Array.from({ length: count }, () => new Http1Connection(context));
    return { connections, pick: () => context.source.pick() };
  }

  #makeDriver(share: Share, pick: () => number): Driver {
    const { model, warmup, seed } = this.#plan;
    if (model.type === 'closed')
      return new ClosedLoop(model, this.#connections, this.#timeline, this.#recorder, share);
    const next = arrivals(model, warmup, seed, share);
    return new OpenLoop(this.#connections, this.#timeline, this.#recorder, next, pick);
  }

  start(): void {
    const wait = this.#timeline.startAt - performance.now() - TIMER_LATENESS;
    if (wait > 1) setTimeout(() => this.#start(), wait);
    // Deferred, so that the caller can still stop it before it starts.
    else setImmediate(() => this.#start());
  }

  #start(): void {
    if (this.#isStopping) return;
    const now = performance.now();
    // A request sent before the start would not count.
    if (now < this.#timeline.startAt) {
      setImmediate(() => this.#start());
      return;
    }
    this.#tickedAt = now;
    this.#timer = setInterval(() => this.#tick(), TICK);
    this.#driver.start(now);
  }

  /** Ends the run early, even before its start or while draining; does not wait for requests in flight. */
  stop(reason: Ended): void {
    if (this.#isOver) return;
    const now = performance.now();
    if (!this.#isStopping) {
      this.#ended = reason;
      this.#stop(now);
    }
    this.#finish(now);
  }

  /** Nothing more is sent; responses may still arrive. */
  get #isStopping(): boolean {
    return !Number.isNaN(this.#stoppedAt);
  }

  get #isOver(): boolean {
    return this.#isStopping && this.#timer === undefined;
  }

  #onFree(connection: Connection, now: number): void {
    if (this.#isUnreachable(now)) {
      this.stop('unreachable');
      return;
    }
    this.#driver.onFree(connection, now);
    if (this.#driver.isDone && connection.inFlight === 0) this.#considerEnd(now);
  }

  #tick(): void {
    const now = performance.now();
    const lookedAt = this.#tickedAt;
    this.#lag = Math.max(this.#lag, now - lookedAt - TICK);
    this.#tickedAt = now;
    // If this thread was delayed, responses may be waiting unread, so requests expire by the time of the last tick.
    for (const connection of this.#connections) connection.expire(lookedAt);
    this.#driver.tick(now);
    if (now >= this.#windowUntil) this.#cutWindow();
    if (this.#isUnreachable(now)) this.stop('unreachable');
    else this.#considerEnd(now);
  }

  /** Whether all connections have been refused for longer than a restarting server would take. */
  #isUnreachable(now: number): boolean {
    const { refusals, lastingRefusals, lastSignAt } = this.#recorder;
    // It no longer matters once nothing more is sent.
    if (refusals === 0 || this.#isStopping) return false;
    const { connect } = this.#plan.timeouts;
    // A server may come up in a moment, but its certificate and protocol will not change.
    if (lastingRefusals > 0 && !this.#hadSign) return true;
    const patience = this.#hadSign ? connect : Math.min(connect, UNREACHABLE_AFTER);
    return now - lastSignAt >= patience;
  }

  get #hadSign(): boolean {
    return this.#recorder.lastSignAt > this.#timeline.startAt;
  }

  #considerEnd(now: number): void {
    if (this.#timer === undefined) return;
    const { endAt } = this.#timeline;
    if (!this.#isStopping) {
      if (now < endAt && !this.#isAllAnswered()) return;
      this.#stop(Math.min(now, endAt));
      // If this tick is late, responses that arrived in time are still unread, and due requests were only just sent.
      this.#drainedAt = now + this.#drain;
    }
    if (this.#inFlight() === 0 || now >= this.#drainedAt) this.#finish(now);
  }

  get #drain(): number {
    return drainOf(this.#stoppedAt - this.#timeline.measureFrom);
  }

  /** An open loop with a time limit sends its last request a little before that, but the time remains the limit. */
  #isAllAnswered(): boolean {
    return this.#plan.limit.type === 'requests' && this.#driver.isDone && this.#inFlight() === 0;
  }

  #inFlight(): number {
    let sum = this.#driver.waiting;
    for (const { inFlight } of this.#connections) sum += inFlight;
    return sum;
  }

  #stop(at: number): void {
    this.#stoppedAt = at;
    this.#driver.stop(at);
  }

  #finish(now: number): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    const utilization = performance.eventLoopUtilization(this.#busyAtStart);
    this.#driver.finish(now);
    for (const connection of this.#connections) connection.finish(now);
    this.#cutWindow();
    const { measureFrom } = this.#timeline;
    const durationMs = Math.max(0, this.#stoppedAt - measureFrom);
    const isAllSent = this.#plan.limit.type === 'requests' && this.#driver.isDone;
    const dueMs = this.#driver.nextDue - measureFrom;
    this.#events.onEnd({
      ended: this.#ended,
      durationMs,
      failures: this.#recorder.failures,
      activeMs: utilization.active,
      spunMs: this.#driver.spunMs - this.#spunAtStart,
      offeredMs: isAllSent && Number.isFinite(dueMs) ? dueMs : durationMs,
      leftOfWarmup: this.#recorder.warmup.inFlightAtEnd,
      slowPatterns: this.#recorder.slowPatterns,
      isOvertime:
        this.#plan.limit.type === 'duration' && this.#recorder.lastSignAt > this.#stoppedAt + this.#drain,
    });
  }

  /** Windows end at whole seconds and where the warm-up ends; the last ends with the run. */
  #windowEnd(): number {
    const end = this.#windowFrom + WINDOW;
    const { measureFrom, endAt } = this.#timeline;
    if (this.#windowFrom < measureFrom) return Math.min(end, measureFrom);
    return end >= endAt ? Number.POSITIVE_INFINITY : end;
  }

  /** Closes the window before reporting it, since the listener may end the run. */
  #cutWindow(): void {
    const { startAt, measureFrom } = this.#timeline;
    const phase = this.#windowFrom < measureFrom ? 'warmup' : 'measured';
    const tally = phase === 'warmup' ? this.#recorder.warmup : this.#recorder.measured;
    const named = phase === 'warmup' ? [] : this.#recorder.named;
    const isLast = this.#timer === undefined;
    const until = isLast ? Math.max(this.#windowFrom, this.#stoppedAt) : this.#windowUntil;
    const report: WindowReport = {
      number: this.#window,
      atMs: this.#windowFrom - startAt,
      durationMs: until - this.#windowFrom,
      phase,
      tally: tally.snapshot(),
      named: named.map((each) => each.snapshot()),
      inFlight: this.#inFlight(),
      maxLoopLagMs: this.#lag,
    };
    tally.clear();
    for (const each of named) each.clear();
    this.#window += 1;
    this.#lag = 0;
    this.#windowFrom = until;
    this.#windowUntil = this.#windowEnd();
    if (phase === 'warmup' && until >= measureFrom) {
      this.#busyAtStart = performance.eventLoopUtilization();
      this.#spunAtStart = this.#driver.spunMs;
    }
    // Last, as the listener may end the run at once, which cuts the next window.
    this.#events.onWindow(report);
  }
}
