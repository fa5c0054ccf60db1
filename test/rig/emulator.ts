/** A terminal that shows what a program writes to it: the emulator of VS Code, without a window. */
import { EventEmitter } from 'node:events';
import type { WriteStream } from 'node:tty';
import { Terminal } from '@xterm/headless';

export interface Size {
  readonly rows: number;
  readonly columns: number;
}

export class Emulator {
  readonly #terminal: Terminal;
  /** What a program is given as its standard output. */
  readonly stream: WriteStream;

  constructor({ rows, columns }: Size) {
    this.#terminal = new Terminal({ rows, cols: columns, scrollback: 10_000, allowProposedApi: true });
    const write = (text: string): boolean => {
      // As the driver of a terminal does.
      this.#terminal.write(text.replaceAll('\n', '\r\n'));
      return true;
    };
    this.stream = Object.assign(new EventEmitter(), {
      rows,
      columns,
      write,
      isTTY: true,
    }) as unknown as WriteStream;
  }

  /** One that has been sent all of this, which has passed a terminal's driver. */
  static async after(text: string, size: Size): Promise<Emulator> {
    const terminal = new Emulator(size);
    terminal.feed(text);
    await terminal.settle();
    return terminal;
  }

  /** Writes what has passed a terminal's driver already. */
  feed(text: string): void {
    this.#terminal.write(text);
  }

  /** Everything written so far has been taken. */
  async settle(): Promise<void> {
    await new Promise<void>((done) => this.#terminal.write('', done));
  }

  async resize({ rows, columns }: Size): Promise<void> {
    await this.settle();
    this.#terminal.resize(columns, rows);
    Object.assign(this.stream, { rows, columns });
    this.stream.emit('resize');
    await this.settle();
  }

  /** Its lines, those that have scrolled out at the top included; without blank ones at the end. */
  async lines(): Promise<string[]> {
    await this.settle();
    return this.text.split('\n');
  }

  /** Whether a line is the continuation of the one above, for want of columns. */
  async wrapped(): Promise<number> {
    await this.settle();
    const { active } = this.#terminal.buffer;
    return Array.from({ length: active.length }, (_, at) => active.getLine(at)).filter(
      (line) => line?.isWrapped,
    ).length;
  }

  /** What it shows, and what has scrolled out at the top. */
  get text(): string {
    const { active } = this.#terminal.buffer;
    return Array.from({ length: active.length }, (_, at) => active.getLine(at)?.translateToString(true) ?? '')
      .join('\n')
      .trimEnd();
  }

  /** Whether lines that are too long go on in the next. */
  get wraps(): boolean {
    return this.#terminal.modes.wraparoundMode;
  }

  /** Where the cursor is: counted from the first line of all, from 0. */
  get cursor(): { readonly row: number; readonly column: number } {
    const { baseY, cursorY, cursorX } = this.#terminal.buffer.active;
    return { row: baseY + cursorY, column: cursorX };
  }
}
