/** Records the outcome of each request of a thread, as warm-up or measured by its due time. */
import { SAVED_PART } from '../../../core/failure-files.ts';
import type { LoadFailure, LoadFailureKind, LoadPlan, LoadRequest } from '../../../core/load.ts';
import { SeriesNames } from '../../../core/series.ts';
import { Tally } from '../../tally/tally.ts';
import { Attention } from '../attention.ts';
import { type Checks, compileChecks } from '../check/compile.ts';
import type { Departure } from '../departure.ts';
import type { ResponseView } from '../response.ts';
import type { Counted, Ledger } from '../schedule/driver.ts';
import type { Sender } from '../sender.ts';
import { KeptFailures } from './failures.ts';

/** Why a connection could not be established. */
export type RefusalKind = Extract<LoadFailureKind, 'connect' | 'tls' | 'protocol' | 'machine'>;

/** How a connection breaks that its server has closed. */
const BREAKS: readonly LoadFailureKind[] = ['cut-off', 'tls'];

/** A request in flight: when it was due and written, by `performance.now()`. */
export interface Pending extends Counted {
  /** NaN: not written yet. */
  readonly sent: number;
  readonly isChecked: boolean;
  /** As sent, or as it would have been; only for evidence. */
  readonly wire: Uint8Array | string;
  /** Who is told of its outcome; undefined: nobody. */
  readonly sender?: Sender | undefined;
}

export class Recorder implements Ledger {
  readonly warmup = new Tally();
  /**
   * What happens before a request is picked, and what belongs to none; with a single name, everything. The whole is
   * this and all that is `named`: a request is counted once, under its name, and added up when a window ends.
   */
  readonly measured = new Tally();
  /** By the place of the name in its series; empty with a single name. */
  readonly named: Tally[];
  /** Measured requests with an outcome, including failures and timeouts. */
  ended = 0;
  /** When a connection was last established, or a response arrived. */
  lastSignAt: number;
  /**
   * How many attempts to connect failed in a row, over all connections, and how many of them for a lasting reason: the
   * certificate, the protocol.
   */
  refusals = 0;
  lastingRefusals = 0;
  /** Of a target that is to leave. */
  departure: Departure | undefined;
  /** Of the thread: what breaks while it stands still says nothing about the target. */
  readonly attention = new Attention();
  #failures: KeptFailures;
  /** How many bytes of a body are kept to be saved. */
  readonly #keptBody: number;
  readonly #requests: readonly LoadRequest[];
  /** Of each request, the name that it is counted under, and the tally of that name. */
  readonly #names: string[];
  readonly #tallies: Tally[];
  readonly #series = new SeriesNames();
  /** How many names the plan has. */
  readonly #planned: number;
  readonly #checks: readonly (Checks | undefined)[];
  readonly #checkEvery: number;
  #measureFrom: number;
  #untilCheck = 1;

  constructor(
    plan: Pick<LoadPlan, 'requests' | 'checkEvery' | 'scenario' | 'saveFailures'>,
    measureFrom: number,
    now: number,
  ) {
    this.#requests = plan.requests;
    const places = plan.requests.map(({ name }) => this.#series.place(name));
    const { names } = this.#series;
    this.#planned = names.length;
    this.named = names.length === 1 && plan.scenario === null ? [] : names.map(() => new Tally());
    this.#names = places.map((place) => names[place] as string);
    this.#tallies = places.map((place) => this.named[place] ?? this.measured);
    this.#checks = plan.requests.map(compileChecks);
    this.#checkEvery = plan.checkEvery;
    this.#measureFrom = measureFrom;
    this.#failures = new KeptFailures(plan.saveFailures !== null);
    this.#keptBody = plan.saveFailures === null ? 0 : SAVED_PART;
    this.lastSignAt = now;
  }

  /** The names that the plan does not have, in the order of their places. */
  get grown(): readonly string[] {
    return this.#series.names.slice(this.#planned);
  }

  /** What stands for the place in the plan of a request of users that is not there: its name decides how it is counted. */
  placeOf(name: string): number {
    const place = this.#series.place(name);
    const index = this.#requests.length + place;
    if (this.#tallies[index] === undefined) {
      this.named[place] ??= new Tally();
      this.#tallies[index] = this.named[place];
      this.#names[index] = this.#series.names[place] as string;
    }
    return index;
  }

  get failures(): readonly LoadFailure[] {
    return this.#failures.all;
  }

  /** Patterns of checks that were given up for taking too long. */
  get slowPatterns(): string[] {
    return this.#checks.flatMap((checks) => checks?.givenUp() ?? []);
  }

  /** The load starts. What is due before `measureFrom` is warm-up; what was before now, the preparation of users. */
  begin(measureFrom: number, now: number): void {
    this.#measureFrom = measureFrom;
    this.lastSignAt = now;
    this.ended = 0;
  }

  /** The failures so far, which are forgotten. */
  takeFailures(): readonly LoadFailure[] {
    const { all } = this.#failures;
    this.#failures = new KeptFailures(this.#keptBody > 0);
    return all;
  }

  isMeasured(due: number): boolean {
    return due >= this.#measureFrom;
  }

  #tally({ index, due }: Counted): Tally {
    return due < this.#measureFrom ? this.warmup : (this.#tallies[index] as Tally);
  }

