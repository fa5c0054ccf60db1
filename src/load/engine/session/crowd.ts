/**
 * The users of a thread, and the connections that they share. Above it a load model decides when users begin an iteration;
 * below it, connections send and receive. In between, this sends each user's requests, one when the last has ended.
 */

import type { LoadPlan } from '../../../core/load.ts';
import type { LoadScenario } from '../../../core/load-scenario.ts';
import { Random } from '../../../core/random.ts';
import { templateNames } from '../../../core/template.ts';
import type { Connection } from '../connection.ts';
import type { Recorder } from '../measure/recorder.ts';
import type { BrokenSteps } from '../reports.ts';
import type { Prepared, Share } from '../request/source.ts';
import { type FilledRequest, type Template, templateOf } from '../request/template.ts';
import type { ResponseView } from '../response.ts';
import { shareOf } from '../schedule/closed.ts';
import { type Captures, compileCaptures } from './capture.ts';
import { originOf } from './jar.ts';
import { type MadeRequest, Making } from './making.ts';
import { compileScript, type Place, type Script } from './script.ts';
import { Sleepers } from './sleepers.ts';
import { type Company, User } from './user.ts';

/** Those who decide when a user begins. */
export interface Conductor {
  /** An iteration has ended, or the preparation of the user. */
  onEnd(user: User, now: number): void;
  /** The user has paused after it, and can begin again. */
  onFree(user: User, now: number): void;
}

/** Answers to the same request with the same cookies differ in nothing that is sent. */
interface Known<T> {
  readonly cookie: string;
  readonly prepared: Prepared<T>;
}

/** Until a user whose function said nothing is asked again, in milliseconds: at once, it might be asked for ever. */
const AFTER_NOTHING = 100;

const hasRoom = ({ inFlight, capacity, notBefore }: Connection, now: number): boolean =>
  inFlight < capacity && notBefore <= now;

const hasHeader = ({ headers }: FilledRequest, wanted: string): boolean =>
  headers.some(([name]) => name.toLowerCase() === wanted);

/** With the cookies of the user after those that the request has anyway. */
function withCookies(request: FilledRequest, cookies: string): FilledRequest {
  if (cookies === '') return request;
  if (!hasHeader(request, 'cookie'))
    return { ...request, headers: [...request.headers, ['Cookie', cookies]] };
  const joined = request.headers.map(
    ([name, value]) => [name, name.toLowerCase() === 'cookie' ? `${value}; ${cookies}` : value] as const,
  );
  return { ...request, headers: joined };
}

export class Crowd<T> implements Company {
  readonly origin;
  readonly captures: readonly (Captures | null)[];
  readonly columns: ReadonlyMap<string, number>;
  readonly users: readonly User[];
  conductor: Conductor | undefined;
  /** Whether users are prepared, ahead of the load. */
  #isPreparing = true;
  readonly #plan: LoadPlan;
  readonly #script: Script;
  readonly #templates: readonly Template[];
  readonly #encode: (request: FilledRequest) => T;
  readonly #recorder: Recorder;
  readonly #connections: readonly Connection<T>[];
  readonly #random: Random;
  readonly #step: number;
  #iteration: number;
  readonly #sleepers = new Sleepers<User>((user, now) => this.#woke(user, now));
  /** Those with a request that waits for a connection, in order. */
  readonly #waiting = new Set<User>();
  /** Those whose request has ended, until their connection is usable again. */
  #moved: User[] = [];
  #underWay = 0;
  #isStopped = false;
  readonly #known: readonly Map<User, Known<T>>[];
  /** Null unless a function says what is sent. */
  readonly #making: Making | null;

