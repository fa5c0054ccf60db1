/** Remembers what was proved about a component, so that it need not be proved again until something changes. */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Judgement, TrialName } from '../core/proof.ts';
import type { Environment } from '../core/suite.ts';
import { lockFiles, versionFiles } from './installed.ts';
import { modulePlaces, stampOf, stampsIn } from './module-files.ts';
import { PRIVATE_FILE, whyNotOurs } from './ours.ts';

/** A fault and what its trial has shown. */
export interface ProvedFault {
  readonly name: TrialName;
  readonly judgement: Judgement;
  /** What to do about it. */
  readonly advice: string;
}

/** In a larger project nothing is remembered: looking at each file would take longer than it saves. */
const MOST_FILES = 20_000;

/** What installers, compilers, test runners and we ourselves write. Lock files, and the versions of what is tried, say enough about packages. */
const IGNORED = [
  ...['.git', '.shakedown', 'node_modules', '.venv', 'venv', '__pycache__', '.mypy_cache', '.pytest_cache'],
  ...['.ruff_cache', '.hypothesis', '.tox', '.nox', '.nyc_output'],
];

/**
 * @param root absolute path of a project
 * @returns a hash of the names, sizes, times and inodes of all its files, and of the lock files above it; undefined if there
 * are too many
 */
export async function projectFingerprint(root: string): Promise<string | undefined> {
  const { glob } = await import('tinyglobby');
  const ignore = IGNORED.map((name) => `**/${name}/**`);
  const found = await glob('**/*', { cwd: root, dot: true, ignore });
  if (found.length > MOST_FILES) return undefined;
  const hash = createHash('sha256');
  for (const file of [...found.sort(), ...lockFiles(root)]) {
    const stat = statSync(resolve(root, file), { throwIfNoEntry: false });
    if (stat !== undefined) hash.update(`${file}\0${stampOf(stat)}\0`);
  }
  return hash.digest('hex');
}

/** A module of more files is not looked at, and what was proved with it is not remembered. */
const MOST_MODULE_FILES = 10_000;

/**
 * What says which version is installed is read rather than looked at: npm gives the files of all versions the same time,
 * and versions may be as long as each other. A module may also be built or edited in place, wherever it is linked from.
 *
 * @param modules as an import writes them
 * @param cwd absolute path of the folder from which they are imported
 * @param env of the program that imports them
 * @returns a hash of what says which versions of these modules are installed, and of their files; undefined if there are too many
 */
export function installedFingerprint(
  modules: readonly string[],
  cwd: string,
  env: Environment,
): string | undefined {
  const places = modules.flatMap((module) => modulePlaces(module, cwd, env));
  const stamps = [...new Set(places)].map((place) => stampsIn(place, MOST_MODULE_FILES));
  if (stamps.includes(undefined)) return undefined;
  const hash = createHash('sha256');
  for (const file of modules.flatMap((module) => versionFiles(module, cwd, env))) {
    try {
      hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
    } catch {
      // It is not there, which is a state as well.
    }
  }
  for (const stamp of stamps.flat()) hash.update(`${stamp}\0`);
  return hash.digest('hex');
}

/** What terminals, shells, sessions and package managers set anew, and no check should depend on. */
const OF_SESSIONS =
  /^(?:_|PWD|OLDPWD|SHLVL|COLUMNS|LINES|COLORTERM|LS_COLORS|WINDOWID|DISPLAY|WAYLAND_DISPLAY|GPG_TTY|STY|INIT_CWD|(?:TERM|TMUX|SSH|XDG_SESSION|DBUS|VSCODE|SHAKEDOWN)(?:_.*)?|npm_(?!config_).*)$/;

/** The variables of an environment that may change what a check does, in the order of their names. */
export const lastingVariables = (env: Environment): [string, string][] =>
  Object.entries(env)
    .filter(([name]) => !OF_SESSIONS.test(name))
    .sort(([one], [other]) => (one < other ? -1 : 1));

/** @param given what a proof depends on besides the files of its project, as JSON */
export const proofFingerprint = (project: string, given: string): string =>
  createHash('sha256').update(`${project}\0${given}`).digest('hex');

const fileOf = (cache: string, component: string): string =>
  join(cache, `proof-${createHash('sha256').update(component).digest('hex').slice(0, 16)}.json`);

/** @returns what was proved with this fingerprint; undefined if nothing was, or it cannot be trusted */
export function recallProof(
  cache: string,
  component: string,
  fingerprint: string,
): readonly ProvedFault[] | undefined {
  try {
    const file = fileOf(cache, component);
    if (whyNotOurs(file) !== undefined) return undefined;
    const entry = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly fingerprint: string;
      readonly faults: readonly ProvedFault[];
    };
    return entry.fingerprint === fingerprint ? entry.faults : undefined;
  } catch {
    return undefined;
  }
}

export function rememberProof(
  cache: string,
  component: string,
  fingerprint: string,
  faults: readonly ProvedFault[],
): void {
  const file = fileOf(cache, component);
  try {
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, JSON.stringify({ fingerprint, faults }), { mode: PRIVATE_FILE });
    renameSync(draft, file);
  } catch {
    // Without the cache, it is just proved again.
  }
}
