/** Which failures are kept as evidence. */
import type { LoadFailure } from '../../core/load.ts';

/** How many failures of a kind and name are kept as evidence, and how many in total. */
const EXAMPLES = 3;
const MOST_EXAMPLES = 100;

export type Identity = Pick<LoadFailure, 'kind' | 'name'>;

/** Counts failures by kind and name, as far as the first of each are concerned. */
export class Firsts {
  readonly #counts = new Map<LoadFailure['kind'], Map<string | null, number>>();
  #total = 0;

  /** Whether this is one of the first of its kind and name; not counted yet. */
  wants({ kind, name }: Identity): boolean {
    return this.#total < MOST_EXAMPLES && (this.#counts.get(kind)?.get(name) ?? 0) < EXAMPLES;
  }

  count({ kind, name }: Identity): void {
    const names = this.#counts.get(kind) ?? new Map<string | null, number>();
    this.#counts.set(kind, names.set(name, (names.get(name) ?? 0) + 1));
    this.#total += 1;
  }
}
