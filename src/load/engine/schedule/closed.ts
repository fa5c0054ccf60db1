import type { LoadModel } from '../../../core/load.ts';
import type { Connection } from '../connection.ts';
import type { Share } from '../request/source.ts';
import type { Driver, Ledger, Timeline } from './driver.ts';
import { CONNECTING_AT_ONCE, countConnecting } from './open-ahead.ts';
import { Levels, withWarmup } from './stages.ts';

/** One thread's part of a whole that is dealt out in turn; the parts add up to the whole. */
export function shareOf(whole: number, { worker, workers }: Share): number {
  return Math.floor((whole + workers - 1 - worker) / workers);
}

/** A closed loop: each connection sends its next request once the last one is answered. */
export class ClosedLoop implements Driver {
  readonly spunMs = 0;
  readonly waiting = 0;
  readonly nextDue = Number.NaN;
  readonly #connections: readonly Connection[];
  readonly #timeline: Timeline;
  readonly #share: Share;
  readonly #ledger: Ledger;
  readonly #levels: Levels;
  readonly #places: ReadonlyMap<Connection, number>;
  #left: number;
  #isStopped = false;
  /** How many connections are in use. */
  #active = 0;

  constructor(
    model: Extract<LoadModel, { type: 'closed' }>,
    connections: readonly Connection[],
    timeline: Timeline,
    ledger: Ledger,
    share: Share,
  ) {
    this.#connections = connections;
    this.#ledger = ledger;
    this.#places = new Map(connections.map((connection, index) => [connection, index]));
    this.#timeline = timeline;
    this.#share = share;
    this.#left = timeline.requests;
    const warmup = timeline.measureFrom - timeline.startAt;
    this.#levels = new Levels(withWarmup(model.stages, model.connections, warmup));
  }

  get isDone(): boolean {
    return this.#left <= 0;
  }

  start(now: number): void {
    this.tick(now);
  }

  /** Starts connections that should not be idle: at the start, in a ramp, and after failures. */
  tick(now: number): void {
    const level = Math.round(this.#levels.at(now - this.#timeline.startAt));
    // There may be fewer users than that: some have not got in.
    this.#active = Math.min(shareOf(level, this.#share), this.#connections.length);
    let connecting = countConnecting(this.#connections);
    for (let i = 0; i < this.#active && connecting < CONNECTING_AT_ONCE; i += 1) {
      const connection = this.#connections[i] as Connection;
      if (connection.inFlight > 0 || connection.isConnecting) continue;
      if (!this.#isStopped) connection.openAhead?.(now);
      this.onFree(connection, now);
      if (connection.isConnecting) connecting += 1;
    }
  }

  onFree(connection: Connection, now: number): void {
    while (connection.inFlight < connection.capacity && this.#maySend(connection, now)) {
      if (now >= this.#timeline.measureFrom) this.#left -= 1;
      this.#ledger.scheduled(now, now);
      connection.send(now);
    }
  }

  #maySend(connection: Connection, now: number): boolean {
    if (this.#isStopped || this.#left <= 0 || now >= this.#timeline.endAt || now < connection.notBefore)
      return false;
    return this.#active === this.#connections.length || (this.#places.get(connection) ?? 0) < this.#active;
  }

  stop(): void {
    this.#isStopped = true;
  }

  finish(): void {}
}
