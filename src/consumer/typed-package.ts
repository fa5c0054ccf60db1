/** From an installed package to what is to be tried of its types: pure. */
import { compare, minVersion, Range, validRange } from 'semver';
import type { TypedPackage } from '../core/suite.ts';
import type { InstalledPackage, Manifest } from './installed-package.ts';
import { loadsOf, sample } from './loads.ts';

/** So many entry points are compared of a package that has more, spread over all of them. */
const MOST_ENTRIES = 100;
/** The first version that knows all of `node16`, `nodenext` and `bundler`. */
const OLDEST = '5.0';

/** A range, or undefined where there is none: nobody has checked what a package.json holds, and npm takes tags as well. */
function rangeOf(text: unknown): Range | undefined {
  const range = typeof text === 'string' ? validRange(text) : null;
  return range === null ? undefined : new Range(range);
}

/**
 * @returns the oldest version of those that can be tried and that the package supports, without its patch: `5.1` of
 *   `^4 || ^5.1`; the oldest that can be tried if it supports none of them; null if any version is fine with it, or
 *   it says nothing
 */
export function oldestTypeScript({ peerDependencies, engines }: Manifest): string | null {
  const range = rangeOf(peerDependencies?.typescript ?? engines?.typescript);
  if (range === undefined || range.range === '') return null;
  const [oldest] = range.set
    .flatMap((alternative) => minVersion([...alternative, `>=${OLDEST}`].join(' ')) ?? [])
    .sort(compare);
  return oldest === undefined ? OLDEST : `${oldest.major}.${oldest.minor}`;
}

export function typedPackage(installed: InstalledPackage): TypedPackage {
  const { consumer, folder, name, manifest, entryPoints, bins } = installed;
  const entries = entryPoints.map((entry) => ({
    specifier: entry.specifier,
    isMain: entry.subpath === '.',
    loads: loadsOf(entry, bins).filter(({ file }) => /\.[cm]?js$/.test(file)),
  }));
  return {
    consumer,
    folder,
    name,
    hasTypes: manifest.types !== undefined || manifest.typings !== undefined,
    peers: Object.keys(manifest.peerDependencies ?? {}),
    oldest: oldestTypeScript(manifest),
    entries: sample(entries, MOST_ENTRIES),
    total: entries.length,
  };
}
