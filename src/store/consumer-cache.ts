/**
 * What is kept between runs: tarballs of exact versions, and consumers with packages installed.
 *
 * It lies outside of any project: modules are looked up in the `node_modules` of all parent folders, so a package with
 * an undeclared dependency would find it in the project's.
 */
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MachineTrouble } from '../core/failure.ts';
import type { Environment } from '../core/suite.ts';
import { makeFolder } from '../files/make-folder.ts';
import { makeOwnFolder, NotOurs, ownTemporaryFolder } from './ours.ts';
import { homeFolder } from './state-folder.ts';

const DAY = 24 * 60 * 60 * 1000;
/** Dependencies get new versions, so a consumer is rebuilt after some days. */
const KEEP = 7 * DAY;
/** A run that started on the last day gets time to finish. */
const REMOVE = KEEP + DAY;

/**
 * `$XDG_CACHE_HOME/shakedown/NAME` or `~/.cache/shakedown/NAME`. Its content is executed, so a folder that is not ours,
 * as when root has another user's home, is not used, but a temporary one.
 *
 * @returns the path of a folder of ours that exists
 * @throws `MachineTrouble` when it cannot be made
 */
export function cacheFolder(name: string, env: Environment): string {
  const base = env.XDG_CACHE_HOME ?? '';
  const own = join(base === '' ? defaultBase() : base, 'shakedown');
  try {
    return within(own, name);
  } catch (error) {
    if (error instanceof NotOurs) return temporaryCache(name);
    throw new MachineTrouble(`the cache cannot be written: ${(error as Error).message}`, CACHE_HINT);
  }
}

function temporaryCache(name: string): string {
  const temporary = ownTemporaryFolder();
  try {
    within(temporary, 'cache');
    return within(join(temporary, 'cache'), name);
  } catch (error) {
    throw new MachineTrouble(`the cache cannot be written: ${(error as Error).message}`, CACHE_HINT);
  }
}

function within(own: string, name: string): string {
  makeFolder(dirname(own));
  for (const folder of [own, join(own, name)]) makeOwnFolder(folder);
  return join(own, name);
}

const CACHE_HINT = 'set HOME or XDG_CACHE_HOME to a folder you can write to, or free some space';

function defaultBase(): string {
  const home = homeFolder();
  if (home === undefined)
    throw new MachineTrouble('there is no home folder to keep the cache in', CACHE_HINT);
  return join(home, '.cache');
}

const age = (path: string): number => {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
};

/** Whether a file exists and is not too old to be used. */
export const isKept = (path: string): boolean => age(path) < KEEP;

/**
 * Moves a finished draft folder to its place, atomically. If another process did so meanwhile, its folder is as good,
 * and in use: it stays.
 *
 * @param mark a file that is in the folder once it is complete
 */
export function putInPlace(draft: string, folder: string, mark: string): void {
  if (isKept(join(folder, mark))) {
    rmSync(draft, { recursive: true, force: true });
    return;
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(draft, folder);
}

/** Removes what is too old in a cache folder, including half-made drafts of killed runs. */
export function pruneCache(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (age(path) > REMOVE) rmSync(path, { recursive: true, force: true });
  }
}
