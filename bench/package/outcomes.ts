/** What came of trials, kept on disk as they come: all of them take long, and a run that was ended is carried on by the next. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { nameIn, type Subject } from './packages.ts';
import type { Trial } from './trial.ts';

/** By package. */
export class Outcomes {
  readonly #file: string;
  readonly #trials: Map<string, Trial>;

  /** @param file absolute path, which need not exist */
  constructor(file: string) {
    this.#file = file;
    const trials = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Trial[]) : [];
    this.#trials = new Map(trials.map((trial) => [trial.spec, trial]));
  }

  keep(trial: Trial): void {
    this.#trials.set(trial.spec, trial);
    mkdirSync(dirname(this.#file), { recursive: true });
    // Whole at any time, whatever ends this process.
    writeFileSync(`${this.#file}.new`, `${JSON.stringify([...this.#trials.values()], null, 2)}\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }

  /** In the order of the list. */
  of = (subjects: readonly Subject[]): Trial[] =>
    subjects.flatMap(({ spec }) => this.#trials.get(spec) ?? []);

  /**
   * @param names with or without versions; `none` stands for no package
   * @returns those, whatever is kept; without names, those of which nothing is kept
   * @throws when one is not known
   */
  wanted<T extends Subject>(names: readonly string[], all: readonly T[]): readonly T[] {
    if (names.length === 0) return all.filter(({ spec }) => !this.#trials.has(spec));
    return names
      .filter((name) => name !== 'none')
      .map((name) => {
        const found = all.find(({ spec }) => spec === name || nameIn(spec) === name);
        if (found === undefined)
          throw new Error(`${name} is none of the packages in bench/package/packages.ts`);
        return found;
      });
  }
}
