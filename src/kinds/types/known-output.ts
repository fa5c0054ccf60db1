/** What tsc has printed of files in a consumer, which it prints again as long as that and the compiler stay as they were installed. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installedAs } from '../../consumer/install.ts';
import { cacheFolder } from '../../store/consumer-cache.ts';
import { Remembered } from '../../store/remembered.ts';
import type { ComponentContext } from '../common/context.ts';

/** Bumped when tsc is asked in another way; and whoever works on that has another build each time. */
const FORMAT = 1;
const builtAt = (): number => statSync(fileURLToPath(import.meta.url)).mtimeMs;

/** Changes with all that what tsc says of a consumer may depend on, beside the question and the compiler. */
export const asInstalled = (
  consumer: string,
  { version }: Pick<ComponentContext, 'version'>,
): readonly unknown[] => [FORMAT, version, builtAt(), ...installedAs(consumer)];

export interface Asked {
  /** Absolute path of the consumer. */
  readonly consumer: string;
  /** Absolute path of the folder in it that has the files, and is there for this run alone. */
  readonly folder: string;
  /** Names of the files. */
  readonly files: readonly string[];
  /** The version of the compiler. */
  readonly version: string;
  readonly resolution: string;
  /** Absolute path of the folder with the types of Node. */
  readonly typeRoot: string;
}

export class KnownOutput {
  readonly #remembered: Remembered;
  readonly #key: readonly unknown[];
  readonly #folder: string;

  constructor(
    { consumer, folder, files, version, resolution, typeRoot }: Asked,
    context: Pick<ComponentContext, 'env' | 'version'>,
  ) {
    this.#remembered = new Remembered(cacheFolder('checked', context.env));
    this.#folder = folder;
    const texts = files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
    const asked = [version, resolution, statSync(typeRoot).mtimeMs, texts];
    this.#key = ['tsc', ...asInstalled(consumer, context), ...asked];
  }

  get(): string | undefined {
    return this.#remembered.get<string>(this.#key);
  }

  /** Words with a path of this run alone are not for another. */
  keep(output: string): void {
    if (!output.includes(this.#folder)) this.#remembered.put(this.#key, output);
  }
}
