/**
 * Where Shakedown keeps what belongs to a project: `.shakedown/` in its folder, with the runs and the cache. Where that
 * cannot be, or is not ours to believe, it is a folder elsewhere, whose name depends on the project alone, so that the
 * next run and `sweep` find it.
 */
import { existsSync, lstatSync, realpathSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { hash64 } from '../files/hash.ts';
import { makeFolder } from '../files/make-folder.ts';
import { makeOwnFolder, type NotOurs, ownTemporaryFolder, PRIVATE_FILE, whyNotOurs } from './ours.ts';

const STATE_DIR = '.shakedown';

export interface StateFolder {
  readonly path: string;
  /** A folder for each run. */
  readonly runs: string;
  /** What outlives a run: which setup steps need not run again. */
  readonly cache: string;
}

const stateAt = (path: string): StateFolder => ({
  path,
  runs: join(path, 'runs'),
  cache: join(path, 'cache'),
});

/**
 * Makes sure that a state folder is there, that it is ours, and that git leaves it alone.
 *
 * @throws NotOurs, or the file system's error when it cannot be made
 */
export function makeState(state: StateFolder): void {
  makeOwnFolder(state.path);
  makeOwnFolder(state.runs);
  makeOwnFolder(state.cache);
  try {
    writeFileSync(join(state.path, '.gitignore'), '*\n', { flag: 'wx', mode: PRIVATE_FILE });
  } catch {
    // It is there already.
  }
}

/** Folders of our own that may hold the state of projects, in the order in which they are tried. */
function otherBases(): string[] {
  const stateHome = process.env.XDG_STATE_HOME ?? '';
  const home = homeFolder();
  const bases = [ownTemporaryFolder()];
  if (stateHome !== '') bases.push(join(stateHome, 'shakedown'));
  else if (home !== undefined) bases.push(join(home, '.local/state/shakedown'));
  return bases;
}

/** In a container a user may have no name, and no home. */
function homeFolder(): string | undefined {
  try {
    const home = homedir();
    return isAbsolute(home) ? home : undefined;
  } catch {
    return undefined;
  }
}

function checksum(text: string): string {
  return hash64(text).toString(16).padStart(16, '0');
}

function nameOf(project: string): string {
  let path = project;
  try {
    path = realpathSync(project);
  } catch {
    // It is named as it was given.
  }
  return `${basename(path)
    .replace(/[^\w.-]/g, '_')
    .slice(0, 40)}-${checksum(path)}`;
}

/**
 * Does something in the state folder of a project, or elsewhere where it cannot be done there.
 *
 * @param project absolute path of its folder
 * @param use is given a state folder that exists; what it throws is taken for trouble of the place
 * @returns what came of it, and why it was not done in the project: null when it was
 * @throws the last error when it cannot be done anywhere
 */
export function inState<T>(
  project: string,
  use: (state: StateFolder) => T,
): { readonly value: T; readonly elsewhere: Error | null } {
  const own = stateAt(join(project, STATE_DIR));
  try {
    makeState(own);
    return { value: use(own), elsewhere: null };
  } catch (error) {
    return { value: useElsewhere(project, use, error as Error), elsewhere: error as Error };
  }
}

function useElsewhere<T>(project: string, use: (state: StateFolder) => T, because: Error): T {
  let failure = because;
  for (const base of otherBases()) {
    const state = stateAt(join(base, nameOf(project)));
    try {
      makeFolder(join(base, '..'));
      makeOwnFolder(base);
      makeState(state);
      return use(state);
    } catch (error) {
      failure = error as Error;
    }
  }
  throw failure;
}

/** The state folders of a project that are there, wherever; and what is in their place and is not believed. */
export interface KnownStates {
  readonly states: readonly StateFolder[];
  readonly refused: readonly NotOurs[];
}

/** Makes nothing. */
export function knownStates(project: string): KnownStates {
  const others = otherBases().filter((base) => existsSync(base) && refusal(base) === undefined);
  const name = others.length === 0 ? '' : nameOf(project);
  const candidates = [join(project, STATE_DIR), ...others.map((base) => join(base, name))].map(stateAt);
  const states: StateFolder[] = [];
  const refused: NotOurs[] = [];
  for (const state of candidates) {
    const because = refusal(state.path) ?? refusal(state.runs);
    if (because !== undefined) refused.push(because);
    else if (isFolder(state.runs)) states.push(state);
  }
  return { states, refused };
}

function refusal(path: string): NotOurs | undefined {
  try {
    return whyNotOurs(path);
  } catch {
    // There is nothing of that name, or nothing that could be looked at.
    return undefined;
  }
}

function isFolder(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}

/**
 * The cache in the very folder of a project.
 *
 * @throws NotOurs, or the file system's error when nothing can be written there
 */
export function projectCache(project: string): string {
  const state = stateAt(join(project, STATE_DIR));
  makeState(state);
  return state.cache;
}
