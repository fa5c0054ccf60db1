/** Which entry points are loaded, and how: pure. */
import type { EntryLoad } from '../core/entry.ts';
import type { Bin, EntryFile, EntryPoint, InstalledPackage } from './installed-package.ts';

/** Files that Node itself can load; an ES module by `require` only in some versions, so that is not asked of it. */
export function loadsOf(entry: EntryPoint, bins: readonly Bin[]): EntryLoad[] {
  const isProgram = (file: EntryFile): boolean =>
    file.isProgram || bins.some(({ path }) => path === file.path);
  const load = (form: EntryLoad['form'], file: EntryFile | null, formats: readonly string[]): EntryLoad[] =>
    file?.exists && formats.includes(file.format) && !isProgram(file)
      ? [{ specifier: entry.specifier, form, file: file.path }]
      : [];
  return [
    ...load('import', entry.import, ['module', 'commonjs']),
    ...load('require', entry.require, ['commonjs', 'json', 'addon']),
  ];
}

/** All the ways in which Node can load a package. */
export const allLoads = ({ entryPoints, bins }: InstalledPackage): EntryLoad[] =>
  entryPoints.flatMap((entry) => loadsOf(entry, bins));

/** Whether Node can load a package by its name alone. */
export const isLoadable = (installed: InstalledPackage): boolean =>
  allLoads(installed).some(({ specifier }) => specifier === installed.name);

/** Evenly spread, the first included. */
export function sample<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)]).filter(
    (item) => item !== undefined,
  );
}
