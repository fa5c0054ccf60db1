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

export function seriesOf(requests: readonly Pick<LoadRequest, 'name'>[]): Series {
  const names: string[] = [];
  const known = new Map<string, number>();
  const place = (name: string): number => {
    const at = known.get(name);
    if (at !== undefined) return at;
    if (names.length >= MOST_NAMES && name !== OTHERS) return place(OTHERS);
    known.set(name, names.length);
    return names.push(name) - 1;
  };
  return { places: requests.map(({ name }) => place(name)), names };
}
