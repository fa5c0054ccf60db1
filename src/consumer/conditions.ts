/**
 * Resolves `exports` of a package.json under given conditions, as Node.js and TypeScript do. Targets that Node rejects,
 * such as a path without a leading `./`, are kept, so that loading them fails and is reported.
 */

/** A target of `exports`: a path, conditions, alternatives, or null for a blocked path. */
export type Target = string | null | readonly Target[] | { readonly [condition: string]: Target };

/**
 * @param conditions the active ones; the package decides their order
 * @returns the path as written, perhaps with a `*`; undefined when none matches
 */
export function resolveTarget(
  target: Target | undefined,
  conditions: ReadonlySet<string>,
): string | undefined {
  return resolve(target, conditions) ?? undefined;
}

/** null ends the search: `"node": null` does not fall through to `default`. */
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

/** The first alternative that Node would accept; else the last one, which it rejects. */
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

/** What the `*` of a pattern stands for in a text; undefined when the text does not match. */
export function matchStar(pattern: string, text: string): string | undefined {
  const [start = '', end = ''] = pattern.split('*', 2);
  const fits = text.length > start.length + end.length && text.startsWith(start) && text.endsWith(end);
  return fits ? text.slice(start.length, text.length - end.length) : undefined;
}
