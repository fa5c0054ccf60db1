/** The load generator of one thread: holds the connections, sends by the load model, and counts. */
import type { LoadPlan } from '../../core/load.ts';
import { STANDSTILL } from './attention.ts';
import { recordedRequests } from './channel/make.ts';
import type { Connection } from './connection.ts';
import { makeNetwork, type Network } from './connections.ts';
import { Leaving } from './leaving.ts';
import { Iterations } from './measure/iterations.ts';
import { Recorder } from './measure/recorder.ts';
import type { Ended, GeneratorEvents, PreparationReport, WindowReport } from './reports.ts';
import type { Share } from './request/source.ts';
import { arrivals } from './schedule/arrivals.ts';
import { ClosedLoop, shareOf } from './schedule/closed.ts';
import { drainOf } from './schedule/drain.ts';
import { type Driver, IDLE, type Timeline } from './schedule/driver.ts';
import { FreeRing, FreeStack } from './schedule/free.ts';
import { OpenLoop, TIMER_LATENESS } from './schedule/open.ts';
import { timelineOf } from './schedule/timeline.ts';
import { LOGINS_AT_ONCE, Login } from './session/login.ts';

/** Interval for timeouts, ramps, windows and the end, in milliseconds. */
const TICK = 10;
export const WINDOW = 1000;
/** When to give up on a target that never accepted a connection, in milliseconds. */
const UNREACHABLE_AFTER = 1000;

export class Generator {
  readonly #plan: LoadPlan;
  readonly #share: Share;
  readonly #recorder: Recorder;
  readonly #network: Network;
  /** Of a target that is to leave. */
  readonly #leaving: Leaving | undefined;
  /** Null without users. */
  readonly #iterations: Iterations | null;
  readonly #events: GeneratorEvents;
  /** Until the load starts, as if it had when this was made. */
  #timeline: Timeline;
  #hasBegun = false;
  #driver: Driver = IDLE;
  #login: Login | undefined;
  #onReady: (isIn: number) => void = () => {};
  #toldIn = 0;
  #before: PreparationReport | null = null;
  #timer: NodeJS.Timeout | undefined;
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

