/** What becomes of the requests of a thread while its target stops, or restarts. */
import type { Socket } from 'node:net';
import type { LoadFailureKind, LoadPlan } from '../../core/load.ts';
import type { LoadDeparture, LostRequest } from '../../core/load-departure.ts';

/** How many lost requests are kept to be shown. */
const EXAMPLES = 100;
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

/** What a thread reports: times are in milliseconds since 1970, since each thread has a clock of its own. */
export type DepartureReport = Omit<LoadDeparture, 'toldMs'>;

export class Departure {
  /** NaN: not told yet. */
  #leftAt = Number.NaN;
  readonly #plan: Pick<LoadPlan, 'requests' | 'departure' | 'target'>;
  #inFlight = 0;
  #answered = 0;
  #lost = 0;
  #lostByTime = 0;
  #refused = 0;
  #crossed = 0;
  #unaccepted = 0;
  readonly #examples: LostRequest[] = [];
  #connectedAt = Number.NaN;
  #answeredAt = Number.NaN;

  constructor(plan: Pick<LoadPlan, 'requests' | 'departure' | 'target'>) {
    this.#plan = plan;
  }

  get isLeaving(): boolean {
    return !Number.isNaN(this.#leftAt);
  }

  /** Whether the target may refuse connections from now on. */
  get mayRefuse(): boolean {
    return this.isLeaving && this.#plan.departure === 'stop';
  }

  /** Whether it has: then no connection is opened again. */
  get hasRefused(): boolean {
    return this.#refused > 0;
  }

  /** The target is told now. @param inFlight requests that are in flight */
  leave(now: number, inFlight: number): void {
    this.#leftAt = now;
    this.#inFlight = inFlight;
  }

  connected(now: number): void {
    if (this.isLeaving) this.#connectedAt = now;
  }

  answered(now: number): void {
    if (!this.isLeaving) return;
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
      return true;
    }
    const request = this.#plan.requests[pending.index];
    const isHarmless = request?.body === null && IDEMPOTENT.has(request.method);
    if (!isHarmless || now - pending.sent > CROSSES_WITHIN) return false;
    this.#crossed += 1;
    return true;
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
      inFlight: this.#inFlight,
      answered: this.#answered,
      lost: this.#lost,
      lostByTime: this.#lostByTime,
      examples: this.#examples,
      refused: this.#refused,
      crossed: this.#crossed,
      unaccepted: this.#unaccepted,
      lastConnectedMs: wallOrNull(this.#connectedAt),
      lastAnsweredMs: wallOrNull(this.#answeredAt),
      idle,
    };
  }
}

/** In milliseconds since 1970. */
export const wall = (now: number): number => performance.timeOrigin + now;
export const wallOrNull = (now: number): number | null => (Number.isNaN(now) ? null : wall(now));

/**
 * Adds up what the threads report.
 *
 * @param toldAt when the target was told, in milliseconds since 1970
 * @param startedAt when the load began
 */
export function mergeDepartures(
  reports: readonly DepartureReport[],
  toldAt: number,
  startedAt: number,
): LoadDeparture {
  const sum = (of: (report: DepartureReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  const last = (of: (report: DepartureReport) => number | null): number | null => {
    const times = reports.flatMap((report) => of(report) ?? []);
    return times.length === 0 ? null : Math.max(...times) - toldAt;
  };
  const examples = reports.flatMap((report) => report.examples).sort((a, b) => a.lostMs - b.lostMs);
  return {
    toldMs: toldAt - startedAt,
    inFlight: sum(({ inFlight }) => inFlight),
    answered: sum(({ answered }) => answered),
    lost: sum(({ lost }) => lost),
    lostByTime: sum(({ lostByTime }) => lostByTime),
    examples: examples.slice(0, EXAMPLES).map(({ message, sentMs, lostMs }) => ({
      message,
      sentMs: sentMs === null ? null : sentMs - toldAt,
      lostMs: lostMs - toldAt,
    })),
    refused: sum(({ refused }) => refused),
    crossed: sum(({ crossed }) => crossed),
    unaccepted: sum(({ unaccepted }) => unaccepted),
    lastConnectedMs: last(({ lastConnectedMs }) => lastConnectedMs),
    lastAnsweredMs: last(({ lastAnsweredMs }) => lastAnsweredMs),
    idle: {
      opened: sum(({ idle }) => idle.opened),
      kept: sum(({ idle }) => idle.kept),
      closedMs: last(({ idle }) => idle.closedMs),
    },
  };
}
