import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { registerChild } from '../../process/system/children.ts';

/**
 * A barrier for processes of any language: a named pipe. Opening it for reading blocks until it is opened for writing,
 * and then the kernel releases all waiting readers at once. It stays open, so that latecomers pass.
 */
export class StartGate {
  readonly path: string;
  #fd: number | undefined;

  private constructor(path: string) {
    this.path = path;
  }

  /** @returns undefined where there are no named pipes: then processes start as they come */
  static async create(path: string): Promise<StartGate | undefined> {
    const isMade = await new Promise<boolean>((resolve) => {
      registerChild(execFile('mkfifo', ['-m', '600', path], (error) => resolve(error === null)));
    });
    return isMade ? new StartGate(path) : undefined;
  }

  open(): void {
    // Not write-only, which would block until there is a reader: all of them may be gone.
    this.#fd ??= openSync(this.path, constants.O_RDWR);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
