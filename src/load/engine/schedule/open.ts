import type { Connection } from '../connection.ts';
import type { Driver, Ledger, Timeline } from './driver.ts';
import type { Free } from './free.ts';
import { openAhead } from './open-ahead.ts';
import { LONGEST_QUEUE } from './queue.ts';

/** How late Node's timers may fire, in milliseconds: sleep ends this long before a due time. */
export const TIMER_LATENESS = 1.5;
/** Due times of requests never sent are rounded up to this many milliseconds, as a long run may drop millions. */
const DROPPED_WITHIN = 100;
/** How many due requests are sent before polling for responses again. */
const BURST = 32;

const hasRoom = ({ inFlight, capacity, notBefore }: Connection, now: number): boolean =>
  inFlight < capacity && notBefore <= now;

/**
 * An open loop: each request is sent when it is due, whatever happened to those before. If every connection is busy it
 * waits for one, and its response time still counts from when it was due.
 *
 * Node's timers are accurate to a millisecond. If the next request is due sooner, the loop spins instead of sleeping:
 * it keeps polling for responses and the time. That meets due times within microseconds at the cost of a core, which
 * the result reports separately from work.
 */
export class OpenLoop implements Driver {
  isDone = false;
  spunMs = 0;
  readonly #connections: readonly Connection[];
  readonly #timeline: Timeline;
  readonly #ledger: Ledger;
  readonly #next: () => number;
  readonly #pick: () => number;
  /** Connections with room. */
  readonly #free: Free;
  readonly #opensAhead: boolean;
  /** Connections that failed a moment ago and must wait. */
  readonly #resting = new Set<Connection>();
  /** A ring buffer of due times. */
  readonly #queue = new Float64Array(LONGEST_QUEUE);
  #queueFrom = 0;
  /** For each request of the mix, how many were never sent, by their rounded due time. */
  readonly #dropped = new Map<number, Map<number, number>>();
  waiting = 0;
  /** Infinite before the start: nothing is due. */
  nextDue = Number.POSITIVE_INFINITY;
  #left: number;
  #isStopped = false;
  #turnedAt = 0;
  #isTurning = false;

  constructor(
    connections: readonly Connection[],
    timeline: Timeline,
    ledger: Ledger,
    /** The next due time, in milliseconds from the start of the run. */
    next: () => number,
    /** Draws which request of the mix an arrival is that is not sent. */
    pick: () => number,
    free: Free,
  ) {
    this.#free = free;
    this.#opensAhead = connections.some((connection) => connection.openAhead !== undefined);
    this.#connections = connections;
    this.#timeline = timeline;
    this.#ledger = ledger;
    this.#next = next;
    this.#pick = pick;
    this.#left = timeline.requests;
  }

  start(now: number): void {
    for (const connection of this.#connections.toReversed()) this.onFree(connection, now);
    this.tick(now);
    this.#advance();
    this.#turn();
  }

  tick(now: number): void {
    if (this.#opensAhead && !this.#isStopped) openAhead(this.#connections, now);
    for (const connection of this.#resting) if (connection.notBefore <= now) this.#rested(connection, now);
  }

  onFree(connection: Connection, now: number): void {
    // This turn did work, so its time does not count as spinning.
    this.#isTurning = false;
    if (connection.notBefore > now) {
      this.#resting.add(connection);
      return;
    }
    while (this.waiting > 0 && hasRoom(connection, now)) connection.send(this.#shift());
    if (connection.inFlight >= connection.capacity || this.#free.has(connection)) return;
    this.#free.add(connection);
  }

  #rested(connection: Connection, now: number): void {
    this.#resting.delete(connection);
    this.onFree(connection, now);
  }

  stop(at: number): void {
    // Requests due by then are sent, even if late.
    while (!this.#isStopped && !this.isDone && this.nextDue < at) this.#sendNext();
    this.#isStopped = true;
  }

  #advance(): void {
    this.nextDue = this.#timeline.startAt + this.#next();
    this.isDone =
      this.nextDue >= this.#timeline.endAt || this.nextDue === Number.POSITIVE_INFINITY || this.#left <= 0;
  }

  readonly #turn = (): void => {
    if (this.#isStopped || this.isDone) return;
    const now = performance.now();
    if (this.#isTurning) this.spunMs += now - this.#turnedAt;
    this.#turnedAt = now;
    this.#isTurning = true;
    this.#sendDue(now);
    if (this.isDone) return;
    const wait = this.nextDue - now;
    if (wait > TIMER_LATENESS + 1) {
      this.#isTurning = false;
      setTimeout(this.#turn, Math.min(wait - TIMER_LATENESS, 1000));
    } else setImmediate(this.#turn);
  };

  #sendDue(now: number): void {
    for (let i = 0; i < BURST && this.nextDue <= now && !this.isDone; i += 1) {
      this.#isTurning = false;
      this.#sendNext();
    }
  }

  #sendNext(): void {
    this.#dispatch(this.nextDue, performance.now());
    if (this.#ledger.isMeasured(this.nextDue)) this.#left -= 1;
    this.#advance();
  }

  #dispatch(due: number, now: number): void {
    this.#ledger.scheduled(due, now);
    const connection = this.#usable(now);
    if (connection === undefined) {
      this.#wait(due);
      return;
    }
    connection.send(due);
    if (connection.inFlight >= connection.capacity) this.#free.drop();
    else this.#free.turn();
  }

  /** The next connection. One with several requests in flight may have failed or filled up since it was pushed. */
  #usable(now: number): Connection | undefined {
    for (;;) {
      const connection = this.#free.next;
      if (connection === undefined || hasRoom(connection, now)) return connection;
      this.#free.drop();
      if (connection.notBefore > now) this.#resting.add(connection);
    }
  }

  #wait(due: number): void {
    if (this.waiting === LONGEST_QUEUE) {
      this.#drop(due);
      return;
    }
    this.#queue[(this.#queueFrom + this.waiting) % LONGEST_QUEUE] = due;
    this.waiting += 1;
  }

  #drop(due: number): void {
    const index = this.#pick();
    this.#ledger.neverSent({ index, due });
    const until = Math.ceil(due / DROPPED_WITHIN) * DROPPED_WITHIN;
    const dropped = this.#dropped.get(index) ?? new Map<number, number>();
    this.#dropped.set(index, dropped.set(until, (dropped.get(until) ?? 0) + 1));
  }

  #shift(): number {
    const due = this.#queue[this.#queueFrom] as number;
    this.#queueFrom = (this.#queueFrom + 1) % LONGEST_QUEUE;
    this.waiting -= 1;
    return due;
  }

  finish(now: number): void {
    while (this.waiting > 0) this.#ledger.leftWaiting({ index: this.#pick(), due: this.#shift() }, now);
    for (const [index, dropped] of this.#dropped)
      for (const [due, count] of dropped)
        this.#ledger.stillWaiting({ index, due: Math.min(due, now) }, count, now);
  }
}
