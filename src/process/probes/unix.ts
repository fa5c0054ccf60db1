/** Sockets in the file system. One that an earlier program has left says nothing. */
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { listensOnPath } from '../system/unix-sockets.ts';
import type { ProbeAnswer } from './answer.ts';
import { type FilesBefore, lookAtFile } from './files.ts';

const CONNECT_WITHIN = 1000;
/** In milliseconds. The kernel's table names a socket as it was bound, so it may not be recognised: rarely try one. */
const TRY_EVERY = 250;

/** Asks the kernel whether a socket accepts connections, as for a port; and tries only where that does not tell. */
export class UnixLooks {
  readonly #path: string;
  readonly #cwd: string;
  readonly #before: FilesBefore;
  #triedAt = Number.NEGATIVE_INFINITY;

  constructor(path: string, cwd: string, before: FilesBefore) {
    this.#path = path;
    this.#cwd = cwd;
    this.#before = before;
  }

  async look(): Promise<ProbeAnswer> {
    const file = lookAtFile(this.#path, this.#cwd, this.#before);
    if (!file.ready) return file;
    const absolute = resolve(this.#cwd, this.#path);
    if (listensOnPath(absolute) || (await this.#accepts(absolute))) return { ready: true };
    return { ready: false, why: `the socket ${this.#path} accepts no connections` };
  }

  async #accepts(path: string): Promise<boolean> {
    const now = performance.now();
    if (now - this.#triedAt < TRY_EVERY) return false;
    this.#triedAt = now;
    return new Promise((settle) => {
      const socket = connect({ path });
      const finish = (is: boolean): void => {
        socket.destroy();
        settle(is);
      };
      socket.setTimeout(CONNECT_WITHIN, () => finish(false));
      socket.once('connect', () => finish(true));
      socket.once('error', () => finish(false));
    });
  }
}
