import type { WriteStream } from 'node:tty';

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
/** The terminal cuts off long lines: it knows better than we do how wide each character is. */
const NO_WRAP = '\x1b[?7l';
const WRAP = '\x1b[?7h';
/** Where it cuts a line, the terminal leaves a wrong character in the last column. */
const CLEAR_LAST_COLUMN = '\x1b[999G\x1b[K';

/** A terminal with permanent lines and, below them, a frame that is redrawn again and again. */
export class Screen {
  readonly #stream: WriteStream;
  // Whatever ends us, short of SIGKILL, the terminal is restored.
  readonly #restore = (): void => {
    if (this.#isTaken) this.#stream.write(`${WRAP}${SHOW_CURSOR}`);
    this.#isTaken = false;
  };
  #drawn = 0;
  /** Whether the cursor is hidden. */
  #isTaken = false;

  constructor(stream: WriteStream) {
    this.#stream = stream;
    process.once('exit', this.#restore);
  }

  /** Adds permanent lines, and draws the frame below them. */
  update(lines: readonly string[], frame: readonly string[]): void {
    const erase = this.#drawn > 0 ? `\x1b[${this.#drawn}A\x1b[J` : '';
    // A terminal that was given no size reports 0 rows.
    const height = Math.max(1, (this.#stream.rows || 24) - 1);
    const shown = frame.slice(0, height);
    this.#drawn = shown.length;
    const kept = lines.map((line) => `${line}\n`).join('');
    const live =
      shown.length > 0
        ? `${NO_WRAP}${shown.map((line) => `${line}${CLEAR_LAST_COLUMN}\n`).join('')}${WRAP}`
        : '';
    const take = live !== '' && !this.#isTaken ? HIDE_CURSOR : '';
    this.#isTaken ||= take !== '';
    if (erase !== '' || kept !== '' || live !== '') this.#stream.write(`${take}${erase}${kept}${live}`);
  }

  /** Restores the terminal, except for the permanent lines. The next frame takes it again. */
  leave(): void {
    this.update([], []);
    this.#restore();
  }

  close(): void {
    this.leave();
    process.off('exit', this.#restore);
  }
}
