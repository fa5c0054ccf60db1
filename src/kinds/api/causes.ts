/** A change that several entry points show is one: it is told of the first of them, and the others are named. Pure. */
import { nameFew } from '../../core/few.ts';
import type { Place } from './protocol.ts';

const SHOWN = 3;

export const placeOf = ({ name, specifier }: Place): string => `"${name}" of "${specifier}"`;

const isDefault = ({ name }: Place): boolean => name === 'default';

/**
 * @param shown what entry points show
 * @returns what has the same cause together; a default export comes after the name that it has elsewhere
 */
export function byCause<T extends Place>(shown: readonly T[], causeOf: (each: T) => string): [T, ...T[]][] {
  const causes = new Map<string, Map<string, T>>();
  for (const each of shown) {
    const cause = causeOf(each);
    const places = causes.get(cause) ?? new Map<string, T>();
    if (!places.has(placeOf(each))) places.set(placeOf(each), each);
    causes.set(cause, places);
  }
  return [...causes.values()].flatMap((places): [T, ...T[]][] => {
    const all = [...places.values()];
    const [first, ...others] = [...all.filter((each) => !isDefault(each)), ...all.filter(isDefault)];
    return first === undefined ? [] : [[first, ...others]];
  });
}

/** @param say a sentence about the first */
export function tellOnce<T extends Place>(
  [first, ...others]: readonly [T, ...T[]],
  say: (first: T) => string,
): string {
  const also = others.length === 0 ? '' : ` (also ${nameFew(others.map(placeOf), SHOWN)})`;
  return `${say(first)}${also}`;
}
