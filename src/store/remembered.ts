/** What was found out about content that does not change, such as an installed release, kept between runs in a cache folder. */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isKept, pruneCache } from './consumer-cache.ts';

/**
 * Values by all that they depend on. What cannot be read is not remembered, and what cannot be written is forgotten: either
 * costs time, and no more.
 */
export class Remembered {
  readonly #folder: string;

  /** @param folder absolute path of a folder of ours, for these files alone */
  constructor(folder: string) {
    this.#folder = folder;
  }

  #file = (key: readonly unknown[]): string =>
    join(this.#folder, `${createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 24)}.json`);

  get<T>(key: readonly unknown[]): T | undefined {
    const file = this.#file(key);
    try {
      return isKept(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : undefined;
    } catch {
      return undefined;
    }
  }

  /** @returns what is known; or else what is found out, which is kept if it is whole */
  async recall<T>(
    key: readonly unknown[],
    find: () => Promise<T>,
    isWhole: (found: T) => boolean,
  ): Promise<T> {
    const known = this.get<T>(key);
    if (known !== undefined) return known;
    const found = await find();
    if (isWhole(found)) this.put(key, found);
    return found;
  }

  put(key: readonly unknown[], value: unknown): void {
    const file = this.#file(key);
    const draft = `${file}.${process.pid}`;
    try {
      pruneCache(this.#folder);
      writeFileSync(draft, JSON.stringify(value));
      renameSync(draft, file);
    } catch {
      // The next run finds it out again.
    }
  }
}
