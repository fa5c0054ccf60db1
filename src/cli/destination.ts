import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { troubleOf } from '../core/failure.ts';
import { visible } from '../core/harmless.ts';
import { EXIT_CODES } from '../core/verdict.ts';
import { makeFolder } from '../files/make-folder.ts';
import { putBack } from '../store/put-back.ts';
import { guardedOutput } from './command-guard.ts';
import { say } from './say.ts';

/** Why a report is incomplete. */
export interface Incomplete {
  readonly message: string;
  /** What to raise, or to free. */
  readonly remedy?: string;
  /** Whether that is intended: the reader has had enough. */
  readonly isWanted: boolean;
}

/**
 * Says that a report is incomplete.
 *
 * @returns the exit code: the requested report is missing, so success becomes failure
 */
export function tellIncomplete({ message, remedy, isWanted }: Incomplete, exitCode: number): number {
  say(visible(`shakedown: ${message}`), process.stderr);
  if (remedy !== undefined) say(visible(`  ${remedy}`), process.stderr);
  return exitCode === EXIT_CODES.passed && !isWanted ? EXIT_CODES.inconclusive : exitCode;
}

/** In milliseconds: how long a full pipe is left alone. */
const PAUSE = 5;
/** Never changes. */
const NOTHING = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** A pipe that nobody reads would be waited for. */
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NONBLOCK;
/** Pipes that this process was given: standard output, or `>(…)` of a shell. */
const GIVEN = /^\/(?:dev|proc\/self)\/(?:fd\/\d+|stdout|stderr)$/;
const NOT_REGULAR = 'it is no regular file';

/** @throws the file system's error, or one that says that it is a pipe, a socket or the like */
function openFile(file: string): number {
  let fd: number;
  try {
    fd = openSync(file, FLAGS);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENXIO' ? new Error(NOT_REGULAR) : error;
  }
  const found = fstatSync(fd);
  if (found.isFile() || found.isCharacterDevice() || GIVEN.test(file)) return fd;
  closeSync(fd);
  throw new Error(NOT_REGULAR);
}

/** Where a report goes: a file, or standard output. A full disk ends the report, not the run. */
export class Destination {
  readonly #file: string | null;
  readonly #fd: number;
  #failure: Incomplete | undefined;
  #isProvisional = false;

  /** @throws the file system's error when the file cannot be written */
  constructor(file: string | null) {
    this.#file = file;
    if (file !== null) makeFolder(dirname(file));
    this.#fd = file === null ? 1 : openFile(file);
  }

  /** Whether there will be a file to open; else it goes to a device, or to whoever reads a pipe. */
  get isFile(): boolean {
    return this.#file !== null && !GIVEN.test(this.#file) && fstatSync(this.#fd).isFile();
  }

  /** Leaves a text in a regular file in case nothing else gets written; the next text replaces it. */
  provide(text: string): void {
    if (this.#file === null || !fstatSync(this.#fd).isFile()) return;
    try {
      // By position, so that the next write starts at the beginning.
      if (this.#isProvisional) ftruncateSync(this.#fd);
      writeSync(this.#fd, text, 0);
      this.#isProvisional = true;
    } catch {
      // A full disk is reported when it matters.
    }
  }

  write(text: string): void {
    if (this.#failure !== undefined) return;
    if (this.#isProvisional) this.#clear();
    const bytes = Buffer.from(this.#file === null ? guardedOutput(text) : text);
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
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      // Standard output may be a non-blocking pipe: it is full until somebody reads it.
      Atomics.wait(NOTHING, 0, 0, PAUSE);
      return 0;
    }
  }

  /** @returns why it is incomplete, if it is */
  close(): Incomplete | undefined {
    if (this.#file !== null) this.#leave(this.#file);
    return this.#failure;
  }

  /** A component may have cleaned the project, including this file. */
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
