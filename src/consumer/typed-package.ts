/** What a trial of its types needs to know about an installed package. */
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { compare, minVersion, Range, validRange } from 'semver';
import type { EntryLoad } from '../core/entry.ts';
import type { InstalledPackage, Manifest } from './installed-package.ts';
import { loadsOf, sample } from './loads.ts';

/** A package in a consumer, reduced to what concerns its types. */
export interface TypedPackage {
  /** Absolute path of the consumer's folder. */
  readonly consumer: string;
  /** Absolute path of the package's own folder. */
  readonly folder: string;
  readonly name: string;
  /** What is loaded: the package itself, or for `@types/…` the one that is described. */
  readonly loaded: {
    readonly name: string;
    /** Absolute path of its folder. */
    readonly folder: string;
  };
  /** Its manifest says where its declarations are. */
  readonly hasTypes: boolean;
  /** The file that it says so of, relative to its folder; null if there is no such file. */
  readonly declarations: string | null;
  /** Its peer dependencies, which a consumer may leave out. */
  readonly peers: readonly string[];
  /** The oldest TypeScript that it says it supports. */
  readonly oldest: string | null;
  readonly entries: readonly {
    readonly specifier: string;
    /** As `exports` writes it: `.`, `./fp`. */
    readonly subpath: string;
    readonly isMain: boolean;
    readonly loads: readonly EntryLoad[];
  }[];
  /** How many entry points there are, including those left out. */
  readonly total: number;
}

/** Larger packages are sampled evenly. */
const MOST_ENTRIES = 100;
/** The first version that supports all of `node16`, `nodenext` and `bundler`. */
const OLDEST = '5.0';

/** Undefined for anything but a range: a manifest is unchecked, and npm accepts tags as well. */
function rangeOf(text: unknown): Range | undefined {
  const range = typeof text === 'string' ? validRange(text) : null;
  return range === null ? undefined : new Range(range);
}

/**
 * @returns the oldest version that the package supports and that can be tried, without its patch: `5.1` for
 *   `^4 || ^5.1`; the oldest that can be tried if it supports none of those; null if it accepts or names any version
 */
export function oldestTypeScript({ peerDependencies, engines }: Manifest): string | null {
  const range = rangeOf(peerDependencies?.typescript ?? engines?.typescript);
  if (range === undefined || range.range === '') return null;
  const [oldest] = range.set
    .flatMap((alternative) => minVersion([...alternative, `>=${OLDEST}`].join(' ')) ?? [])
    .sort(compare);
  return oldest === undefined ? OLDEST : `${oldest.major}.${oldest.minor}`;
}

function declarationsOf({ folder, manifest }: InstalledPackage): string | null {
  const named = manifest.types ?? manifest.typings;
  if (typeof named !== 'string') return null;
  const path = posix.normalize(named);
  return existsSync(join(folder, path)) ? path : null;
}

export function typedPackage(installed: InstalledPackage): TypedPackage {
  const { consumer, folder, name, manifest } = installed;
  const { entryPoints, bins, ...loaded } = installed.described ?? installed;
  const entries = entryPoints.map((entry) => ({
    specifier: entry.specifier,
    subpath: entry.subpath,
    isMain: entry.subpath === '.',
    loads: loadsOf(entry, bins).filter(({ file }) => /\.[cm]?js$/.test(file)),
  }));
  return {
    consumer,
    folder,
    name,
    loaded: { name: loaded.name, folder: loaded.folder },
    declarations: declarationsOf(installed),
    hasTypes: manifest.types !== undefined || manifest.typings !== undefined,
    peers: Object.keys(manifest.peerDependencies ?? {}),
    oldest: oldestTypeScript(manifest),
    entries: sample(entries, MOST_ENTRIES),
    total: entries.length,
  };
}
