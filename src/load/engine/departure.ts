/** What becomes of the requests of a thread while its target stops, or restarts. */
import type { Socket } from 'node:net';
import type { LoadFailureKind, LoadPlan } from '../../core/load.ts';
import type { LoadDeparture, LostRequest } from '../../core/load-departure.ts';
import { type DepartureReport, EXAMPLES } from '../merge/departure.ts';

/**
 * In milliseconds. A request that the server left unread for longer did not cross the end of an idle connection: the
 * server had the time to read it.
 */
const CROSSES_WITHIN = 1000;
/** RFC 9110, section 9.2.2: a client may send these again by itself. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** A request without a response. */
interface Unanswered {
  /** Its index in the mix. */
  readonly index: number;
  /** When it was written, by `performance.now()`; NaN: not yet. */
  readonly sent: number;
}

/** How a connection ended on which a request was in flight. */
export interface Loss {
  readonly pending: Unanswered;
  /** Whether the connection had been answered before. */
  readonly isKept: boolean;
  readonly isReset: boolean;
  readonly now: number;
}

/**
 * Whether a connection that has come to its end was reset as well. A server that closes a connection when it has read all
 * of it sends only an end; what arrives after that is answered with a reset, and then the socket has no peer any more.
 */
export const isReset = (socket: Socket): boolean => socket.remotePort === undefined;

export class Departure {
  /** From when on the target may leave; NaN: nobody has said so yet. */
  #leavesAt = Number.NaN;
  #countedAt = Number.NaN;
  readonly #plan: Pick<LoadPlan, 'requests' | 'departure' | 'target'>;
  #inFlight = 0;
  #answered = 0;
  #lost = 0;
  #lostByTime = 0;
  #refused = 0;
  #crossed = 0;
  #unaccepted = 0;
  readonly #examples: LostRequest[] = [];
  #refusedAt = Number.NaN;
  #crossedAt = Number.NaN;
  #begunAt = Number.NaN;
  #connectedAt = Number.NaN;
  #answeredAt = Number.NaN;

  constructor(plan: Pick<LoadPlan, 'requests' | 'departure' | 'target'>) {
    this.#plan = plan;
  }

  get isLeaving(): boolean {
    return performance.now() >= this.#leavesAt;
  }

  /** Whether the target may refuse connections from now on. */
  get mayRefuse(): boolean {
    return this.isLeaving && this.#plan.departure === 'stop';
  }

  /** Whether it has: then no connection is opened again. */
  get hasRefused(): boolean {
    return this.#refused > 0;
  }

  /** The target may be told at any time from then on. */
  leavesAt(time: number): void {
    this.#leavesAt = time;
  }

  /** @param inFlight requests that are in flight before the target is told */
  counted(now: number, inFlight: number): void {
    this.#countedAt = now;
    this.#inFlight = inFlight;
  }

  /** @param begunAt when it was begun to be established */
  connected(now: number, begunAt: number): void {
    if (!(now >= this.#leavesAt)) return;
    this.#connectedAt = now;
    // That of a connection which took long comes before that of one which did not.
    this.#begunAt = Number.isNaN(this.#begunAt) ? begunAt : Math.max(this.#begunAt, begunAt);
  }

  answered(now: number): void {
    if (!(now >= this.#leavesAt)) return;
    this.#answered += 1;
    this.#answeredAt = now;
  }

  /**
   * Whether the target has read nothing of a request, and the request is to be sent again: it crossed the end of an idle
   * connection, or lay in the queue of a listener that was closed. Of a restart the latter is a loss, as a new listener
   * was to take the queue over.
   */
  isUnread({ pending, isKept, isReset, now }: Loss): boolean {
    if (!this.isLeaving || !isReset || this.#plan.target.unixSocket !== null) return false;
    if (!isKept) {
      if (!this.mayRefuse) return false;
      this.#unaccepted += 1;
      this.#refusedSince(now);
      return true;
    }
    const request = this.#plan.requests[pending.index];
    const isHarmless = request?.body === null && IDEMPOTENT.has(request.method);
    if (!isHarmless || now - pending.sent > CROSSES_WITHIN) return false;
    if (this.#crossed === 0) this.#crossedAt = now;
    this.#crossed += 1;
    return true;
  }

  #refusedSince(now: number): void {
    if (Number.isNaN(this.#refusedAt)) this.#refusedAt = now;
  }

  /**
   * Takes a request that has failed.
   *
   * @returns `refused` if it may fail, `lost` if not; undefined if that has nothing to do with the departure
   */
  take(
    pending: Unanswered,
    kind: LoadFailureKind | 'timeout',
    message: string,
  ): 'refused' | 'lost' | undefined {
    if (!this.isLeaving || kind === 'check' || kind === 'protocol' || kind === 'machine') return undefined;
    const wasSent = !Number.isNaN(pending.sent);
    if (!wasSent && this.mayRefuse) {
      this.#refused += 1;
      this.#refusedSince(performance.now());
      return 'refused';
    }
    this.#lost += 1;
    if (kind === 'timeout') this.#lostByTime += 1;
    const name = this.#plan.requests[pending.index]?.name ?? 'a request';
    if (this.#examples.length < EXAMPLES)
      this.#examples.push({
        message: `${name} ${message}`,
        sentMs: wasSent ? wall(pending.sent) : null,
        lostMs: wall(performance.now()),
      });
    return 'lost';
  }

  report(idle: LoadDeparture['idle']): DepartureReport {
    return {
      countedMs: wallOrNull(this.#countedAt),
      inFlight: this.#inFlight,
      answered: this.#answered,
      lost: this.#lost,
      lostByTime: this.#lostByTime,
      examples: this.#examples,
      refused: this.#refused,
      crossed: this.#crossed,
      unaccepted: this.#unaccepted,
      firstRefusedMs: wallOrNull(this.#refusedAt),
      firstCrossedMs: wallOrNull(this.#crossedAt),
      lastBegunMs: wallOrNull(this.#begunAt),
      lastConnectedMs: wallOrNull(this.#connectedAt),
      lastAnsweredMs: wallOrNull(this.#answeredAt),
      idle,
    };
  }
}

/** In milliseconds since 1970. */
export const wall = (now: number): number => performance.timeOrigin + now;
export const wallOrNull = (now: number): number | null => (Number.isNaN(now) ? null : wall(now));
