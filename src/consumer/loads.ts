/** Which entry points are loaded, and how. */
import type { EntryLoad } from '../core/entry.ts';
import type { Bin, EntryFile, EntryPoint, InstalledPackage } from './installed-package.ts';

/** The loads that Node supports in every version; only some can `require` an ES module, so that is left out. */
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

/** Every way to load a package in Node. */
export const allLoads = ({ entryPoints, bins }: InstalledPackage): EntryLoad[] =>
  entryPoints.flatMap((entry) => loadsOf(entry, bins));

/** Whether Node can load a package by its name alone. */
export const isLoadable = (installed: InstalledPackage): boolean =>
  allLoads(installed).some(({ specifier }) => specifier === installed.name);

/** Picks at most `most` items, evenly spread and including the first. */
export function sample<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)]).filter(
    (item) => item !== undefined,
  );
}
