import type { WriteStream } from 'node:tty';
import { fitTo, widthOf } from '../text/width.ts';

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
/** Lines are cut to the width. In case a terminal takes more columns for a character than we think, it cuts, too. */
const NO_WRAP = '\x1b[?7l';
const WRAP = '\x1b[?7h';
const CLEAR_REST_OF_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/** What a terminal has that was given no size. */
const USUAL = { rows: 24, columns: 80 };

export interface Size {
  readonly rows: number;
  readonly columns: number;
}

/**
 * A terminal with permanent lines and, below them, a frame that is redrawn again and again. Meanwhile the cursor is at the
 * beginning of the frame: wherever a terminal that becomes smaller moves the lines, all below the cursor is the frame.
 */
export class Screen {
  readonly #stream: WriteStream;
  // Whatever ends us, short of SIGKILL, the terminal is restored.
  readonly #restore = (): void => {
    if (this.#isTaken) this.#stream.write(`${this.#erased()}${WRAP}${SHOW_CURSOR}`);
    this.#isTaken = false;
  };
  readonly #onResize = (): void => {
    if (this.#drawn.length === 0) return;
    const { rows, columns } = this.#stream;
    // One that becomes lower first drops lines from below the cursor.
    const top = Math.min(this.#above, this.#rows - this.#drawn.length);
    const left = Math.max(1, rows - top);
    const strayed = this.#strays ? strayOf(this.#drawn.slice(0, left), columns) : 0;
    this.#drawn = [];
    if (strayed > 0) this.#stream.write(`\x1b[${strayed}A`);
    this.update([], this.#frame);
  };
  /** Whether the terminal moves the cursor where it should not. */
  readonly #strays: boolean;
  #frame: readonly string[] = [];
  /** Its lines as they are on the screen. */
  #drawn: readonly string[] = [];
  /** How many permanent lines are above them, as far as we know: what others have written may be there as well. */
  #above = 0;
  /** Of the terminal when they were drawn. */
  #rows = 0;
  /** Whether the cursor is hidden. */
  #isTaken = false;

  constructor(stream: WriteStream, env: NodeJS.ProcessEnv = process.env) {
    this.#stream = stream;
    this.#strays = env.TERM_PROGRAM === 'vscode';
    process.once('exit', this.#restore);
    stream.on('resize', this.#onResize);
  }

  /** How much a frame may take: a line is left to what is above it. */
  get room(): Size {
    const { rows, columns } = this.#stream;
    return {
      rows: Math.max(1, (rows || USUAL.rows) - 1),
      columns: Math.max(1, (columns || USUAL.columns) - 1),
    };
  }

  /** Adds permanent lines, and draws the frame below them. */
  update(lines: readonly string[], frame: readonly string[]): void {
    const { rows, columns } = this.room;
    const shown = frame.slice(0, rows).map((line) => fitTo(line, columns));
    const isSame = shown.length === this.#drawn.length && shown.every((line, at) => line === this.#drawn[at]);
    if (lines.length === 0 && isSame) return;
    const erase = lines.length > 0 || shown.length === 0 ? this.#erased() : '';
    this.#frame = frame;
    this.#drawn = shown;
    this.#rows = this.#stream.rows;
    this.#above += lines.length;
    const kept = lines.map((line) => `${line}\n`).join('');
    const take = shown.length > 0 && !this.#isTaken ? HIDE_CURSOR : '';
    this.#isTaken ||= take !== '';
    this.#stream.write(`${take}${erase}${kept}${drawing(shown)}`);
  }

  #erased(): string {
    return this.#drawn.length > 0 ? `\r${CLEAR_BELOW}` : '';
  }

  /** Restores the terminal, except for the permanent lines. The next frame takes it again. */
  leave(): void {
    this.update([], []);
    this.#restore();
  }

  close(): void {
    this.leave();
    process.off('exit', this.#restore);
    this.#stream.off('resize', this.#onResize);
  }
}

/** Draws over what is there, without erasing it first: that would flicker. */
function drawing(shown: readonly string[]): string {
  if (shown.length === 0) return '';
  const up = shown.length > 1 ? `\x1b[${shown.length - 1}A` : '';
  return `${NO_WRAP}${shown.join(`${CLEAR_REST_OF_LINE}\n`)}${CLEAR_BELOW}${WRAP}\r${up}`;
}

/**
 * How far VS Code's terminal moves the cursor when it becomes narrower: it wraps lines from the last to the first, moves the
 * cursor down each time, and spares the line where it then believes it to be.
 */
const strayOf = (drawn: readonly string[], columns: number): number =>
  drawn.reduceRight(
    (moved, line, at) => (at === moved ? moved : moved + Math.max(0, Math.ceil(widthOf(line) / columns) - 1)),
    0,
  );
