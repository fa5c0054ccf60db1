import type { Connection } from '../connection.ts';

/** The connections of an open loop that have room. */
export interface Free {
  has(connection: Connection): boolean;
  add(connection: Connection): void;
  /** The one to use next. */
  readonly next: Connection | undefined;
  /** That one has no more room. */
  drop(): void;
  /** That one was used, and still has room. */
  turn(): void;
}

/** The last one used is used again: it is warm, and surplus ones stay idle. */
export class FreeStack implements Free {
  readonly #stack: Connection[] = [];
  readonly #all = new Set<Connection>();

  get next(): Connection | undefined {
    return this.#stack.at(-1);
  }

  has(connection: Connection): boolean {
    return this.#all.has(connection);
  }

  add(connection: Connection): void {
    this.#all.add(connection);
    this.#stack.push(connection);
  }

  drop(): void {
    const top = this.#stack.pop();
    if (top !== undefined) this.#all.delete(top);
  }

  turn(): void {}
}

/** Each in its turn: channels are open in order to be used. */
export class FreeRing implements Free {
  /** In the order in which they were added. */
  readonly #all = new Set<Connection>();

  get next(): Connection | undefined {
    return this.#all.values().next().value;
  }

  has(connection: Connection): boolean {
    return this.#all.has(connection);
  }

  add(connection: Connection): void {
    this.#all.add(connection);
  }

  drop(): void {
    const { next } = this;
    if (next !== undefined) this.#all.delete(next);
  }

  turn(): void {
    const { next } = this;
    if (next === undefined) return;
    this.#all.delete(next);
    this.#all.add(next);
  }
}
