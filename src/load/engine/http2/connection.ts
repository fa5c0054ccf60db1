/**
 * An HTTP/2 connection that reconnects when it ends, with several concurrent requests, each on its own stream.
 *
 * Requests wait here until the server's SETTINGS announce its limit of streams, and while that is reached. They are
 * sent, and their service time starts, once they have a stream.
 *
 * A request that the server says it did not process (a stream above the last one of a GOAWAY, or REFUSED_STREAM) has
 * not failed: it returns to the head of the queue with its due time, and is resent. This ends: a request fails if it
 * comes back several times from connections that answer nothing, and times out counting from when it was first sent.
 */
import type { Connection, OnFree } from '../connection.ts';
import type { Http2Wire } from '../request/encode.ts';
import type { Prepared, RequestSource } from '../request/source.ts';
import type { Sender } from '../sender.ts';
import { backoff } from '../socket.ts';
import { Exchange } from './exchange.ts';
import { type Reason, Session, type SessionContext, type SessionOwner } from './session.ts';

/** Shared by all connections of a thread. */
export interface Http2Context extends SessionContext {
  readonly source: RequestSource<Http2Wire>;
  /** Concurrent streams. */
  readonly pipelining: number;
  /** In milliseconds. */
  readonly timeouts: { readonly connect: number; readonly response: number };
  readonly onFree: OnFree;
}

/** How often a request may come back from connections that answer nothing before it fails. */
const MOST_REFUSALS_IN_VAIN = 5;

export class Http2Connection implements Connection<Http2Wire>, SessionOwner {
  inFlight = 0;
  notBefore = 0;
  readonly #context: Http2Context;
  /** Requests without a stream, the next one first. */
  #waiting: Exchange[] = [];
  #session: Session | undefined;
  /** When that was begun. */
  #begunAt = 0;
  /** Earlier sessions that still have requests in flight. */
  readonly #former = new Set<Session>();
  /** The server's last announced limit of streams. */
  #announced = Number.POSITIVE_INFINITY;
  #failuresInRow = 0;
  /** How many sessions in a row returned requests and answered none. */
  #sessionsInVain = 0;
  #isFinished = false;
  /** Whether streams are opened at the end of this turn. */
  #isToOpen = false;

  constructor(context: Http2Context) {
    this.#context = context;
  }

