/** Matches a name in `denyModules` against the modules that were loaded. */
import { isBuiltin } from 'node:module';
import { resolve, sep } from 'node:path';
import type { InitComponent } from './component.ts';

/**
 * @param name a package, a built-in module with or without `node:`, or a file or folder that begins with `./` or `../`;
 *   for Python a module, which includes its submodules
 * @param loaded absolute paths and names of built-in modules; for Python, module names
 * @returns those that match
 */
export function deniedModules(
  name: string,
  loaded: readonly string[],
  { language, cwd }: Pick<InitComponent, 'language' | 'cwd'>,
): string[] {
  if (language === 'python') return loaded.filter((each) => each === name || each.startsWith(`${name}.`));
  if (/^\.\.?(?:\/|$)|^\//.test(name)) {
    const path = resolve(cwd, name);
    return loaded.filter((each) => each === path || each.startsWith(path + sep));
  }
  if (isBuiltin(name)) return loaded.filter((each) => each === `node:${name.replace(/^node:/, '')}`);
  return loaded.filter((each) => each.includes(`/node_modules/${name}/`));
}
