/** Who has something to write. */
export interface Writer {
  flush(): void;
}

/**
 * Has connections write once in a turn of the event loop, after what came in it was read: one system call for the
 * requests that are pipelined, and none for a connection whose last response was read in this turn.
 */
export class Outbox {
  #waiting: Writer[] = [];

  /** Calls its `flush` at the end of this turn; to be called once in a turn for each. */
  add(writer: Writer): void {
    if (this.#waiting.push(writer) === 1) setImmediate(this.#flush);
  }

  readonly #flush = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const writer of waiting) writer.flush();
  };
}
