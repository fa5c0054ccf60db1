/**
 * A user of a load: goes through the steps one after another, and remembers cookies and captured values. To a load model it
 * is what a connection is without steps: it takes one iteration at a time.
 */

import type { LoadUser } from '../../../core/load-scenario.ts';
import { COUNTER, USER } from '../../../core/template.ts';
import { LONGEST_SEARCHED_BODY } from '../check/compile.ts';
import type { Connection } from '../connection.ts';
import type { Prepared } from '../request/source.ts';
import type { ResponseView } from '../response.ts';
import type { Made, Sender } from '../sender.ts';
import type { Captured, Captures } from './capture.ts';
import { Jar, type Origin } from './jar.ts';
import type { MadeRequest } from './making.ts';
import type { Place } from './script.ts';

/** What all users of a thread share. */
export interface Company {
  readonly origin: Origin;
  /** What is taken from the responses to each request of the plan. */
  readonly captures: readonly (Captures | null)[];
  /** The columns of the data, by name. */
  readonly columns: ReadonlyMap<string, number>;
  /** Starts an iteration, or the preparation of a user. */
  begin(user: User, due: number): void;
  /** Asks a function what the user sends after a response. @returns null: nothing */
  ask(user: User, place: Place, last: ResponseView): Place | null;
  /** The user's request has ended: it has somewhere else to be. */
  moved(user: User): void;
}

export class User implements Connection, LoadUser, Sender {
  readonly capacity = 1;
  inFlight = 0;
  notBefore = 0;
  /** From 1; no two of a run have the same. */
  readonly number: number;
  /** Which requests it has sent last. */
  connection: Connection;
  /** The place of its request under way; null: none. */
  place: Place | null = null;
  /** Where it goes from here; null: its iteration has ended. */
  next: Place | null = null;
  /** Whether it goes there because of a status, and at once. */
  isOnDetour = false;
  /** Whether everything went well since it began. */
  isWell = true;
  /** When its iteration, and its request, were due. */
  since = 0;
  due = 0;
  /** The number of its iteration. */
  iteration = 0;
  /** The request that it is about to send, and its path and query. */
  prepared: Prepared<unknown> | null = null;
  target = '';
  made: Made | null = null;
  /** What a function said last, in the iteration so often. */
  said: MadeRequest | null = null;
  saidCount = 0;
  readonly #company: Company;
  readonly #row: readonly string[];
  #jar: Jar | null = null;
  readonly #captured = new Map<string, Captured>();

  constructor(number: number, row: readonly string[], connection: Connection, company: Company) {
    this.number = number;
    this.#row = row;
    this.connection = connection;
    this.#company = company;
  }

  get isConnecting(): boolean {
    return this.inFlight > 0 && this.connection.isConnecting;
  }

  send(due: number): void {
    this.inFlight = 1;
    this.isWell = true;
    this.since = due;
    this.#company.begin(this, due);
  }

  /** Requests time out on the connection. */
  expire(): void {}

  finish(): void {}

  /** The iteration is over. What was captured in it stays, but the next one captures it anew before it is used. */
  rest(): void {
    this.inFlight = 0;
    this.place = null;
  }

  /** The `Cookie` header of the request to `target`; empty: none. */
  cookies(): string {
    return this.#jar === null ? '' : this.#jar.header(this.target, Date.now());
  }

  get bodyToKeep(): number {
    return this.made === null ? (this.#captures?.keep ?? 0) : LONGEST_SEARCHED_BODY;
  }

  get #captures(): Captures | null {
    return this.place === null ? null : (this.#company.captures[this.place.request] ?? null);
  }

  excuses(status: number): boolean {
    return this.place?.instead?.has(status) === true;
  }

  answered(response: ResponseView, complaint: string | undefined): string | undefined {
    for (const line of response.all('set-cookie')) {
      this.#jar ??= new Jar(this.#company.origin);
      this.#jar.set(line, this.target, Date.now());
    }
    const detour = this.place?.instead?.get(response.status);
    this.isOnDetour = detour !== undefined;
    if (detour !== undefined) {
      this.#go(detour);
      return undefined;
    }
    const wrong = complaint ?? this.#captures?.take({ response, cookie: this.#cookie }, this.#captured);
    if (wrong !== undefined) this.lost();
    else this.#go(this.#after(response));
    return wrong;
  }

  #after(response: ResponseView): Place | null {
    const next = this.place?.next ?? null;
    return next?.made === 'anew' ? this.#company.ask(this, next, response) : next;
  }

  lost(): void {
    this.isWell = false;
    this.isOnDetour = false;
    this.#go(null);
  }

  /** What it has captured, and its row of the data. */
  get values(): Readonly<Record<string, string>> {
    const row = [...this.#company.columns].map(([name, column]) => [name, this.#row[column] ?? ''] as const);
    return { ...Object.fromEntries(row), ...this.captured() };
  }

  captured(): Readonly<Record<string, string>> | null {
    if (this.#captured.size === 0) return null;
    return Object.fromEntries([...this.#captured].map(([name, { text }]) => [name, text]));
  }

  #go(next: Place | null): void {
    this.next = next;
    this.#company.moved(this);
  }

  readonly #cookie = (name: string): string | undefined => this.#jar?.value(name);

  text(name: string): string {
    const captured = this.#captured.get(name);
    if (captured !== undefined) return captured.text;
    const column = this.#company.columns.get(name);
    if (column !== undefined) return this.#row[column] ?? '';
    if (name === COUNTER) return String(this.iteration);
    if (name === USER) return String(this.number);
    throw new Error(`the plan has a template that names "${name}", which is neither a column nor captured`);
  }

  json(name: string): string | null {
    return this.#captured.get(name)?.json ?? null;
  }
}
