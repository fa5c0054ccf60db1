/** Loading a module as its users do: by its address, whatever it is written in. */
import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { loadWithJiti, needsJiti } from '../../common/harness/with-jiti.ts';

export type Exports = Readonly<Record<string, unknown>>;

/**
 * @param specifier an absolute path, or a package name as an import would write it
 * @param cwd the folder from which packages are found
 * @returns the address of the module, as `import` would have it, else as `require` would
 * @throws what Node says when there is no such package
 */
export function addressOf(specifier: string, cwd: string): string {
  if (isAbsolute(specifier)) return pathToFileURL(specifier).href;
  const importer = join(cwd, 'importer.js');
  try {
    // The second argument needs Node's --experimental-import-meta-resolve.
    return import.meta.resolve(specifier, pathToFileURL(importer).href);
  } catch {
    return pathToFileURL(createRequire(importer).resolve(specifier)).href;
  }
}

/**
 * @param url address of an ES module, a CommonJS module or an addon
 * @throws whatever the module throws
 */
export async function loadModule(url: string): Promise<Exports> {
  const path = url.startsWith('file:') ? fileURLToPath(url) : '';
  if (path.endsWith('.node')) return createRequire(url)(path) as Exports;
  if (needsJiti(path)) return (await loadWithJiti(path)) as Exports;
  return (await import(url)) as Exports;
}

export type Callable = (...args: readonly unknown[]) => unknown;

const isCallable = (value: unknown): value is Callable => typeof value === 'function';

/** All places in which a module keeps what it exports: CommonJS has it in its default. */
function shelves(module: Exports): Exports[] {
  const { default: inner } = module;
  const isShelf = (typeof inner === 'object' && inner !== null) || typeof inner === 'function';
  return isShelf ? [module, inner as Exports] : [module];
}

/** An exported function, bound to what it is exported from. */
export function exportedFunction(module: Exports, name: string): Callable | undefined {
  const shelf = shelves(module).find((each) => isCallable(each[name]));
  const found = shelf?.[name];
  return isCallable(found) ? found.bind(shelf) : undefined;
}

/** The names of all exported functions, and how many parameters each has. Getters are not asked. */
export function exportedFunctions(module: Exports): { readonly name: string; readonly parameters: number }[] {
  const found = new Map<string, number>();
  for (const shelf of shelves(module))
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(shelf)))
      if (isCallable(value) && !found.has(name)) found.set(name, value.length);
  return [...found].map(([name, parameters]) => ({ name, parameters }));
}
