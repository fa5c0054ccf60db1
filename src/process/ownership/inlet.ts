/** A pipe into a child, whose other end is ours. It is at its end when we close it, or are gone. */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Pipe, PipeSource } from '../output/pipe-source.ts';

export class Inlet {
  /** The child's end; ours is closed once the child has started. */
  readonly readFd: number;
  #writeFd: number | undefined;

  private constructor(pipe: Pipe) {
    this.#writeFd = pipe.writeFd;
    // Reopened: pipes hand it to us in non-blocking mode.
    this.readFd = openSync(`/proc/self/fd/${pipe.readFd}`, 'r');
    closeSync(pipe.readFd);
  }

  /** @returns undefined where there are no pipes; needs /proc */
  static async make(pipes: PipeSource): Promise<Inlet | undefined> {
    const pipe = await pipes.take();
    return pipe === undefined ? undefined : new Inlet(pipe);
  }

  /** The child has started and has its own end, or will never start. */
  isTaken(): void {
    closeSync(this.readFd);
  }

  write(text: string): void {
    if (this.#writeFd === undefined) return;
    try {
      writeSync(this.#writeFd, text);
    } catch {
      // The child has ended.
    }
  }

  /** Ends what the child reads; may be called again. */
  close(): void {
    if (this.#writeFd !== undefined) closeSync(this.#writeFd);
    this.#writeFd = undefined;
  }
}