  /** @param now when it was picked up; which request it will be is not known yet */
  scheduled(due: number, now: number): void {
    const tally = due < this.#measureFrom ? this.warmup : this.measured;
    tally.scheduled += 1;
    tally.pace.record((now - due) * 1000);
  }

  /** What was scheduled turned out to be no request. */
  withdrawn(due: number): void {
    const tally = due < this.#measureFrom ? this.warmup : this.measured;
    tally.scheduled -= 1;
  }

  neverSent(request: Counted): void {
    this.#tally(request).neverSent += 1;
  }

  /** Records how long `count` requests, due at the latest when this one is, had waited at the end without being sent. */
  stillWaiting(request: Counted, count: number, now: number): void {
    this.#tally(request).unanswered.record((now - request.due) * 1000, count);
  }

  leftWaiting(request: Counted, now: number): void {
    const tally = this.#tally(request);
    tally.inFlightAtEnd += 1;
    tally.unanswered.record((now - request.due) * 1000);
  }

  /** A request was written; once more for each time that it is resent because the server did not process it. */
  wrote(request: Counted, bytes: number): void {
    this.#tally(request).sent += bytes;
  }

  /** Bytes arrived for a request; of a read with several responses, for the first. */
  received(request: Counted, bytes: number): void {
    this.#tally(request).received += bytes;
  }

  /** @param begunAt when it was begun to be established */
  connected(now: number, begunAt = now): void {
    this.departure?.connected(now, begunAt);
    this.lastSignAt = now;
    this.refusals = 0;
    this.lastingRefusals = 0;
  }

  refused(kind: RefusalKind): void {
    this.refusals += 1;
    if (kind === 'tls' || kind === 'protocol') this.lastingRefusals += 1;
  }

  /** Whether to check the response to the next request. */
  nextIsChecked(): boolean {
    this.#untilCheck -= 1;
    if (this.#untilCheck > 0) return false;
    this.#untilCheck = this.#checkEvery;
    return true;
  }

  /** How many bytes of a response's body to keep. */
  bodyToKeep({ index, isChecked, sender }: Pending): number {
    const checks = this.#checksOf(index, sender);
    const keep = isChecked && checks !== undefined ? Math.max(checks.keep, this.#keptBody) : 0;
    return sender === undefined ? keep : Math.max(keep, sender.bodyToKeep);
  }

  #checksOf(index: number, sender: Sender | undefined): Checks | undefined {
    const made = sender === undefined ? null : sender.made;
    return made === null ? this.#checks[index] : made.checks;
  }

  /** A response is complete. */
  responded(pending: Pending, response: ResponseView, now: number): void {
    const { due, sent } = pending;
    const tally = this.#tally(pending);
    tally.response.record((now - due) * 1000);
    tally.sendLag.record((sent - due) * 1000);
    tally.service.record((now - sent) * 1000);
    tally.answered(response.status);
    this.lastSignAt = now;
    this.departure?.answered(now);
    if (due >= this.#measureFrom) this.ended += 1;
    const complaint = this.#complaintOf(pending, response, tally);
    if (complaint === undefined) {
      tally.completed += 1;
      return;
    }
    tally.fail('check');
    const { buffer, start, end } = response.body;
    this.#keep('check', pending, complaint, response.headText, buffer.subarray(start, end));
  }

  /** What is wrong with a response: first for its checks, then for who sent the request. */
  #complaintOf(
    { index, isChecked, sender }: Pending,
    response: ResponseView,
    tally: Tally,
  ): string | undefined {
    const checks = this.#checksOf(index, sender);
    let complaint: string | undefined;
    if (isChecked && checks !== undefined && sender?.excuses(response.status) !== true) {
      tally.checked += 1;
      // In what a function made, braces are what they are.
      complaint = checks.run(response, sender?.made === null ? sender : undefined);
    }
    return sender === undefined ? complaint : sender.answered(response, complaint);
  }

  /** A request has no complete response. */
  failed(pending: Pending, kind: LoadFailureKind, message: string, evidence?: Evidence): void {
    const excuse = BREAKS.includes(kind) ? this.#excuse(pending, message) : undefined;
    this.#failed(pending, excuse === undefined ? kind : 'machine', excuse ?? message, evidence);
  }

  #failed(pending: Pending, kind: LoadFailureKind, message: string, evidence?: Evidence): void {
    const tally = this.#tally(pending);
    const fate = this.departure?.take(pending, kind, message);
    if (fate === 'refused') {
      tally.neverSent += 1;
      pending.sender?.lost();
      return;
    }
    tally.fail(kind);
    this.#lagged(tally, pending);
    if (this.isMeasured(pending.due)) this.ended += 1;
    if (fate === undefined)
      this.#keep(kind, pending, message, evidence?.head ?? null, evidence?.bytes ?? null);
    pending.sender?.lost();
  }

