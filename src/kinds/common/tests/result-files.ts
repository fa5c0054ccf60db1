/**
 * The files in which a command leaves the results of its tests. Those of an earlier run look the same: so the state of every
 * file before the command is compared with that after it.
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, readdirSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { globBelow, isPattern } from '../../../files/glob.ts';
import { readUpTo } from '../../../files/read-bounded.ts';

/** The content of a larger file is not looked at. */
const MOST_HASHED = 64 * 1024 * 1024;
/** More files are not read. */
export const MOST_FILES = 10_000;

/** Whatever of it changes, the file has been written. */
type State = string;
export type States = ReadonlyMap<string, State>;

function statOf(path: string): BigIntStats | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false });
}

async function filesOf(cwd: string, results: string, signal: AbortSignal): Promise<string[]> {
  const path = resolve(cwd, results);
  if (!isPattern(results) || statOf(path) !== undefined) return [path];
  return (await globBelow(cwd, results, { intoLinks: false, signal })).toSorted();
}

function stateOf(path: string, stat: BigIntStats): State {
  const { ino, size, mtimeNs, ctimeNs } = stat;
  const content = stat.isFile() && size <= MOST_HASHED ? readUpTo(path, MOST_HASHED) : undefined;
  const hash = content === undefined ? '' : createHash('sha1').update(content).digest('hex');
  return [ino, size, mtimeNs, ctimeNs, hash].join(' ');
}

/** Null for a file that cannot be read: whoever can write it has done so. */
function stateIfThere(path: string): State | null | undefined {
  try {
    const stat = statOf(path);
    return stat === undefined ? undefined : stateOf(path, stat);
  } catch {
    return null;
  }
}

const SECOND = 1_000_000_000n;
/** How exact times of files are: at least to a tick of the kernel, unless they are whole seconds. */
const TICK_MS = 20;
const COARSE_MS = 2000;

/**
 * @param now in milliseconds, as times of files
 * @returns how many milliseconds to wait until a file that is written then has another time than it has already
 */
export function untilNextTick(
  { mtimeNs, ctimeNs }: Pick<BigIntStats, 'mtimeNs' | 'ctimeNs'>,
  now: number,
): number {
  const isCoarse = mtimeNs % SECOND === 0n && ctimeNs % SECOND === 0n;
  const newest = Math.max(Number(mtimeNs), Number(ctimeNs)) / 1_000_000;
  const age = now - newest;
  const tick = isCoarse ? COARSE_MS : TICK_MS;
  return age < 0 || age >= tick ? 0 : tick - age;
}

/**
 * @param cwd absolute
 * @param results a path or a pattern, from there
 * @param signal ends it, with the states of those files that are found by then
 * @returns the state of each file that is there, once a command that writes the same again would change it
 */
export async function statesBefore(cwd: string, results: string, signal: AbortSignal): Promise<States> {
  const files = await filesOf(cwd, results, signal);
  const now = Date.now();
  const waits = files.flatMap((path) => statOf(path) ?? []).map((stat) => untilNextTick(stat, now));
  const wait = waits.reduce((most, each) => Math.max(most, each), 0);
  if (wait > 0) await sleep(wait);
  return new Map(
    files.flatMap((path) => {
      const state = stateIfThere(path);
      return typeof state === 'string' ? [[path, state] as const] : [];
    }),
  );
}

/** What a command has written, and what it has not. */
export interface Written {
  /** Absolute paths. */
  readonly fresh: readonly string[];
  readonly stale: readonly string[];
}

/**
 * @param before the states before the command
 * @param signal ends it, with those files that are found by then
 */
export async function writtenSince(
  before: States,
  cwd: string,
  results: string,
  signal: AbortSignal,
): Promise<Written> {
  const there = (await filesOf(cwd, results, signal)).flatMap((path) => {
    const state = stateIfThere(path);
    return state === undefined || (state !== null && statOf(path)?.isFile() !== true)
      ? []
      : [{ path, state }];
  });
  const isStale = ({ path, state }: (typeof there)[number]): boolean => before.get(path) === state;
  return {
    fresh: there.filter((each) => !isStale(each)).map(({ path }) => path),
    stale: there.filter(isStale).map(({ path }) => path),
  };
}

const NAMED = 5;

/** The folder that a path is in, as far as it is no pattern. */
function fixedPart(results: string): string {
  const folders = dirname(results).split('/');
  const first = folders.findIndex(isPattern);
  return (
    folders.slice(0, first === -1 ? folders.length : first).join('/') || (results.startsWith('/') ? '/' : '.')
  );
}

/** What is in the place of results that are not there, in words: `r.xml is not there; in its folder there is a.xml`. */
export function insteadOf(cwd: string, results: string): string {
  const path = resolve(cwd, results);
  const stat = statOf(path);
  if (stat !== undefined) return `${results} is ${stat.isDirectory() ? 'a folder, ' : ''}no file`;
  return `${results} is not there; ${whatIsThere(cwd, results)}`;
}

function whatIsThere(cwd: string, results: string): string {
  const fixed = fixedPart(results);
  let folder = resolve(cwd, fixed);
  while (statOf(folder)?.isDirectory() !== true && folder !== dirname(folder)) folder = dirname(folder);
  const shown = relative(cwd, folder) || 'its folder';
  if (folder !== resolve(cwd, fixed)) return `there is no folder ${relative(cwd, resolve(cwd, fixed))}`;
  const names = namesIn(folder).filter((name) => /\.xml$/i.test(name));
  const few = names.slice(0, NAMED).join(', ');
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return names.length === 0 ? `there is no XML file in ${shown}` : `in ${shown} there is ${few}${more}`;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}
