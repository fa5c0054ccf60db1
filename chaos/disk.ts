/** A small disk that can be filled. Only root can mount one. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const SIZE = '512k';
const INODES = 128;

export class SmallDisk {
  readonly #path: string;
  readonly #filling: string[] = [];

  private constructor(path: string) {
    this.#path = path;
  }

  static mount(path: string): SmallDisk {
    mkdirSync(path, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},nr_inodes=${INODES},mode=700`, 'chaos', path]);
    return new SmallDisk(path);
  }

  /** Leaves room for not one byte, and not one file. */
  fill(): void {
    const block = Buffer.alloc(4096);
    const full = join(this.#path, 'full');
    this.#filling.push(full);
    const fd = openSync(full, 'a');
    const untilRefused = (most: number, step: (count: number) => void): void => {
      try {
        for (let count = 0; count < most; count++) step(count);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    };
    untilRefused(1000, () => writeSync(fd, block));
    closeSync(fd);
    untilRefused(INODES, (count) => {
      const path = join(this.#path, `full-${count}`);
      writeFileSync(path, '', { flag: 'wx' });
      this.#filling.push(path);
    });
  }

  empty(): void {
    for (const path of this.#filling.splice(0)) rmSync(path, { force: true });
  }

  unmount(): void {
    execFileSync('umount', ['--lazy', this.#path]);
  }
}