  timedOut(pending: Pending, message: string, now: number): void {
    const excuse = this.#excuse(pending, message);
    if (excuse !== undefined) {
      this.#failed(pending, 'machine', excuse);
      return;
    }
    const tally = this.#tally(pending);
    const fate = this.departure?.take(pending, 'timeout', message);
    if (fate === 'refused') {
      tally.neverSent += 1;
      pending.sender?.lost();
      return;
    }
    tally.timedOut += 1;
    if (this.isMeasured(pending.due)) this.ended += 1;
    this.#waited(tally, pending, now);
    if (fate === undefined) this.#keep('timeout', pending, message, null, null);
    pending.sender?.lost();
  }

  inFlightAtEnd(pending: Pending, now: number): void {
    const tally = this.#tally(pending);
    tally.inFlightAtEnd += 1;
    this.#waited(tally, pending, now);
  }

  /** Bytes arrived on a connection without requests in flight. */
  stray(message: string, bytes: Uint8Array): void {
    this.measured.stray += 1;
    const identity = { kind: 'protocol', name: null } as const;
    if (!this.#failures.wants(identity)) return;
    this.#failures.keep({
      ...{ ...identity, message: `the server sent ${message}`, captured: null },
      ...{ request: '', head: null, body: bytes },
    });
  }

  /** Something went wrong that is the outcome of no request; whoever reports it counts it. */
  aside(kind: LoadFailure['kind'], message: string, evidence?: Evidence): void {
    this.#keep(kind, { index: 0, wire: '' }, message, evidence?.head ?? null, evidence?.bytes ?? null);
  }

  /** @returns why the thread is to blame for what broke, or took too long; undefined: it is not */
  #excuse({ due, sent }: Pending, message: string): string | undefined {
    return this.attention.excuse(message, Number.isNaN(sent) ? due : sent, performance.now());
  }

  /** Recorded with the outcome, when it is known which write was the last. */
  #lagged(tally: Tally, { due, sent }: Pending): void {
    if (!Number.isNaN(sent)) tally.sendLag.record((sent - due) * 1000);
  }

  #waited(tally: Tally, pending: Pending, now: number): void {
    const { due, sent } = pending;
    this.#lagged(tally, pending);
    tally.unanswered.record((now - due) * 1000);
    if (!Number.isNaN(sent)) tally.unserved.record((now - sent) * 1000);
  }

  #keep(
    kind: LoadFailure['kind'],
    pending: Pick<Pending, 'index' | 'wire' | 'sender'>,
    message: string,
    head: string | null,
    body: Uint8Array | null,
  ): void {
    const { index } = pending;
    const identity = { kind, name: this.#names[index] ?? null };
    if (!this.#failures.wants(identity)) return;
    const name = pending.sender?.made?.name ?? this.#requests[index]?.name;
    this.#failures.keep({
      ...{ ...identity, message: `${name ?? 'a request'} ${message}` },
      ...{ request: pending.wire, head, body, captured: pending.sender?.captured() ?? null },
    });
  }
}

/** What arrived instead of a complete response. */
export interface Evidence {
  readonly head?: string;
  readonly bytes?: Uint8Array;
}
