import { closeSync, openSync, writeSync } from 'node:fs';
import { secrets } from '../../core/secrets.ts';
import { PRIVATE_FILE } from '../../store/ours.ts';
import { putBack } from '../../store/put-back.ts';
import { SecretMask } from './mask.ts';

const NEWLINE = 0x0a;

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
  readonly #masks = new Map<string, SecretMask>();

  /** @param path absolute; an existing file is continued. A log that cannot be opened is reported by `failure`. */
  constructor(path: string) {
    this.path = path;
    try {
      this.#fd = openSync(path, 'a', PRIVATE_FILE);
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
    }
    this.#put(bytes);
    this.#midLine = bytes[bytes.length - 1] !== NEWLINE;
  }

  #put(bytes: Buffer): void {
    if (this.#fd === undefined) return;
    try {
      let written = 0;
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
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
      this.#fd = openSync(this.path, 'a', PRIVATE_FILE);
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
