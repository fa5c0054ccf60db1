/** Counts and times of one thread in a span of time, which can be sent to another thread and added there. */
import type { LoadFailureKind } from '../../core/load.ts';
import { Histogram, type HistogramCounts } from './histogram.ts';

export const FAILURE_KINDS = [
  'check',
  'connect',
  'tls',
  'cut-off',
  'protocol',
  'machine',
] as const satisfies readonly LoadFailureKind[];

const HIGHEST_STATUS = 999;

export interface TallySnapshot {
  readonly scheduled: number;
  readonly completed: number;
  readonly timedOut: number;
  readonly inFlightAtEnd: number;
  readonly neverSent: number;
  readonly checked: number;
  readonly stray: number;
  readonly failures: readonly number[];
  readonly statuses: readonly (readonly [status: number, count: number])[];
  readonly sent: number;
  readonly received: number;
  readonly response: HistogramCounts;
  readonly service: HistogramCounts;
  readonly sendLag: HistogramCounts;
  readonly pace: HistogramCounts;
  /** How long requests without a response had waited, as response and as service time. */
  readonly unanswered: HistogramCounts;
  readonly unserved: HistogramCounts;
}

export class Tally {
  scheduled = 0;
  completed = 0;
  timedOut = 0;
  inFlightAtEnd = 0;
  neverSent = 0;
  checked = 0;
  /** How often a server sent something without a request. */
  stray = 0;
  /** Bytes. */
  sent = 0;
  received = 0;
  readonly failures = new Float64Array(FAILURE_KINDS.length);
  readonly response = new Histogram();
  readonly service = new Histogram();
  readonly sendLag = new Histogram();
  /** How late the generator picked up due requests, apart from waiting for connections. */
  readonly pace = new Histogram();
  readonly unanswered = new Histogram();
  readonly unserved = new Histogram();
  readonly #statuses = new Float64Array(HIGHEST_STATUS + 1);

  get failed(): number {
    return this.failures.reduce((sum, count) => sum + count, 0);
  }

  /** Requests with an outcome, whatever it is. */
  get accounted(): number {
    const { completed, failed, timedOut, inFlightAtEnd, neverSent } = this;
    return completed + failed + timedOut + inFlightAtEnd + neverSent;
  }

  /** Requests that are due and have no outcome yet, or that of being in flight at the end. */
  get unaccounted(): number {
    return this.scheduled - this.accounted + this.inFlightAtEnd;
  }

  /** A response is complete. */
  answered(status: number): void {
    this.#statuses[status] = (this.#statuses[status] as number) + 1;
  }

  fail(kind: LoadFailureKind): void {
    const index = FAILURE_KINDS.indexOf(kind);
    this.failures[index] = (this.failures[index] as number) + 1;
  }

  /** Complete responses by status, without zeros. A message has no status, which is 0. */
  statuses(): [number, number][] {
    const seen: [number, number][] = [];
    for (let status = 1; status <= HIGHEST_STATUS; status += 1) {
      const count = this.#statuses[status] as number;
      if (count > 0) seen.push([status, count]);
    }
    return seen;
  }

  snapshot(): TallySnapshot {
    const { scheduled, completed, timedOut, inFlightAtEnd, neverSent, checked, stray, sent, received } = this;
    return {
      ...{ scheduled, completed, timedOut, inFlightAtEnd, neverSent, checked, stray, sent, received },
      failures: [...this.failures],
      statuses: this.statuses(),
      response: this.response.snapshot(),
      service: this.service.snapshot(),
      sendLag: this.sendLag.snapshot(),
      pace: this.pace.snapshot(),
      unanswered: this.unanswered.snapshot(),
      unserved: this.unserved.snapshot(),
    };
  }

  add(other: TallySnapshot): void {
    this.scheduled += other.scheduled;
    this.completed += other.completed;
    this.timedOut += other.timedOut;
    this.inFlightAtEnd += other.inFlightAtEnd;
    this.neverSent += other.neverSent;
    this.checked += other.checked;
    this.stray += other.stray;
    this.sent += other.sent;
    this.received += other.received;
    for (const [index, count] of other.failures.entries())
      this.failures[index] = (this.failures[index] as number) + count;
    for (const [status, count] of other.statuses)
      this.#statuses[status] = (this.#statuses[status] as number) + count;
    this.response.add(other.response);
    this.service.add(other.service);
    this.sendLag.add(other.sendLag);
    this.pace.add(other.pace);
    this.unanswered.add(other.unanswered);
    this.unserved.add(other.unserved);
  }

  clear(): void {
    this.scheduled = 0;
    this.completed = 0;
    this.timedOut = 0;
    this.inFlightAtEnd = 0;
    this.neverSent = 0;
    this.checked = 0;
    this.stray = 0;
    this.sent = 0;
    this.received = 0;
    this.failures.fill(0);
    this.#statuses.fill(0);
    for (const histogram of [
      this.response,
      this.service,
      this.sendLag,
      this.pace,
      this.unanswered,
      this.unserved,
    ])
      histogram.clear();
  }
}