  constructor(plan: LoadPlan, share: Share, events: GeneratorEvents) {
    const now = performance.now();
    this.#plan = plan;
    this.#share = share;
    this.#events = events;
    this.#timeline = timelineOf(plan, now, share);
    this.#recorder = new Recorder(
      { ...plan, requests: recordedRequests(plan) },
      ...([Number.NEGATIVE_INFINITY, now] as const),
    );
    this.#network = makeNetwork(plan, share, this.#recorder, (connection, at) =>
      this.#onFree(connection, at),
    );
    this.#leaving = plan.departure === undefined ? undefined : new Leaving(plan, share, this.#recorder);
    this.#iterations = plan.scenario === null ? null : new Iterations(this.#recorder);
    this.#windowFrom = now;
    this.#windowUntil = this.#windowEnd();
  }

  /**
   * Has the users prepared, if there are any to be.
   *
   * @param onReady called once they are, with how many of them: at once if there is nothing to prepare
   */
  prepare(onReady: (isIn: number) => void): void {
    const { crowd } = this.#network;
    if (crowd === null || !crowd.hasPreparation) {
      onReady(crowd?.users.length ?? 0);
      return;
    }
    const now = performance.now();
    const login = new Login(crowd.users, this.#recorder, shareOf(LOGINS_AT_ONCE, this.#share));
    crowd.conductor = login;
    this.#login = login;
    this.#driver = login;
    this.#onReady = onReady;
    this.#startTicking(now);
    login.start(now);
  }

  #considerStart(login: Login): void {
    if (login.isIn.size > this.#toldIn) {
      this.#toldIn = login.isIn.size;
      this.#events.onPreparing?.(this.#toldIn);
    }
    if (!login.isDone) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#endPreparation();
    this.#onReady(login.isIn.size);
  }

  /** @param startAt when the load starts, by this thread's `performance.now()` */
  start(startAt: number): void {
    if (this.#isStopping) return;
    this.#begin(startAt);
    const wait = startAt - performance.now() - TIMER_LATENESS;
    if (wait > 1) setTimeout(() => this.#start(), wait);
    // Deferred, so that the caller can still stop it before it starts.
    else setImmediate(() => this.#start());
  }

  #begin(startAt: number): void {
    const { crowd, connections, channels, pick } = this.#network;
    const { model, warmup, seed, scenario } = this.#plan;
    this.#timeline = timelineOf(this.#plan, startAt, this.#share);
    this.#hasBegun = true;
    this.#recorder.begin(this.#timeline.measureFrom, startAt);
    channels?.begin(this.#timeline);
    const { departureDueMs } = this.#plan;
    if (departureDueMs !== undefined)
      this.#leaving?.expect({ at: startAt + departureDueMs, due: this.#timeline.measureFrom - 1 });
    this.#windowFrom = startAt;
    this.#windowUntil = this.#windowEnd();
    const senders = crowd?.admit(this.#login?.isIn) ?? connections;
    const ledger = this.#iterations ?? this.#recorder;
    // Where nobody got in, nobody sends.
    const timeline = senders.length === 0 ? { ...this.#timeline, requests: 0 } : this.#timeline;
    const driver =
      model.type === 'closed'
        ? new ClosedLoop(
            { ...model, connections: scenario?.users ?? model.connections },
            ...([senders, timeline, ledger, this.#share] as const),
          )
        : new OpenLoop(
            ...([senders, timeline, ledger, arrivals(model, warmup, seed, this.#share), pick] as const),
            channels === null ? new FreeStack() : new FreeRing(),
          );
    this.#driver = driver;
    if (crowd === null) return;
    crowd.conductor = {
      onEnd: (user, now) => this.#iterations?.ended(user.since, user.isWell, now),
      onFree: (user, now) => driver.onFree(user, now),
    };
  }

  #start(): void {
    if (this.#isStopping) return;
    const now = performance.now();
    // A request sent before the start would not count.
    if (now < this.#timeline.startAt) {
      setImmediate(() => this.#start());
      return;
    }
    this.#startTicking(now);
    this.#driver.start(now);
  }

  #startTicking(now: number): void {
    this.#recorder.attention.begin(now);
    this.#timer = setInterval(() => this.#tick(), TICK);
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

  /** The target is about to be told to leave. @param onReady called with the requests in flight when it may be */
  leave(onReady: (inFlight: number) => void): void {
    if (this.#isStopping || this.#leaving === undefined) onReady(0);
    else this.#leaving.ask(this.#timeline.measureFrom - 1, performance.now(), onReady);
  }

  /** Sends nothing more, and waits for a moment for the requests in flight, as at its limit; no longer if it has stopped. */
  end(): void {
    const now = performance.now();
    const isStopping = this.#isStopping;
    if (!isStopping) this.#stop(now);
    this.#drainedAt = isStopping ? now : now + this.#drain;
    this.#considerEnd(now);
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
    const { crowd } = this.#network;
    if (crowd === null) this.#driver.onFree(connection, now);
    else crowd.onFree(connection, now);
    if (this.#driver.isDone && connection.inFlight === 0) this.#considerEnd(now);
  }

  #tick(): void {
    const now = performance.now();
    const { attention } = this.#recorder;
    const gap = attention.beat(now);
    this.#lag = Math.max(this.#lag, gap - TICK);
    // Nobody could give a sign meanwhile.
    if (gap > STANDSTILL) this.#recorder.lastSignAt += gap;
    // If this thread was delayed, responses may be waiting unread, so requests expire by the time of the last tick.
    const { lookedAt } = attention;
    const { connections, crowd } = this.#network;
    for (const connection of connections) connection.expire(lookedAt);
    this.#leaving?.tick(lookedAt, this.#sent());
    crowd?.tick(now);
    this.#driver.tick(now);
    if (this.#hasBegun && now >= this.#windowUntil) this.#cutWindow();
    if (this.#isUnreachable(now)) this.stop('unreachable');
    else if (this.#hasBegun) this.#considerEnd(now);
    else if (this.#login !== undefined) this.#considerStart(this.#login);
  }

  /** Whether all connections have been refused for longer than a restarting server would take. */
  #isUnreachable(now: number): boolean {
    const { refusals, lastingRefusals, lastSignAt } = this.#recorder;
    // It no longer matters once nothing more is sent.
    if (refusals === 0 || this.#isStopping || this.#recorder.departure?.mayRefuse === true) return false;
    if (this.#recorder.attention.isBehind(now)) return false;
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
    if (this.#timer === undefined || !this.#hasBegun) return;
    const { endAt } = this.#timeline;
    if (!this.#isStopping) {
      const isForsaken = this.#leaving?.isForsaken(this.#network.connections) === true;
      if (now < endAt && !this.#isAllAnswered() && !isForsaken) return;
      this.#stop(Math.min(now, endAt));
      // If this tick is late, responses that arrived in time are still unread, and due requests were only just sent.
      this.#drainedAt = isForsaken ? endAt : now + this.#drain;
    }
    // What came while this thread stood still is read first.
    const { attention } = this.#recorder;
    const isUnread = attention.isBehind(now) && attention.lookedAt < this.#drainedAt;
    if (this.#isSettled() || (now >= this.#drainedAt && !isUnread)) this.#finish(now);
  }

  /** Whether there is nothing to wait for: no answers, and no end of connections that are left alone. */
  #isSettled(): boolean {
    const leaving = this.#leaving;
    return leaving?.isForsaken(this.#network.connections) === true
      ? leaving.isIdleClosed
      : this.#inFlight() === 0;
  }

  get #drain(): number {
    return drainOf(this.#stoppedAt - this.#timeline.measureFrom);
  }

  /** An open loop with a time limit sends its last request a little before that, but the time remains the limit. */
  #isAllAnswered(): boolean {
    if (this.#plan.limit.type !== 'requests' || !this.#driver.isDone || this.#inFlight() > 0) return false;
    return this.#network.crowd === null || this.#network.crowd.busy === 0;
  }

  #inFlight(): number {
    return this.#driver.waiting + (this.#network.crowd?.waiting ?? 0) + this.#sent();
  }

  #sent(): number {
    let sum = 0;
    for (const { inFlight } of this.#network.connections) sum += inFlight;
    return sum;
  }

  #stop(at: number): void {
    this.#stoppedAt = at;
    this.#driver.stop(at);
    this.#network.crowd?.stop();
  }

  #finish(now: number): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    const utilization = performance.eventLoopUtilization(this.#busyAtStart);
    const { connections, crowd } = this.#network;
    this.#driver.finish(now);
    for (const connection of connections) connection.finish(now);
    crowd?.finish(now);
    if (this.#hasBegun) this.#cutLast(now);
    else this.#endPreparation();
    const { measureFrom } = this.#timeline;
    const durationMs = this.#hasBegun ? Math.max(0, this.#stoppedAt - measureFrom) : 0;
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
      slowPatterns: [...this.#recorder.slowPatterns, ...(crowd?.slowPatterns ?? [])],
      broken: crowd?.broken ?? null,
      before: this.#before,
      departure: this.#leaving?.finish(now),
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

  /** What was measured while users were prepared does not count as load. */
  #endPreparation(): void {
    const { measured, named } = this.#recorder;
    const login = this.#login;
    if (login === undefined || this.#before !== null) return;
    this.#before = {
      durationMs: performance.now() - this.#timeline.startAt,
      named: named.map((each) => each.snapshot()),
      failures: this.#recorder.takeFailures(),
      lockedOut: login.lockedOut,
    };
    measured.clear();
    for (const each of named) each.clear();
  }

  /** The last window, with the iterations that have not ended. */
  #cutLast(now: number): void {
    for (const { inFlight, since } of this.#network.crowd?.users ?? [])
      if (inFlight > 0) this.#iterations?.underWay(since, now);
    this.#cutWindow();
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
      grown: this.#recorder.grown,
      channel: this.#network.channels?.tally.snapshot() ?? null,
      iterations: this.#iterations?.[phase].snapshot() ?? null,
      inFlight: this.#inFlight(),
      maxLoopLagMs: this.#lag,
    };
    tally.clear();
    this.#network.channels?.tally.clear();
    for (const each of named) each.clear();
    this.#iterations?.[phase].clear();
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
