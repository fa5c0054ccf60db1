import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { troubleOf } from '../core/failure.ts';
import { visible } from '../core/harmless.ts';
import { EXIT_CODES } from '../core/verdict.ts';
import { makeFolder } from '../files/make-folder.ts';
import { putBack } from '../store/put-back.ts';
import { say } from './say.ts';

/** Why a report is not complete. */
export interface Incomplete {
  readonly message: string;
  /** What to raise, or to free. */
  readonly remedy?: string;
  /** Whether that is as it was asked for: whoever read it has had enough. */
  readonly isWanted: boolean;
}

/**
 * Tells of a report that is not complete.
 *
 * @returns the exit code: whoever asked for a report does not have what they asked for, so a success is none
 */
export function tellIncomplete({ message, remedy, isWanted }: Incomplete, exitCode: number): number {
  say(visible(`shakedown: ${message}`), process.stderr);
  if (remedy !== undefined) say(visible(`  ${remedy}`), process.stderr);
  return exitCode === EXIT_CODES.passed && !isWanted ? EXIT_CODES.inconclusive : exitCode;
}

/** Where a report goes: a file, or standard output. A disk that is full ends the report, and not the run. */
export class Destination {
  readonly #file: string | null;
  readonly #fd: number;
  #failure: Incomplete | undefined;
  #isProvisional = false;

  /** @throws the file system's error when the file cannot be written */
  constructor(file: string | null) {
    this.#file = file;
    if (file !== null) makeFolder(dirname(file));
    this.#fd = file === null ? 1 : openSync(file, 'w');
  }

  /**
   * Leaves a text in the file for the case that nothing else comes to stand there; what is written next takes its place.
   * Whatever is no file is left alone.
   */
  provide(text: string): void {
    if (this.#file === null || !fstatSync(this.#fd).isFile()) return;
    try {
      // By its position, so that what follows begins at the beginning.
      writeSync(this.#fd, text, 0);
      this.#isProvisional = true;
    } catch {
      // A disk that is full is told when it matters.
    }
  }

  write(text: string): void {
    if (this.#failure !== undefined) return;
    if (this.#isProvisional) this.#clear();
    const bytes = Buffer.from(text);
    try {
      for (let written = 0; written < bytes.length; ) written += this.#writeSome(bytes, written);
    } catch (error) {
      this.#failure = incomplete(`the report in ${this.#file ?? 'standard output'} is not complete`, error);
    }
  }

  #clear(): void {
    this.#isProvisional = false;
    ftruncateSync(this.#fd);
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

  /** @returns why it is not complete, if so */
  close(): Incomplete | undefined {
    if (this.#file !== null) this.#leave(this.#file);
    return this.#failure;
  }

  /** A component may have cleaned the project, this file included. */
  #leave(file: string): void {
    try {
      makeFolder(dirname(file));
      putBack(this.#fd, file);
    } catch (error) {
      this.#failure ??= incomplete(`the report in ${file} was removed during the run`, error);
    }
    closeSync(this.#fd);
  }
}

function incomplete(what: string, error: unknown): Incomplete {
  const { code, message } = error as NodeJS.ErrnoException;
  const trouble = troubleOf(error);
  return {
    message: `${what}: ${message}`,
    ...(trouble === undefined ? {} : { remedy: trouble.remedy }),
    isWanted: code === 'EPIPE',
  };
}