  get capacity(): number {
    // By RFC 9113 a limit of 0 is temporary: the later one is unknown.
    return Math.min(this.#context.pipelining, this.#announced || Number.POSITIVE_INFINITY);
  }

  get isConnecting(): boolean {
    return this.#session?.isReady === false;
  }

  /** Whether it is established, and the server has not said that it closes it. */
  get isOpen(): boolean {
    return this.#session?.isReady === true && !this.#session.isRetired;
  }

  send(due: number, prepared?: Prepared<Http2Wire>, sender?: Sender): void {
    const { source, recorder } = this.#context;
    const now = performance.now();
    const request = prepared ?? source.next();
    this.#waiting.push(new Exchange(request, due, now, recorder.nextIsChecked(), sender));
    this.inFlight += 1;
    this.#goOn(now);
  }

  expire(now: number): void {
    if (this.inFlight === 0) return;
    for (const session of this.#former) this.#expireSent(session, now);
    if (this.#session !== undefined) this.#expireSent(this.#session, now);
    this.#expireConnecting(now);
    this.#expireWaiting(now);
    this.#goOn(now);
  }

  finish(now: number): void {
    this.#isFinished = true;
    for (const session of this.#sessions()) {
      for (const exchange of session.inFlight) this.#context.recorder.inFlightAtEnd(exchange, now);
      session.destroy();
    }
    for (const exchange of this.#waiting) this.#context.recorder.inFlightAtEnd(exchange, now);
    this.#waiting = [];
    this.#former.clear();
    this.#session = undefined;
    this.inFlight = 0;
  }

  onSettings(session: Session): void {
    this.#announced = session.announced;
    const now = performance.now();
    // A server that accepts connections but refuses all requests counts as unreachable.
    if (this.#sessionsInVain === 0) this.#context.recorder.connected(now, this.#begunAt);
    this.#goOn(now);
    this.#context.onFree(this, now);
  }

  onAnswered(_session: Session, exchange: Exchange): void {
    const now = performance.now();
    this.inFlight -= 1;
    this.#failuresInRow = 0;
    if (this.#sessionsInVain > 0) this.#context.recorder.connected(now, this.#begunAt);
    this.#sessionsInVain = 0;
    this.#context.recorder.responded(exchange, exchange, now);
    this.#goOn(now);
    this.#context.onFree(this, now);
  }

  onUnprocessed(session: Session, exchanges: readonly Exchange[]): void {
    const now = performance.now();
    for (const exchange of exchanges) exchange.comeBack(session);
    this.#waiting = [...exchanges, ...this.#waiting];
    if (session.isRetired && this.#leave(session) && session.answered === 0 && session.isEmpty)
      this.#wasInVain(session, now);
    this.#goOn(now);
  }

  #refusedForGood(exchange: Exchange): void {
    this.inFlight -= 1;
    const message = `was not processed: the server refused it ${exchange.refusals} times`;
    this.#context.recorder.failed(exchange, 'cut-off', message);
    this.#context.recorder.refused('connect');
  }

  onBroken(_session: Session, exchange: Exchange, { kind, message }: Reason): void {
    const now = performance.now();
    this.inFlight -= 1;
    this.#context.recorder.failed(exchange, kind, message, exchange.evidence);
    this.#goOn(now);
    this.#context.onFree(this, now);
  }

  onEnded(session: Session, lost: readonly Exchange[], reason: Reason): void {
    const { recorder } = this.#context;
    const now = performance.now();
    const { kind, message } = reason;
    for (const exchange of lost)
      recorder.failed(
        exchange,
        kind,
        kind === 'cut-off' && exchange.hasHead ? `${message} in the middle of the response` : message,
        exchange.evidence,
      );
    this.inFlight -= lost.length;
    this.#former.delete(session);
    if (!session.isReady) this.#notConnected(reason, now);
    else if (this.#leave(session)) {
      const isInVain = session.answered === 0;
      if (isInVain && lost.length > 0) recorder.refused('connect');
      if (isInVain && this.#waiting.length + lost.length > 0) this.#wasInVain(session, now);
      else if (lost.length > 0) this.#rest(now);
    }
    this.#goOn(now);
    this.#context.onFree(this, now);
  }

  *#sessions(): Iterable<Session> {
    yield* this.#former;
    if (this.#session !== undefined) yield this.#session;
  }

  /** Sends waiting requests as far as there is room, and connects if necessary. */
  #goOn(now: number): void {
    if (this.#isFinished || this.#waiting.length === 0) return;
    if (this.#session === undefined) {
      if (now < this.notBefore) return;
      this.#begunAt = now;
      this.#session = new Session(this.#context, this);
      return;
    }
    if (!this.#context.recorder.attention.isBehind(now)) this.#openStreams();
    else if (!this.#isToOpen) {
      // After a pause it may have ended, and nobody has read that yet.
      this.#isToOpen = true;
      setImmediate(() => {
        this.#isToOpen = false;
        this.#openStreams();
      });
    }
  }

  #openStreams(): void {
    while (this.#session?.hasRoom === true) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#session.send(next);
    }
  }

  /**
   * Stops opening streams on this session.
   *
   * @returns whether it was the current one
   */
  #leave(session: Session): boolean {
    if (this.#session !== session) return false;
    this.#session = undefined;
    if (!session.isEmpty) this.#former.add(session);
    return true;
  }

  /** A session got requests, answered none, and has none left in flight. */
  #wasInVain(session: Session, now: number): void {
    this.#sessionsInVain += 1;
    this.#rest(now);
    for (const exchange of this.#waiting) if (exchange.refusedBy === session) exchange.refusalsInVain += 1;
    const lost = this.#waiting.filter(({ refusalsInVain }) => refusalsInVain >= MOST_REFUSALS_IN_VAIN);
    if (lost.length === 0) return;
    this.#waiting = this.#waiting.filter((exchange) => !lost.includes(exchange));
    for (const exchange of lost) this.#refusedForGood(exchange);
    this.#context.onFree(this, now);
  }

  /** Reconnects at once after a single failure, and later and later after several in a row. */
  #rest(now: number): void {
    const hasLeft = this.#context.recorder.departure?.hasRefused === true;
    this.notBefore = hasLeft ? Number.POSITIVE_INFINITY : now + backoff(this.#failuresInRow);
    this.#failuresInRow += 1;
  }

  /** Requests that wait for a connection fail with it. */
  #notConnected({ kind, message }: Reason, now: number): void {
    const { recorder } = this.#context;
    this.#session = undefined;
    if (kind !== 'cut-off' && kind !== 'check') recorder.refused(kind);
    for (const exchange of this.#takeWaiting()) recorder.failed(exchange, kind, message);
    this.#rest(now);
  }

  #takeWaiting(): Exchange[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.inFlight -= waiting.length;
    return waiting;
  }

  #expireConnecting(now: number): void {
    const session = this.#session;
    const { connect } = this.#context.timeouts;
    if (session === undefined || session.isReady || now - session.openedAt <= connect) return;
    const why = session.isConnected ? ': the server sent no SETTINGS' : '';
    session.destroy();
    this.#session = undefined;
    for (const exchange of this.#takeWaiting())
      this.#context.recorder.timedOut(exchange, `was not connected within ${connect} ms${why}`, now);
    this.#rest(now);
    this.#context.onFree(this, now);
  }

  /** Cancels requests that timed out, one by one; if nothing makes progress, sends no more on this session. */
  #expireSent(session: Session, now: number): void {
    const { response } = this.#context.timeouts;
    const message = `had no answer within ${response} ms`;
    let hasExpired = false;
    let isSilent = false;
    for (const exchange of session.inFlight) {
      if (!(now - exchange.sent > response)) break;
      hasExpired = true;
      isSilent ||= session.isSilentSince(exchange);
      session.reset(exchange);
      this.inFlight -= 1;
      this.#context.recorder.timedOut(exchange, message, now);
    }
    if (!hasExpired) return;
    if (isSilent && this.#leave(session)) this.#rest(now);
    if (isSilent) session.retire();
    this.#context.onFree(this, now);
  }

  #expireWaiting(now: number): void {
    const { connect, response } = this.#context.timeouts;
    let expired = 0;
    for (const exchange of this.#waiting) {
      const wasSent = !Number.isNaN(exchange.firstSent);
      const patience = wasSent ? response : connect + response;
      if (now - (wasSent ? exchange.firstSent : exchange.queued) <= patience) break;
      expired += 1;
      const message = wasSent
        ? `had no answer within ${response} ms: the server refused it ${exchange.refusals} times`
        : `was not sent within ${patience} ms: the server took no more streams`;
      this.#context.recorder.timedOut(exchange, message, now);
    }
    if (expired === 0) return;
    this.#waiting.splice(0, expired);
    this.inFlight -= expired;
    this.#context.onFree(this, now);
  }
}
