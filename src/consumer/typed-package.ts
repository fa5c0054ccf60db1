/** From an installed package to what is to be tried of its types: pure. */
import { compare, minVersion, Range, validRange } from 'semver';
import type { EntryLoad } from '../core/entry.ts';
import type { InstalledPackage, Manifest } from './installed-package.ts';
import { loadsOf, sample } from './loads.ts';

/** A package in a consumer, as far as its types are tried. */
export interface TypedPackage {
  /** Absolute path of the consumer's folder. */
  readonly consumer: string;
  /** Absolute path of the package's own folder. */
  readonly folder: string;
  readonly name: string;
  /** It says in its manifest where its declarations are. */
  readonly hasTypes: boolean;
  /** Packages that whoever installs it may leave out. */
  readonly peers: readonly string[];
  /** The oldest TypeScript that it says it supports. */
  readonly oldest: string | null;
  readonly entries: readonly {
    readonly specifier: string;
    readonly isMain: boolean;
    readonly loads: readonly EntryLoad[];
  }[];
  /** How many entry points there would be if none had been left out. */
  readonly total: number;
}

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
