/** What is wrong with the words of a load, told by the names that they have where somebody wrote them. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { writePath } from '../../core/option-path.ts';
import type { Path, Problem } from '../../kinds/common/problem.ts';

export type { Path };

/** Where the words of a load come from. */
export interface Origin {
  /** What an option is called there, by its path from the options of the load: `` `body.file` ``, `--body-file`. */
  readonly nameOf: (path: Path) => string;
  /** What files are relative to: an absolute path. */
  readonly folder: string;
  /** Told of each mistake; paths begin at the options of the load. */
  readonly tell: (problem: Problem) => void;
}

/** The names of options as a config has them. */
export const nameInConfig = (path: Path): string => `\`${writePath(path)}\``;

export class Mistakes {
  readonly #origin: Origin;

  constructor(origin: Origin) {
    this.#origin = origin;
  }

  nameOf(...path: Path): string {
    return this.#origin.nameOf(path);
  }

  /** A mistake that names its options itself. */
  add(path: Path, message: string, hint?: string): undefined {
    this.#origin.tell({ path, message, ...(hint === undefined ? {} : { hint }) });
    return undefined;
  }

  /** What is wrong with the value of an option. */
  about(path: Path, message: string, hint?: string): undefined {
    return this.add(path, `${this.#origin.nameOf(path)}: ${message}`, hint);
  }

  /**
   * Only one of these options may be given.
   *
   * @param why what is accepted
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

  /** The bytes of a file that an option names; undefined, and told, when it cannot be read. */
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
