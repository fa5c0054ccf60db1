/**
 * Files on disk are trusted only if they are ours: nobody else can have put them there, or can change them. Others may
 * share a folder with us, /tmp for instance, and know the names that we use.
 */
import { chmodSync, lstatSync, mkdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quote } from '../core/quote.ts';

/** Something that is not trusted. The message is a whole clause: `/tmp/x is a link`. */
export class NotOurs extends Error {
  readonly path: string;
  /** What to do about it: a sentence without capital and full stop. */
  readonly wayOut: string;

  /** @param wayOut default: to have it removed */
  constructor(path: string, reason: string, wayOut = removal(path)) {
    super(`${path} ${reason}`);
    this.path = path;
    this.wayOut = wayOut;
  }
}

const removal = (path: string): string =>
  `if nobody needs it, remove it, or have its owner remove it: rm -r ${quote(path)}`;

const OTHERS_MAY_WRITE = 0o022;
const OTHERS_MAY_ANYTHING = 0o077;
/** The mode of our folders; `PRIVATE_FILE` is that of the files in them. */
export const PRIVATE_FOLDER = 0o700;
export const PRIVATE_FILE = 0o600;

/**
 * @param path absolute; links are not followed
 * @returns why it is not trusted; undefined when it is ours, or does not exist
 * @throws the file system's error when it cannot be examined
 */
export function whyNotOurs(path: string): NotOurs | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (stats.isSymbolicLink()) return new NotOurs(path, 'is a link');
  const self = process.geteuid?.();
  if (self === undefined) return undefined;
  if (stats.uid !== self) return new NotOurs(path, `belongs to user ${stats.uid}, and this is user ${self}`);
  if ((stats.mode & OTHERS_MAY_WRITE) === 0) return undefined;
  const mode = (stats.isDirectory() ? PRIVATE_FOLDER : PRIVATE_FILE).toString(8);
  return new NotOurs(
    path,
    `is writable by others (mode ${(stats.mode & 0o777).toString(8)})`,
    `if nobody else has changed anything there, make it private: chmod ${mode} ${quote(path)}`,
  );
}

/** @returns whether nobody else can have made or changed it; true for what does not exist */
export function isOurs(path: string): boolean {
  try {
    return whyNotOurs(path) === undefined;
  } catch {
    return false;
  }
}

/**
 * Makes a folder for us alone, or checks that the existing one is.
 *
 * @param path an absolute path whose parent folder exists
 * @throws NotOurs, or the file system's error when it cannot be made
 */
export function makeOwnFolder(path: string): void {
  const isNew = makeIfMissing(path);
  const reason = whyNotOurs(path);
  if (reason !== undefined) {
    if (!isNew) throw reason;
    // As on Windows disks, and some that are shared with a virtual machine.
    rmdirSync(path);
    throw new Error('its file system does not store owners and permissions');
  }
  if ((lstatSync(path).mode & OTHERS_MAY_ANYTHING) !== 0 && process.geteuid !== undefined)
    chmodSync(path, PRIVATE_FOLDER);
}

function makeIfMissing(path: string): boolean {
  try {
    mkdirSync(path, { mode: PRIVATE_FOLDER });
    return true;
  } catch (error) {
    const isThere = lstatSync(path, { throwIfNoEntry: false });
    // If a file is in its place, the original error says enough.
    if (isThere === undefined || !(isThere.isDirectory() || isThere.isSymbolicLink())) throw error;
    return false;
  }
}

/** Path of our folder among the temporary ones: always the same, so that it is found again. It need not exist. */
export const ownTemporaryFolder = (): string => join(tmpdir(), `shakedown-${process.geteuid?.() ?? 'user'}`);
