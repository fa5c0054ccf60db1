/** Whether `import()` and `require()` of a module give the same things. */

const isThing = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** An export that throws when it is looked at is not compared. */
function look(from: object, name: string): unknown {
  try {
    return Reflect.get(from, name);
  } catch {
    return undefined;
  }
}

/**
 * @param imported the namespace that `import()` gave
 * @param required what `require()` gave
 * @returns names of exports that both give, and that are two instances: objects, functions and classes that are not identical
 */
export function differingExports(imported: unknown, required: unknown): string[] {
  if (!isThing(imported) || !isThing(required) || imported === required) return [];
  const whole = look(imported, 'default');
  if (whole === required) return [];
  const names = Object.keys(imported).filter((name) => name !== 'module.exports' && name !== '__esModule');
  return names.filter((name) => {
    const ours = look(imported, name);
    // What is exported as default is all of a CommonJS module, unless that has a default of its own.
    const theirs = name === 'default' && !('default' in required) ? required : look(required, name);
    return isThing(ours) && isThing(theirs) && ours !== theirs;
  });
}
