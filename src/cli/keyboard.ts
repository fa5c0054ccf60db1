/** Reads single keys of a terminal, while it is ours. */
import { isInForeground } from '../process/system/proc.ts';

export class Keyboard {
  readonly #stream: NodeJS.ReadStream;
  readonly #onInput: (input: string) => void;
  #isTaken = false;

  /** @param onInput gets what was typed: signals too, which the terminal no longer makes of keys */
  constructor(stream: NodeJS.ReadStream, onInput: (input: string) => void) {
    this.#stream = stream;
    this.#onInput = onInput;
    stream.setEncoding('utf8').on('data', this.#onInput);
    // A terminal that has gone is no reason to end.
    stream.on('error', () => {});
    this.take();
  }

  /** To be called now and then: a job that comes back into the foreground takes the keys again. */
  take(): void {
    // A background job that changed the terminal would be stopped.
    if (this.#isTaken || !isInForeground()) return;
    this.#isTaken = true;
    this.#stream.setRawMode(true);
    this.#stream.resume();
  }

  /** Leaves the terminal to somebody else for a while. */
  leave(): void {
    if (!this.#isTaken) return;
    this.#isTaken = false;
    this.#stream.setRawMode(false);
    this.#stream.pause();
  }

  close(): void {
    this.leave();
    this.#stream.off('data', this.#onInput);
  }
}

/** Whether keys can be read one by one. */
export const hasKeyboard = (stream: NodeJS.ReadStream): boolean =>
  stream.isTTY === true && typeof stream.setRawMode === 'function';