  constructor(
    plan: LoadPlan & { readonly scenario: LoadScenario },
    { worker, workers }: Share,
    connections: readonly Connection<T>[],
    encode: (request: FilledRequest) => T,
    recorder: Recorder,
  ) {
    const { scenario, requests, data, seed, target, next, limit } = plan;
    this.#making = next === undefined ? null : new Making(next, recorder, limit.type === 'requests');
    this.#plan = plan;
    this.#connections = connections;
    this.#encode = encode;
    this.#recorder = recorder;
    this.#random = new Random(seed ^ 0x7f4a7c15, worker);
    this.#step = workers;
    this.#iteration = worker + 1 - workers;
    this.#script = compileScript(scenario, (request) => requests[request]?.weight ?? 1);
    this.#templates = requests.map(templateOf);
    this.#known = requests.map(() => new Map());
    this.origin = originOf(new URL(target.url), hostHeaderOf(plan));
    this.columns = new Map(data?.columns.map((name, index) => [name, index]));
    const inHeaders = new Set(
      requests.flatMap(({ headers }) => headers.flatMap(([, value]) => templateNames(value))),
    );
    this.captures = requests.map(({ captures }) =>
      compileCaptures(captures ?? [], (name) => inHeaders.has(name)),
    );
    this.users = Array.from({ length: shareOf(scenario.users, { worker, workers }) }, (_, index) => {
      const number = index * workers + worker;
      const row = data?.rows[number % data.rows.length] ?? [];
      return new User(number + 1, row, connections[index % connections.length] as Connection<T>, this);
    });
  }

  /** Requests that are due and wait for a connection. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Users in the middle of an iteration. */
  get busy(): number {
    let sum = 0;
    for (const { inFlight } of this.users) sum += inFlight;
    return sum;
  }

  /** Patterns that took too long. */
  get slowPatterns(): string[] {
    const captures = this.captures.flatMap((each) => each?.givenUp() ?? []);
    return [...captures, ...(this.#making?.slowPatterns ?? [])];
  }

  /** Iterations for which a function made no request. */
  get broken(): BrokenSteps | null {
    return this.#making?.broken ?? null;
  }

  /** Whether users have something to do ahead of the load. */
  get hasPreparation(): boolean {
    return this.#script.before !== null;
  }

  /**
   * Ends the preparation.
   *
   * @param isIn those who are prepared; undefined: all
   * @returns them, in order
   */
  admit(isIn: ReadonlySet<User> | undefined): readonly User[] {
    this.#isPreparing = false;
    return isIn === undefined ? this.users : this.users.filter((user) => isIn.has(user));
  }

  begin(user: User, due: number): void {
    if (this.#isPreparing) this.#request(user, this.#script.before, due);
    else {
      this.#iteration += this.#step;
      user.iteration = this.#iteration;
      user.saidCount = 0;
      const start = this.#start();
      if (start?.made === 'anew' && !this.#isMadeFor(user, null)) this.#giveUp(user, due);
      else this.#request(user, start, due);
    }
  }

  ask(user: User, place: Place, response: ResponseView): Place | null {
    return this.#isMadeFor(user, { name: user.said?.name ?? '', response }) ? place : null;
  }

  /** Whether the function has a request for a user; if not, the iteration has ended. */
  #isMadeFor(user: User, last: Parameters<Making['make']>[1]): boolean {
    const made = this.#making?.make(user, last, user.saidCount);
    if (made === undefined) user.isWell = false;
    else user.said = made;
    user.saidCount += 1;
    return made !== undefined && made !== null;
  }

  /** An iteration in which nothing is sent has failed. */
  #giveUp(user: User, due: number): void {
    const now = performance.now();
    this.#recorder.withdrawn(due);
    user.rest();
    this.conductor?.onEnd(user, now);
    user.notBefore = Number.POSITIVE_INFINITY;
    this.#sleepers.add(user, now + AFTER_NOTHING, now);
  }

  moved(user: User): void {
    this.#moved.push(user);
    this.#underWay -= 1;
  }

  /** A connection has room, or one of its requests has ended. */
  onFree(connection: Connection, now: number): void {
    // Those that wait come first: else a user would keep its connection for all of its iterations.
    this.#serve(connection as Connection<T>, now);
    const moved = this.#moved;
    if (moved.length === 0) return;
    this.#moved = [];
    for (const user of moved) this.#goOn(user, now);
  }

  tick(now: number): void {
    for (const connection of this.#connections) {
      if (this.#waiting.size === 0) return;
      this.#serve(connection, now);
    }
  }

  /** Sends nothing more. */
  stop(): void {
    this.#isStopped = true;
  }

  finish(now: number): void {
    this.#sleepers.clear();
    for (const { due, prepared } of this.#waiting) {
      const index = prepared?.index ?? 0;
      this.#recorder.leftWaiting({ index, due }, now);
    }
    this.#waiting.clear();
  }

  /** Draws which request an iteration starts with. */
  pick(): number {
    return this.#start()?.request ?? 0;
  }

  #start(): Place | null {
    const { starts, weights } = this.#script;
    if (starts.length === 1) return starts[0] ?? null;
    const at = this.#random.next() * (weights.at(-1) ?? 0);
    return starts[weights.findIndex((sum) => at < sum)] ?? null;
  }

  #goOn(user: User, now: number): void {
    const { place, next } = user;
    const pause = place === null || user.isOnDetour ? 0 : this.#pause(place);
    if (next === null) {
      user.rest();
      this.conductor?.onEnd(user, now);
    }
    if (pause > 0) {
      // Nobody begins an iteration until it wakes.
      user.notBefore = Number.POSITIVE_INFINITY;
      this.#sleepers.add(user, now + pause, now);
    } else this.#woke(user, now);
  }

  #pause({ think: [from, to] }: Place): number {
    return from === to ? from : from + (to - from) * this.#random.next();
  }

