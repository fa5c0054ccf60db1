import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { secrets } from '../../core/secrets.ts';
import { PRIVATE_FILE } from '../../store/ours.ts';
import { putBack } from '../../store/put-back.ts';
import { SecretMask } from './mask.ts';

const NEWLINE = 0x0a;
/** Where more processes than this take turns, nobody wants to know which of the lines are whose. */
const MOST_PARTS = 10_000;

/** A part of the file, in bytes. */
interface Part {
  readonly speaker: string;
  readonly from: number;
  to: number;
}

/**
 * The full output of a component, byte for byte and in order, except for secrets. Where several processes print, a line
 * names the one that comes next, as `tail -f` does with several files.
 */
export class ComponentLog {
  readonly path: string;
  #fd: number | undefined;
  #speaker: string | undefined;
  #midLine = false;
  #failure: string | undefined;
  /** How much has been written, and who has printed which part of it. */
  #size = 0;
  readonly #parts: Part[] = [];
  readonly #masks = new Map<string, SecretMask>();

  /** @param path absolute; an existing file is continued. A log that cannot be opened is reported by `failure`. */
  constructor(path: string) {
    this.path = path;
    try {
      this.#fd = openSync(path, 'a+', PRIVATE_FILE);
      this.#size = fstatSync(this.#fd).size;
    } catch (error) {
      this.#failure = (error as Error).message;
    }
  }

  /** Why the log is incomplete, if it is: usually a full disk. The component goes on without it. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /**
   * @param speaker the process that printed it
   * @param bytes may be reused by the caller afterwards
   */
  write(speaker: string, bytes: Buffer): void {
    const known = this.#masks.get(speaker);
    const mask = known ?? new SecretMask(secrets, (shown) => this.#say(speaker, shown));
    if (known === undefined) this.#masks.set(speaker, mask);
    mask.push(bytes);
  }

  /**
   * All that a process has printed so far, without secrets.
   *
   * @param most how many bytes
   * @returns undefined if it is more than that, or not all of it is in the log
   */
  printedBy(speaker: string, most: number): Buffer | undefined {
    const fd = this.#fd;
    if (fd === undefined || this.#failure !== undefined || this.#parts.length > MOST_PARTS) return undefined;
    const parts = this.#parts.filter((part) => part.speaker === speaker);
    if (parts.reduce((total, { from, to }) => total + to - from, 0) > most) return undefined;
    try {
      const pieces = parts.map(({ from, to }) => {
        const piece = Buffer.allocUnsafe(to - from);
        return piece.subarray(0, readSync(fd, piece, 0, piece.length, from));
      });
      const isWhole = pieces.every(
        ({ length }, at) => length === (parts[at]?.to ?? 0) - (parts[at]?.from ?? 0),
      );
      const [first] = pieces;
      if (!isWhole) return undefined;
      return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces);
    } catch {
      return undefined;
    }
  }

  /** The process prints nothing more: what looked like the beginning of a secret was not one. */
  end(speaker: string): void {
    this.#masks.get(speaker)?.end();
    this.#masks.delete(speaker);
  }

  #say(speaker: string, bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (speaker !== this.#speaker) {
      this.#put(
        Buffer.from(
          `${this.#midLine ? '\n' : ''}${this.#speaker === undefined ? '' : '\n'}==> ${speaker} <==\n`,
        ),
      );
      this.#speaker = speaker;
      if (this.#parts.length <= MOST_PARTS) this.#parts.push({ speaker, from: this.#size, to: this.#size });
    }
    this.#put(bytes);
    const part = this.#parts.at(-1);
    if (part !== undefined) part.to = this.#size;
    this.#midLine = bytes[bytes.length - 1] !== NEWLINE;
  }

  #put(bytes: Buffer): void {
    if (this.#fd === undefined) return;
    try {
      let written = 0;
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
      this.#size += bytes.length;
    } catch (error) {
      this.#failure = (error as Error).message;
      this.#shut();
    }
  }

  /** Restores the file if it was removed: what comes next is written to it as well. */
  restore(): void {
    const old = this.#fd;
    if (old === undefined || !putBack(old, this.path)) return;
    try {
      this.#fd = openSync(this.path, 'a+', PRIVATE_FILE);
      closeSync(old);
    } catch {
      // It has been removed again.
    }
  }

  close(): void {
    for (const speaker of this.#masks.keys()) this.end(speaker);
    this.#shut();
  }

  #shut(): void {
    if (this.#fd === undefined) return;
    putBack(this.#fd, this.path);
    closeSync(this.#fd);
    this.#fd = undefined;
  }
}
