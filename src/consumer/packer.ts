/** Which package manager packs a folder: its project's own, as only that one knows what `workspace:` and `catalog:` mean there. */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { coerce, valid } from 'semver';
import { readJson } from '../files/read-json.ts';

export type PackerName = 'npm' | 'pnpm' | 'yarn' | 'bun';

/** Yarn 1, and Yarn since 2: two programs with one name. */
export type YarnEdition = 'classic' | 'berry';

export interface Packer {
  readonly name: PackerName;
  /** The version that the project demands; null when it demands none. */
  readonly version: string | null;
  /** Of Yarn, as far as the project tells; else null. */
  readonly edition: YarnEdition | null;
  /** What names it, as a clause: `/app/package.json names pnpm@10.2.0`. Null for npm when nothing names another. */
  readonly because: string | null;
}

/** What a project names that is no package manager known to us. */
export interface UnknownPacker {
  readonly unknown: string;
  readonly because: string;
}

const NAMES: readonly string[] = ['npm', 'pnpm', 'yarn', 'bun'] satisfies readonly PackerName[];

const isPackerName = (name: string): name is PackerName => NAMES.includes(name);

/** npm's comes last: a project that moved away from npm may have left it behind. */
const LOCK_FILES: readonly (readonly [string, PackerName])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['pnpm-workspace.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
];

const NPM: Packer = { name: 'npm', version: null, edition: null, because: null };

const ownerOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.uid;

/**
 * Makes a test of whether a file exists and belongs to the owner of a folder: above a folder in /tmp, anybody may have
 * put a package.json, which must not decide what is run.
 */
export function ownFilesOf(folder: string): (path: string) => boolean {
  const owner = ownerOf(folder);
  return (path) => owner !== undefined && ownerOf(path) === owner;
}

/** A folder and those above it, nearest first, up to the root of its repository. */
export function upwards(folder: string): string[] {
  const above = dirname(folder);
  return above === folder || existsSync(join(folder, '.git')) ? [folder] : [folder, ...upwards(above)];
}

const HEAD_BYTES = 1024;

/** Yarn 1 begins its lock file with a comment, and Yarn since 2 with `__metadata:`. */
function editionOfLock(path: string): YarnEdition {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    readSync(file, head);
    return head.includes('__metadata:') ? 'berry' : 'classic';
  } finally {
    closeSync(file);
  }
}

export function editionOf(version: string): YarnEdition | null {
  const major = coerce(version)?.major;
  if (major === undefined) return null;
  return major < 2 ? 'classic' : 'berry';
}

/** The two fields that can name a package manager; nobody has validated them. */
interface Naming {
  readonly packageManager?: unknown;
  readonly devEngines?: { readonly packageManager?: unknown } | null;
}

/** @returns `pnpm@10.2.0`, possibly with a hash or a range after the name; undefined when none is named */
function namedIn({ packageManager, devEngines }: Naming): string | undefined {
  if (typeof packageManager === 'string') return packageManager;
  const wanted = [devEngines?.packageManager].flat() as ({ name?: unknown; version?: unknown } | undefined)[];
  const name = wanted[0]?.name;
  return typeof name === 'string' ? `${name}@${String(wanted[0]?.version ?? '')}` : undefined;
}

function byManifest(path: string): Packer | UnknownPacker | undefined {
  const named = namedIn(readJson<Naming | null>(path) ?? {});
  if (named === undefined) return undefined;
  const [name = '', range = ''] = named.split('@');
  const version = valid(range)?.replace(/\+.*/, '') ?? null;
  const because = `${path} names ${version === null ? name : `${name}@${version}`}`;
  if (!isPackerName(name)) return { unknown: name, because };
  return { name, version, edition: name === 'yarn' ? editionOf(range) : null, because };
}

function byLockFile(path: string, name: PackerName): Packer {
  const edition = name === 'yarn' ? editionOfLock(path) : null;
  return { name, version: null, edition, because: `${path} is a file of ${name}` };
}

/**
 * Finds the package manager of a folder: what `packageManager` or `devEngines` of the nearest package.json name, else
 * the one whose lock file is nearest. Only files of the folder's owner count.
 *
 * @param folder absolute path of a package
 * @returns npm when nothing names another
 */
export function findPacker(folder: string): Packer | UnknownPacker {
  const isOwn = ownFilesOf(folder);
  const folders = upwards(folder);
  for (const path of folders.map((each) => join(each, 'package.json')).filter(isOwn)) {
    const found = byManifest(path);
    if (found !== undefined) return found;
  }
  const locks = folders.flatMap((each) =>
    LOCK_FILES.map(([file, name]) => ({ path: join(each, file), name })),
  );
  const lock = locks.find(({ path }) => isOwn(path));
  return lock === undefined ? NPM : byLockFile(lock.path, lock.name);
}
