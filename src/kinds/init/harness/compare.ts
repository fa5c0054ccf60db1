/** Whether `import()` and `require()` of a module give the same instances. */

const isThing = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** An export whose getter throws is not compared. */
function look(from: object, name: string): unknown {
  try {
    return Reflect.get(from, name);
  } catch {
    return undefined;
  }
}

/**
 * @param imported the namespace from `import()`
 * @param required the value from `require()`
 * @returns names of the objects, functions and classes that both export, as different instances
 */
export function differingExports(imported: unknown, required: unknown): string[] {
  if (!isThing(imported) || !isThing(required) || imported === required) return [];
  const whole = look(imported, 'default');
  if (whole === required) return [];
  const names = Object.keys(imported).filter((name) => name !== 'module.exports' && name !== '__esModule');
  return names.filter((name) => {
    const ours = look(imported, name);
    // The default import of a CommonJS module is the whole module, unless it has a `default` of its own.
    const theirs = name === 'default' && !('default' in required) ? required : look(required, name);
    return isThing(ours) && isThing(theirs) && ours !== theirs;
  });
}
