/**
 * What `exports` of a package.json mean to whoever asks under given conditions, as Node.js and TypeScript read them.
 * What Node refuses, such as a path that does not begin with `./`, is what it is: it is to be tried, and told.
 */

/** A target of `exports`: a path, conditions, alternatives, or null for what nobody gets. */
export type Target = string | null | readonly Target[] | { readonly [condition: string]: Target };

/**
 * @param conditions what the one who asks stands for; the order is that of the package
 * @returns the path as it is written, perhaps with a `*`; undefined when there is none for these conditions
 */
export function resolveTarget(
  target: Target | undefined,
  conditions: ReadonlySet<string>,
): string | undefined {
  const found = resolve(target, conditions);
  return found === null ? undefined : found;
}

/** null ends the search: `"node": null` is no invitation to go on to `default`. */
function resolve(target: Target | undefined, conditions: ReadonlySet<string>): string | null | undefined {
  if (target === undefined || target === null || typeof target === 'string') return target;
  if (Array.isArray(target)) return resolveAny(target as readonly Target[], conditions);
  for (const [condition, each] of Object.entries(target)) {
    if (condition !== 'default' && !conditions.has(condition)) continue;
    const found = resolve(each, conditions);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The first alternative that Node would take; else the last that it has looked at, which it refuses. */
function resolveAny(targets: readonly Target[], conditions: ReadonlySet<string>): string | null | undefined {
  let last: string | null | undefined = targets.length === 0 ? null : undefined;
  for (const each of targets) {
    const found = resolve(each, conditions);
    if (found?.startsWith('./')) return found;
    if (found !== undefined) last = found;
  }
  return last;
}

/**
 * @param exports of a package.json, in any of its forms
 * @returns its subpaths with their targets: `.`, `./fp`, `./icons/*`
 */
export function subpathsOf(exports: Target): ReadonlyMap<string, Target> {
  const isMap =
    typeof exports === 'object' &&
    exports !== null &&
    !Array.isArray(exports) &&
    Object.keys(exports).some((key) => key.startsWith('.'));
  return new Map(isMap ? Object.entries(exports) : [['.', exports]]);
}

/** What stands for the `*` of a pattern in a text that fits it; undefined when it does not fit. */
export function matchStar(pattern: string, text: string): string | undefined {
  const [start = '', end = ''] = pattern.split('*', 2);
  const fits = text.length > start.length + end.length && text.startsWith(start) && text.endsWith(end);
  return fits ? text.slice(start.length, text.length - end.length) : undefined;
}
