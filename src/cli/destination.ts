import { closeSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../files/make-folder.ts';
import { putBack } from '../files/put-back.ts';

/** Where a report goes: a file, or standard output. A disk that is full ends the report, and not the run. */
export class Destination {
  readonly #file: string | null;
  readonly #fd: number;
  #failure: string | undefined;

  /** @throws the file system's error when the file cannot be written */
  constructor(file: string | null) {
    this.#file = file;
    if (file !== null) makeFolder(dirname(file));
    this.#fd = file === null ? 1 : openSync(file, 'w');
  }

  write(text: string): void {
    if (this.#failure !== undefined) return;
    const bytes = Buffer.from(text);
    try {
      for (let written = 0; written < bytes.length; ) written += this.#writeSome(bytes, written);
    } catch (error) {
      this.#failure = `the report in ${this.#file ?? 'standard output'} is not complete: ${(error as Error).message}`;
    }
  }

  #writeSome(bytes: Buffer, from: number): number {
    try {
      return writeSync(this.#fd, bytes, from);
    } catch (error) {
      // Standard output may be a pipe that does not block: it is full for a moment.
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw error;
    }
  }

  close(): string | undefined {
    if (this.#file !== null) this.#leave(this.#file);
    return this.#failure;
  }

  /** A component may have cleaned the project, this file included. */
  #leave(file: string): void {
    try {
      makeFolder(dirname(file));
      putBack(this.#fd, file);
    } catch (error) {
      this.#failure ??= `the report in ${file} was removed meanwhile: ${(error as Error).message}`;
    }
    closeSync(this.#fd);
  }
}
