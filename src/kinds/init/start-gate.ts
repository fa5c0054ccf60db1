import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { registerChild } from '../../process/system/children.ts';

/**
 * A barrier for processes of any language: a named pipe. Opening it for reading blocks until somebody opens it for
 * writing, and then the kernel lets go of all who wait there at once. It is kept open afterwards, so that one who comes
 * late passes.
 */
export class StartGate {
  readonly path: string;
  #fd: number | undefined;

  private constructor(path: string) {
    this.path = path;
  }

  /** @returns undefined where there are no named pipes, and processes begin as they come */
  static async create(path: string): Promise<StartGate | undefined> {
    const isMade = await new Promise<boolean>((resolve) => {
      registerChild(execFile('mkfifo', ['-m', '600', path], (error) => resolve(error === null)));
    });
    return isMade ? new StartGate(path) : undefined;
  }

  open(): void {
    // For both, since opening for writing alone waits for a reader, and there may be none any more.
    this.#fd ??= openSync(this.path, constants.O_RDWR);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
