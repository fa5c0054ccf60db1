/** How a thread gets ready for a target that is told to leave in mid-load, and what it watches from then on. */

import type { LoadPlan } from '../../core/load.ts';
import type { LoadDeparture } from '../../core/load-departure.ts';
import type { DepartureReport } from '../merge/departure.ts';
import type { Connection } from './connection.ts';
import { makeNetwork } from './connections.ts';
import { Departure, wall } from './departure.ts';
import type { Recorder } from './measure/recorder.ts';
import type { Share } from './request/source.ts';

/** How many connections are answered once and then left alone, to see whether the target closes them. */
const IDLE = 4;
/** How long to wait for their answers, and for a request in flight, before the target is told; in milliseconds. */
const PREPARED_WITHIN = 1000;

/** The target is told once this is ready. */
interface Order {
  readonly askedAt: number;
  readonly onReady: (inFlight: number) => void;
}

/** The target is told by somebody else, not before a time. */
interface Appointment {
  readonly at: number;
  /** A time at which requests do not count. */
  readonly due: number;
}

export class Leaving {
  readonly #departure: Departure;
  readonly #recorder: Recorder;
  readonly #idle: readonly Connection[];
  #order: Order | undefined;
  #appointment: Appointment | undefined;
  #isIdleAsked = false;
  #opened = 0;
  #kept = 0;
  #closedAt: number | null = null;

  constructor(plan: LoadPlan, { worker }: Share, recorder: Recorder) {
    this.#departure = new Departure(plan);
    this.#recorder = recorder;
    recorder.departure = this.#departure;
    this.#idle = plan.keepAlive && worker === 0 ? idleConnections(plan, recorder) : [];
  }

  /**
   * The target is about to be told.
   *
   * @param due a time at which requests do not count
   * @param onReady called once requests are in flight, or none has been for a while, with their number
   */
  ask(due: number, now: number, onReady: Order['onReady']): void {
    this.#order = { askedAt: now, onReady };
    this.#openIdle(due, now);
  }

  /** Other machines send as well, and none of them is told when the target is: it may be from that time on. */
  expect(appointment: Appointment): void {
    this.#appointment = appointment;
    this.#departure.leavesAt(appointment.at);
  }

  tick(now: number, inFlight: number): void {
    for (const connection of this.#idle) connection.expire(now);
    if (this.#order !== undefined) this.#prepare(this.#order, now, inFlight);
    else if (this.#appointment !== undefined) this.#await(this.#appointment, performance.now(), inFlight);
    else this.#look(performance.now());
  }

  #openIdle(due: number, now: number): void {
    this.#isIdleAsked = true;
    for (const connection of this.#idle) {
      this.#recorder.scheduled(due, now);
      connection.send(due);
    }
  }

  #await({ at, due }: Appointment, now: number, inFlight: number): void {
    if (!this.#isIdleAsked && now >= at - PREPARED_WITHIN) this.#openIdle(due, now);
    if (now < at) return;
    this.#appointment = undefined;
    this.#begin(now, inFlight);
  }

  #prepare({ askedAt, onReady }: Order, now: number, inFlight: number): void {
    const isReady = inFlight > 0 && this.#idle.every((connection) => connection.inFlight === 0);
    if (!isReady && now - askedAt < PREPARED_WITHIN) return;
    this.#order = undefined;
    this.#departure.leavesAt(now);
    this.#begin(now, inFlight);
    onReady(inFlight);
  }

  #begin(now: number, inFlight: number): void {
    this.#departure.counted(now, inFlight);
    this.#opened = this.#open;
    this.#kept = this.#opened;
  }

  get #open(): number {
    return this.#idle.filter(isLeftOpen).length;
  }

  #look(now: number): void {
    if (this.#kept === 0) return;
    this.#kept = Math.min(this.#kept, this.#open);
    if (this.#kept === 0) this.#closedAt = wall(now);
  }

  /** Whether the target has left the load: no connection will be opened again. */
  isForsaken(connections: readonly Connection[]): boolean {
    return (
      this.#departure.hasRefused &&
      connections.every(({ inFlight, notBefore }) => inFlight === 0 && notBefore === Number.POSITIVE_INFINITY)
    );
  }

  /** Whether every connection that is left alone has been closed, or told. */
  get isIdleClosed(): boolean {
    return this.#kept === 0;
  }

  finish(now: number): DepartureReport {
    this.#look(now);
    const idle: LoadDeparture['idle'] = {
      opened: this.#opened,
      kept: this.#kept,
      closedMs: this.#closedAt,
    };
    for (const connection of this.#idle) connection.finish(now);
    return this.#departure.report(idle);
  }
}

const isLeftOpen = (connection: Connection): boolean =>
  'isOpen' in connection && connection.isOpen === true && connection.inFlight === 0;

/** Connections beside those of the load. Any answer will do. */
function idleConnections(plan: LoadPlan, recorder: Recorder): readonly Connection[] {
  const [first] = plan.requests;
  // What a step sends may depend on what others have captured.
  const request =
    plan.scenario === null ? first : { ...first, method: 'GET', path: '/', headers: [], body: null };
  const alone: LoadPlan = {
    ...plan,
    requests: [{ ...request, checks: [] }],
    scenario: null,
    model: { type: 'closed', connections: IDLE, stages: [] },
  };
  return makeNetwork(alone, { worker: 0, workers: 1 }, recorder, () => {}).connections;
}
