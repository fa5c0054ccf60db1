/** Reports mistakes in the options of a load, by the names that they have where they were written. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { writePath } from '../../core/option-path.ts';
import type { Path, Problem } from '../../kinds/common/problem.ts';

export type { Path };

/** Where the options of a load come from. */
export interface Origin {
  /** The name of an option there, by its path in the options of the load: `` `body.file` ``, `--body-file`. */
  readonly nameOf: (path: Path) => string;
  /** Absolute path that file names are relative to. */
  readonly folder: string;
  /** Receives each mistake; its path starts at the options of the load. */
  readonly tell: (problem: Problem) => void;
}

/** The name of an option in a config. */
export const nameInConfig = (path: Path): string => `\`${writePath(path)}\``;

export class Mistakes {
  readonly #origin: Origin;

  constructor(origin: Origin) {
    this.#origin = origin;
  }

  nameOf(...path: Path): string {
    return this.#origin.nameOf(path);
  }

  /** @param message names the option itself */
  add(path: Path, message: string, hint?: string): undefined {
    this.#origin.tell({ path, message, ...(hint === undefined ? {} : { hint }) });
    return undefined;
  }

  /** @param message about the value of an option, whose name is put before it */
  about(path: Path, message: string, hint?: string): undefined {
    return this.add(path, `${this.#origin.nameOf(path)}: ${message}`, hint);
  }

  /**
   * Allows only one of these options.
   *
   * @param why the rule, as a hint
   * @param given each option, and whether it was given
   */
  exclude(why: string, given: readonly (readonly [path: Path, isGiven: boolean])[]): void {
    const [first, ...others] = given.filter(([, isGiven]) => isGiven).map(([path]) => path);
    if (first === undefined || others.length === 0) return;
    const names = [first, ...others].map((path) => this.#origin.nameOf(path));
    this.add(first, `${names.join(' and ')} contradict each other`, why);
  }

  resolve(file: string): string {
    return resolve(this.#origin.folder, file);
  }

  /** Reads a file that an option names; reports it and returns undefined if it cannot be read. */
  read(path: Path, file: string): Buffer | undefined {
    try {
      return readFileSync(this.resolve(file));
    } catch (error) {
      return this.about(
        path,
        `${file} cannot be read: ${(error as Error).message}`,
        'name a file that exists and that you may read',
      );
    }
  }
}
