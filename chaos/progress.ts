/** Says how far it is: one line that is written anew on a terminal, plain lines now and then elsewhere. */
import type { WriteStream } from 'node:tty';

/** Without a terminal, a line after so many trials. */
const EVERY = 20;

export class Progress {
  readonly #stream: Pick<WriteStream, 'write' | 'isTTY'>;
  readonly #isLive: boolean;
  readonly #total: number;
  readonly #startedAt = performance.now();
  #done = 0;
  #failed = 0;

  constructor(stream: Pick<WriteStream, 'write' | 'isTTY'>, env: NodeJS.ProcessEnv, total: number) {
    this.#stream = stream;
    this.#isLive = stream.isTTY === true && env.TERM !== 'dumb' && (env.NO_COLOR ?? '') === '';
    this.#total = total;
  }

  /** A whole line that stays. */
  say(text: string): void {
    if (this.#isLive) this.#stream.write('\r\x1b[K');
    this.#stream.write(`${text}\n`);
    if (this.#isLive) this.#draw();
  }

  count(failed: boolean): void {
    this.#done += 1;
    if (failed) this.#failed += 1;
    if (this.#isLive) this.#draw();
    else if (this.#done % EVERY === 0 || this.#done === this.#total) this.#stream.write(`${this.#line()}\n`);
  }

  /** Nothing is drawn from here on. */
  close(): void {
    if (this.#isLive) this.#stream.write('\r\x1b[K');
  }

  #draw(): void {
    this.#stream.write(`\r\x1b[K${this.#line()}`);
  }

  #line(): string {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    return `${this.#done} of ${this.#total} trials, ${this.#failed} failed, ${Math.round(seconds)} s`;
  }
}
