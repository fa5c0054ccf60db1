/**
 * Pipes for the output of children.
 *
 * Node gives its children sockets, and a program that opens /dev/stderr by name (`echo x > /dev/stderr`, nginx's
 * `error_log /dev/stderr`) gets ENXIO on a socket. A named pipe, opened at both ends and unlinked at once, is a pipe
 * like any other. Both streams go into one, which keeps their lines in the order in which they were written.
 */
import { spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { removeIfThere } from '../../files/remove.ts';
import { registerChild } from '../system/children.ts';

export interface Pipe {
  readonly readFd: number;
  readonly writeFd: number;
}

function makeNames(paths: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = registerChild(spawn('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore' }));
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}

function openPipe(path: string): Pipe {
  // The reader first and without blocking: opening a named pipe for writing waits for a reader.
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return { readFd, writeFd: openSync(path, constants.O_WRONLY) };
  } catch (error) {
    closeSync(readFd);
    throw error;
  } finally {
    removeIfThere(path);
  }
}

const GONE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

/** A component may have removed pipes that were made ahead. */
function openIfThere(path: string): Pipe | undefined {
  try {
    return openPipe(path);
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/**
 * Making names takes a process, so several are made at once: as many as are waited for, or as were used before, for there may be
 * more to come.
 */
const FIRST_BATCH = 6;
const MOST_AHEAD = 48;
/** A command line has no room for any number of names. */
const MOST_AT_ONCE = 1000;

/** Hands out pipes; they are made ahead, so that nobody has to wait for that. */
export class PipeSource {
  readonly #dir: string;
  #made = 0;
  #waiting = 0;
  #batch: Promise<string[]>;
  /** Whether the first of them could be made, once that is known. */
  readonly canMake: Promise<boolean>;

  /**
   * @param dir an existing folder of the run; pipes that a killed run never used are removed with it
   * @param also absolute paths of named pipes that are made along with the first, and are the caller's
   */
  constructor(dir: string, also: readonly string[] = []) {
    this.#dir = dir;
    this.#batch = this.#makeBatch(also);
    this.canMake = this.#batch.then((names) => names.length > 0);
  }

  async #makeBatch(also: readonly string[] = []): Promise<string[]> {
    const ahead = Math.min(MOST_AHEAD, Math.max(FIRST_BATCH, this.#made));
    const length = Math.min(MOST_AT_ONCE, Math.max(ahead, this.#waiting));
    const paths = Array.from({ length }, () => join(this.#dir, `pipe-${this.#made++}`));
    return (await makeNames([...paths, ...also])) ? paths : [];
  }

  /** A pipe for the caller; undefined if the file system has none and Node's sockets must do. */
  async take(): Promise<Pipe | undefined> {
    this.#waiting += 1;
    try {
      return await this.#take();
    } finally {
      this.#waiting -= 1;
    }
  }

  async #take(): Promise<Pipe | undefined> {
    for (;;) {
      const current = this.#batch;
      const names = await current;
      const path = names.shift();
      if (path !== undefined) {
        if (names.length === 0) this.#batch = this.#makeBatch();
        const pipe = openIfThere(path);
        if (pipe !== undefined) return pipe;
        continue;
      }
      // Others who waited for the same batch took the last of it. More are being made, unless that failed.
      if (this.#batch === current) return undefined;
    }
  }

  /** Waits for what is still being made. */
  async close(): Promise<void> {
    for (const path of await this.#batch) removeIfThere(path);
  }
}
