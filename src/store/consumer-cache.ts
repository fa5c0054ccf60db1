/**
 * What is kept between runs: tarballs of exact versions, and consumers with packages installed.
 *
 * They are kept away from any project. Whoever imports something looks for it in the `node_modules` of all folders
 * above, and a package that forgot to declare what it depends on would find that in the project's.
 */
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { MachineTrouble } from '../core/failure.ts';
import type { Environment } from '../core/suite.ts';
import { makeFolder } from '../files/make-folder.ts';
import { makeOwnFolder, NotOurs, ownTemporaryFolder } from './ours.ts';

const DAY = 24 * 60 * 60 * 1000;
/** What a package depends on gets new versions, so a consumer is made anew after some days. */
const KEEP = 7 * DAY;
/** Whoever began to use something on its last day is given time to end. */
const REMOVE = KEEP + DAY;

/**
 * `$XDG_CACHE_HOME/shakedown/NAME` or `~/.cache/shakedown/NAME`. What is in there is run, so one that is not ours, as when
 * root has the home of another user, is not used: then it is a temporary one.
 *
 * @returns the path of a folder of ours that exists
 * @throws `MachineTrouble` when it cannot be made
 */
export function cacheFolder(name: string, env: Environment): string {
  const base = env.XDG_CACHE_HOME ?? '';
  const own = join(base === '' ? join(homeFolder(), '.cache') : base, 'shakedown');
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

/** In a container a user may have no name, and no home. */
function homeFolder(): string {
  try {
    const home = homedir();
    if (isAbsolute(home)) return home;
  } catch {
    // There is no such user.
  }
  throw new MachineTrouble('there is no home folder to keep the cache in', CACHE_HINT);
}

const age = (path: string): number => {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
};

/** Whether a file is there and is not too old to be used. */
export const isKept = (path: string): boolean => age(path) < KEEP;

/**
 * Puts a folder that was made beside its place into it: whole or not at all. Where somebody has made the same in the
 * meantime it is as good, and in use: then that stays.
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

/** Removes what is too old, in a folder of the cache. What a killed run left half made grows old as well. */
export function pruneCache(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (age(path) > REMOVE) rmSync(path, { recursive: true, force: true });
  }
}
