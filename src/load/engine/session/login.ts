/** Prepares the users of a thread, ahead of the load: each goes through `before` once. */
import type { Driver, Ledger } from '../schedule/driver.ts';
import type { Conductor } from './crowd.ts';
import type { User } from './user.ts';

/** More at once would measure how a server bears a rush of logins. */
export const LOGINS_AT_ONCE = 128;
/** How often a user tries. */
const TRIES = 4;
/** How long it waits before the second try, in milliseconds; before each further one, twice as long. */
const FIRST_WAIT = 100;

interface Retry {
  readonly user: User;
  readonly at: number;
}

export class Login implements Conductor, Driver {
  readonly waiting = 0;
  readonly nextDue = Number.NaN;
  readonly spunMs = 0;
  /** Those who are through, in the order of their numbers only by chance. */
  readonly isIn = new Set<User>();
  readonly #ledger: Ledger;
  readonly #atOnce: number;
  /** Those who have not begun. */
  readonly #queue: User[];
  readonly #tries = new Map<User, number>();
  #retries: Retry[] = [];
  /** How many have got in or given up. */
  #settled = 0;
  readonly #count: number;
  #underWay = 0;
  #isStopped = false;

  /** @param atOnce how many of them at most are under way at a time */
  constructor(users: readonly User[], ledger: Ledger, atOnce: number) {
    this.#queue = users.toReversed();
    this.#count = users.length;
    this.#ledger = ledger;
    this.#atOnce = atOnce;
  }

  /** How many have given up. */
  get lockedOut(): number {
    return this.#settled - this.isIn.size;
  }

  get isDone(): boolean {
    return this.#settled === this.#count;
  }

  start(now: number): void {
    this.tick(now);
  }

  tick(now: number): void {
    const due = this.#retries.filter(({ at }) => at <= now);
    if (due.length > 0) this.#retries = this.#retries.filter(({ at }) => at > now);
    this.#queue.push(...due.map(({ user }) => user));
    this.#beginNext(now);
  }

  onEnd(user: User, now: number): void {
    this.#underWay -= 1;
    const tries = (this.#tries.get(user) ?? 0) + 1;
    this.#tries.set(user, tries);
    if (user.isWell) this.isIn.add(user);
    if (user.isWell || tries === TRIES) this.#settled += 1;
    else this.#retries.push({ user, at: now + FIRST_WAIT * 2 ** (tries - 1) });
  }

  onFree(_user: unknown, now: number): void {
    this.#beginNext(now);
  }

  stop(): void {
    this.#isStopped = true;
  }

  finish(): void {}

  #beginNext(now: number): void {
    while (!this.#isStopped && this.#underWay < this.#atOnce) {
      const user = this.#queue.pop();
      if (user === undefined) return;
      this.#underWay += 1;
      this.#ledger.scheduled(now, now);
      user.send(now);
    }
  }
}
