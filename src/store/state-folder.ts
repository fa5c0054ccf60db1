/**
 * Where Shakedown keeps a project's state: `.shakedown/` in its folder, with the runs and the cache. Where that is
 * impossible, or not trusted, a folder elsewhere, whose name depends on the project alone, so that the next run and
 * `sweep` find it.
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
 * Makes sure that a state folder exists, is ours, and is ignored by git.
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
    // It exists.
  }
}

/** Our own folders that may hold the state of projects, in order of preference. */
function otherBases(): string[] {
  const stateHome = process.env.XDG_STATE_HOME ?? '';
  const home = homeFolder();
  const bases = [ownTemporaryFolder()];
  if (stateHome !== '') bases.push(join(stateHome, 'shakedown'));
  else if (home !== undefined) bases.push(join(home, '.local/state/shakedown'));
  return bases;
}

/** Undefined in a container whose user has neither name nor home. */
export function homeFolder(): string | undefined {
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
    // Use the name as given.
  }
  return `${basename(path)
    .replace(/[^\w.-]/g, '_')
    .slice(0, 40)}-${checksum(path)}`;
}

/**
 * Does something in a project's state folder, or elsewhere where that is impossible.
 *
 * @param project absolute path of its folder
 * @param use gets an existing state folder; its errors count as trouble with that place
 * @returns its result, and why it was not done in the project: null when it was
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

/** The existing state folders of a project, and what is in their place but not trusted. */
export interface KnownStates {
  readonly states: readonly StateFolder[];
  readonly refused: readonly NotOurs[];
}

/** Creates nothing. */
export function knownStates(project: string): KnownStates {
  const others = otherBases().filter((base) => existsSync(base) && refusal(base) === undefined);
  const name = others.length === 0 ? '' : nameOf(project);
  const candidates = [join(project, STATE_DIR), ...others.map((base) => join(base, name))].map(stateAt);
  const states: StateFolder[] = [];
  const refused: NotOurs[] = [];
  for (const state of candidates) {
    const because = refusal(state.path) ?? refusal(state.runs);
    if (because !== undefined) refused.push(because);
    else if (isFolder(state.path)) states.push(state);
  }
  return { states, refused };
}

function refusal(path: string): NotOurs | undefined {
  try {
    return whyNotOurs(path);
  } catch {
    // It does not exist, or cannot be examined.
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

/** The cache in the project's own folder. Throws NotOurs, or the file system's error when it is not writable. */
export function projectCache(project: string): string {
  const state = stateAt(join(project, STATE_DIR));
  makeState(state);
  return state.cache;
}