  #woke(user: User, now: number): void {
    user.notBefore = now;
    if (user.inFlight === 0) this.conductor?.onFree(user, now);
    else if (!this.#isStopped) {
      this.#recorder.scheduled(now, now);
      this.#request(user, user.next, now);
    }
  }

  #request(user: User, place: Place | null, due: number): void {
    if (place === null) throw new Error('a user without a step to take');
    user.place = place;
    user.due = due;
    user.made = place.made === null ? null : user.said;
    user.prepared =
      user.made !== null && user.said !== null
        ? this.#made(user, user.said)
        : this.#prepare(user, place.request);
    const now = performance.now();
    const connection = this.#waiting.size > 0 ? undefined : this.#connectionFor(user, now);
    if (connection !== undefined) {
      this.#send(user, connection);
      return;
    }
    this.#waiting.add(user);
    // Not this user, but the one who has waited longest.
    this.#serve(user.connection as Connection<T>, now);
  }

  #send(user: User, connection: Connection<T>): void {
    user.connection = connection;
    this.#underWay += 1;
    connection.send(user.due, user.prepared as Prepared<T>, user);
  }

  #serve(connection: Connection<T>, now: number): void {
    for (const user of this.#waiting) {
      if (!hasRoom(connection, now)) return;
      this.#waiting.delete(user);
      this.#send(user, connection);
    }
  }

  /** The connection that it used last, or else any that has room. */
  #connectionFor(user: User, now: number): Connection<T> | undefined {
    if (hasRoom(user.connection, now)) return user.connection;
    const { pipelining } = this.#plan;
    if (this.#underWay >= this.#connections.length * pipelining) return undefined;
    return this.#connections.find((connection) => hasRoom(connection, now));
  }

  #prepare(user: User, index: number): Prepared<T> {
    const template = this.#templates[index] as Template;
    const known = this.#known[index] as Map<User, Known<T>>;
    if (template.isConstant) {
      user.target = this.#plan.requests[index]?.path ?? '';
      const found = known.get(user);
      const cookie = user.cookies();
      if (found?.cookie === cookie) return found.prepared;
      const prepared = this.#encoded(index, withCookies(template.fill(user), cookie));
      known.set(user, { cookie, prepared });
      return prepared;
    }
    const filled = template.fill(user);
    user.target = filled.path;
    return this.#encoded(index, withCookies(filled, user.cookies()));
  }

  #made(user: User, { index, filled }: MadeRequest): Prepared<T> {
    user.target = filled.path;
    return this.#encoded(index, withCookies(filled, user.cookies()));
  }

  #encoded(index: number, filled: FilledRequest): Prepared<T> {
    return { index, isHead: filled.method === 'HEAD', wire: this.#encode(filled) };
  }
}

/** The Host header of all requests; undefined: that of the URL. */
function hostHeaderOf({ requests }: LoadPlan): string | undefined {
  const host = requests[0].headers.find(([name]) => name.toLowerCase() === 'host')?.[1];
  return host !== undefined && URL.canParse(`http://${host}`) ? host : undefined;
}
