/** Which requests of a load are counted together: those of the same name, within a bound on the number of names. */
import type { LoadRequest } from './load.ts';

/** So many names have numbers of their own; a histogram of each is kept in each thread. */
export const MOST_NAMES = 100;
/** The series of all requests whose names are beyond that. */
export const OTHERS = '(others)';

export interface Series {
  /** The names, in the order in which they occur. */
  readonly names: readonly string[];
  /** For each request, the place of its name. */
  readonly places: readonly number[];
}

/** Names as they occur. */
export class SeriesNames {
  readonly names: string[] = [];
  readonly #known = new Map<string, number>();

  /** The place of a name, which gets one unless there are too many. */
  place(name: string): number {
    const at = this.#known.get(name);
    if (at !== undefined) return at;
    if (this.names.length >= MOST_NAMES && name !== OTHERS) return this.place(OTHERS);
    this.#known.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}

export function seriesOf(requests: readonly Pick<LoadRequest, 'name'>[]): Series {
  const series = new SeriesNames();
  return { places: requests.map(({ name }) => series.place(name)), names: series.names };
}
