/** Who has something to write. */
export interface Writer {
  flush(): void;
}

/**
 * Has connections write once in a turn of the event loop, after what came in it was read.
 *
 * Node gives up a socket whose write fails, together with what it has not read yet. A server that has closed answers
 * the first write with a reset, and only the next one fails: as long as each write is followed by a read, the
 * response that said why it closed is seen. It also makes one system call of the requests that are pipelined.
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
