/** Puts text into every field of every event that comes from outside, or may. */

/** Words that the program itself decides by. */
const OURS = new Set([
  ...['type', 'code', 'verdict', 'outcome', 'kind', 'startedAt', 'expression', 'part', 'hdr', 'tier'],
  ...['ended', 'mode', 'arrivals', 'phase', 'memory', 'state', 'guarantees', 'atLeast', 'format', 'user'],
]);

/** @param change given the text, and the name of the field that it is in */
export function poison<T>(value: T, change: (text: string, key: string) => string, key = ''): T {
  const poisoned = (each: unknown, name: string): unknown => {
    if (typeof each === 'string') return OURS.has(name) ? each : change(each, name);
    if (Array.isArray(each)) return each.map((one) => poisoned(one, name));
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([at, one]) => [at, poisoned(one, at)]));
  };
  return poisoned(value, key) as T;
}
