/** The lines that a file gains while it is read. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const NEWLINE = 0x0a;
const CHUNK = 64 * 1024;
/** A longer line is given out in parts. */
const LONGEST = 1024 * 1024;

export class Tail {
  readonly path: string;
  #fd: number | undefined;
  #offset = 0;
  /** The beginning of a line that has not ended. */
  #rest: Buffer[] = [];
  #restLength = 0;

  /** @param path absolute; it need not exist yet */
  constructor(path: string) {
    this.path = path;
  }

  /** The whole lines, without their ends, that have been added since the last look. */
  lines(): string[] {
    const lines: string[] = [];
    for (let chunk = this.#next(); chunk !== undefined; chunk = this.#next()) {
      let start = 0;
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, start)) {
        lines.push(this.#take(chunk.subarray(start, at)));
        start = at + 1;
      }
      this.#rest.push(chunk.subarray(start));
      this.#restLength += chunk.length - start;
      if (this.#restLength > LONGEST) lines.push(this.#take(Buffer.alloc(0)));
    }
    return lines;
  }

  /** The beginning of a line that will not be continued, if there is one. */
  end(): string[] {
    const last = this.#restLength > 0 ? [this.#take(Buffer.alloc(0))] : [];
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    return last;
  }

  #take(end: Buffer): string {
    const line = Buffer.concat([...this.#rest, end]).toString('utf8');
    this.#rest = [];
    this.#restLength = 0;
    return line;
  }

  #next(): Buffer | undefined {
    try {
      this.#fd ??= openSync(this.path, 'r');
      const left = fstatSync(this.#fd).size - this.#offset;
      if (left <= 0) return undefined;
      const chunk = Buffer.alloc(Math.min(left, CHUNK));
      const read = readSync(this.#fd, chunk, 0, chunk.length, this.#offset);
      this.#offset += read;
      return read === 0 ? undefined : chunk.subarray(0, read);
    } catch {
      // It does not exist yet, or never will.
      return undefined;
    }
  }
}
