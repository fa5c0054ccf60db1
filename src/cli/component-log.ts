/** What a component prints, line by line, from its log: as much as can be read while it happens. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { visibleLine } from '../process/output/visible-line.ts';

const NEWLINE = 0x0a;
/** Where several processes print, the log says which one is next. */
const HEADING = /^==> (.{1,200}) <==$/;
const PROBE = / probe$/;

/** In milliseconds. */
const SPAN = 1000;
/** How much is given out in a span. */
const MOST_BYTES = 32 * 1024;
const MOST_LINES = 200;

/** A line, and the process that printed it. */
export interface Spoken {
  readonly speaker: string;
  readonly line: string;
}

export interface Look {
  /** Bytes that have been passed over before these lines. */
  readonly leftOut: number;
  readonly lines: readonly Spoken[];
  /** The same, after these lines; 0 unless they are the last. */
  readonly leftAtEnd: number;
}

export class ComponentLogTail {
  readonly path: string;
  #fd: number | undefined;
  #offset = 0;
  /** The beginning of a line that has not ended. */
  #rest = Buffer.alloc(0);
  #speaker = '';
  /** The rest of a line whose beginning was passed over is no line. */
  #isTorn = false;
  #span = Number.NEGATIVE_INFINITY;
  #bytes = 0;
  #lines = 0;
  #leftOut = 0;

  /** @param path absolute; it need not exist yet */
  constructor(path: string) {
    this.path = path;
  }

  /**
   * What it has printed since the last look, within bounds; the rest of a span is passed over, unread.
   *
   * @param now milliseconds, on any clock that does not go back
   */
  look(now: number): Look {
    const isNew = now - this.#span >= SPAN;
    const leftOut = isNew ? this.#leftOut : 0;
    if (isNew) {
      this.#span = now;
      this.#bytes = 0;
      this.#lines = 0;
      this.#leftOut = 0;
    }
    return { leftOut, lines: this.#read(), leftAtEnd: 0 };
  }

  /** It prints nothing more: the rest. */
  end(now: number): Look {
    const { lines, leftOut } = this.look(now);
    const last = this.#rest.length > 0 ? this.#spoken(this.#rest.toString('utf8')) : [];
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    return { leftOut, lines: [...lines, ...last], leftAtEnd: this.#leftOut };
  }

  #read(): Spoken[] {
    const { chunk, more } = this.#next();
    const bytes = Buffer.concat([this.#rest, chunk]);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    this.#rest = bytes.subarray(end);
    const whole = end === 0 ? [] : bytes.toString('utf8', 0, end - 1).split('\n');
    const lines = (this.#isTorn ? whole.slice(1) : whole).flatMap((line) => this.#spoken(line));
    if (end > 0) this.#isTorn = false;
    if (more > 1) this.#pass(more);
    const room = Math.max(0, MOST_LINES - this.#lines);
    this.#lines += lines.length;
    this.#leftOut += lines.slice(room).reduce((sum, { line }) => sum + line.length + 1, 0);
    return lines.slice(0, room);
  }

  /** What is read of the file, and how many bytes there are more. */
  #next(): { readonly chunk: Buffer; readonly more: number } {
    try {
      this.#fd ??= openSync(this.path, 'r');
      const left = Math.max(0, fstatSync(this.#fd).size - this.#offset);
      const chunk = Buffer.alloc(Math.min(left, MOST_BYTES - this.#bytes));
      const read = chunk.length === 0 ? 0 : readSync(this.#fd, chunk, 0, chunk.length, this.#offset);
      this.#bytes += read;
      this.#offset += read;
      return { chunk: chunk.subarray(0, read), more: left - read };
    } catch {
      // It does not exist yet, or never will.
      return { chunk: Buffer.alloc(0), more: 0 };
    }
  }

  /** Goes on behind what there is too much of: with its last byte, which may be the end of a line. */
  #pass(bytes: number): void {
    this.#offset += bytes - 1;
    this.#leftOut += this.#rest.length + bytes;
    this.#rest = Buffer.alloc(0);
    this.#isTorn = true;
  }

  #spoken(raw: string): Spoken[] {
    const heading = HEADING.exec(raw)?.[1];
    if (heading !== undefined) this.#speaker = heading;
    const line = heading === undefined ? visibleLine(raw).trimEnd() : '';
    return line === '' || PROBE.test(this.#speaker) ? [] : [{ speaker: this.#speaker, line }];
  }
}
