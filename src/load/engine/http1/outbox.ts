export interface Writer {
  flush(): void;
}

/**
 * Makes connections write once per turn of the event loop, after all reads: one system call for pipelined requests, and
 * none for a connection whose last response was read in this turn.
 */
export class Outbox {
  #waiting: Writer[] = [];

  /** Schedules its `flush` for the end of this turn; to be called once per turn and writer. */
  add(writer: Writer): void {
    if (this.#waiting.push(writer) === 1) setImmediate(this.#flush);
  }

  readonly #flush = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const writer of waiting) writer.flush();
  };
}
