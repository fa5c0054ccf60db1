/** Declarations that have gone, of values that never were. Pure. */
import type { RealExports } from '../types/protocol.ts';
import type { DeclaredChange } from './protocol.ts';

/**
 * Whoever used such a value has failed at run time with the last release, too: without its declaration that is told earlier.
 *
 * @param before what the last release really exports, by form and specifier: `import lodash/fp`
 * @returns the changes that may break somebody
 */
export const withoutFalsePromises = (
  changes: readonly DeclaredChange[],
  before: ReadonlyMap<string, RealExports>,
): readonly DeclaredChange[] =>
  changes.filter(({ type, specifier, name, isOnlyValue }) => {
    if (type !== 'removed' || isOnlyValue !== true) return true;
    const real = before.get(`import ${specifier}`);
    return real === undefined || real.names.includes(name) || real.module?.all.includes(name) === true;
  });
