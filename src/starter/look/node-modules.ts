/** Whether the installed packages are those that a package requires. */
import { dirname, join } from 'node:path';
import type { Installed, PackageManager } from '../facts.ts';
import { asObject, Tree, textsOf } from './tree.ts';

type Ranges = Readonly<Record<string, string>>;

/** Compares them; reports the first one that does not match. */
export function installedPackages(
  tree: Tree,
  top: Tree,
  manager: PackageManager,
  lockFile: string | null,
  ranges: Ranges,
): Installed {
  if (Object.keys(ranges).length === 0) return { state: 'matches' };
  // Plug'n'Play has no folder of packages.
  if (manager === 'yarn-berry' && (tree.has('.pnp.cjs') || top.has('.pnp.cjs'))) return { state: 'matches' };
  const isSomethingThere = [tree, top].some((place) => place.isFolder('node_modules'));
  if (!isSomethingThere) return { state: 'missing' };
  const why = missingPackage(tree, ranges) ?? otherThanLocked(tree, manager, lockFile);
  return why === undefined ? { state: 'matches' } : { state: 'differs', why };
}

/** A dependency that is nowhere on the way up, where Node would find it. */
function missingPackage(tree: Tree, ranges: Ranges): string | undefined {
  return Object.keys(ranges)
    .filter((name) => !isThere(name, tree.root))
    .map((name) => `${name} is not installed`)[0];
}

function isThere(name: string, folder: string): boolean {
  const place = new Tree(folder);
  if (place.has(join('node_modules', name, 'package.json'))) return true;
  const parent = dirname(folder);
  return parent !== folder && isThere(name, parent);
}

interface LockedPackage {
  readonly version: string;
  /** It may be absent: it is for another system, or was left out of the installation. */
  readonly isOptional: boolean;
}

/** The packages of an npm lock file, by their folders. */
function lockedPackages(lock: unknown): Map<string, LockedPackage> {
  const entries = Object.entries(asObject(asObject(lock).packages));
  return new Map(
    entries.flatMap(([path, value]): [string, LockedPackage][] => {
      const entry = asObject(value);
      const { version } = textsOf(value);
      if (!path.startsWith('node_modules/') || version === undefined || entry.link === true) return [];
      const isOptional = [entry.optional, entry.devOptional, entry.peer].includes(true);
      return [[path, { version, isOptional }]];
    }),
  );
}

/**
 * npm records what it has installed in the same format as what it should install. With the other managers it must be
 * enough that the required packages are there.
 */
function otherThanLocked(tree: Tree, manager: PackageManager, lockFile: string | null): string | undefined {
  if (manager !== 'npm' || lockFile === null) return undefined;
  const folder = dirname(lockFile);
  const found = lockedPackages(tree.json(join(folder, 'node_modules/.package-lock.json')));
  for (const [path, { version, isOptional }] of lockedPackages(tree.json(lockFile))) {
    const there = found.get(path)?.version ?? textsOf(tree.json(join(folder, path, 'package.json'))).version;
    if (there === version || (there === undefined && isOptional)) continue;
    const name = path.replace(/^.*node_modules\//, '');
    return there === undefined
      ? `${name} is not installed`
      : `${name} is ${there}, and the lock file wants ${version}`;
  }
  return undefined;
}
