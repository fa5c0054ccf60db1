import { closeSync, type Dirent, existsSync, openSync, readdir, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';

interface GlobOptions {
  /** Patterns for what to leave out. */
  readonly ignore?: readonly string[];
  /** Default: true. */
  readonly onlyFiles?: boolean;
  /** Whether to look into folders that are links. Default: true. */
  readonly intoLinks?: boolean;
  /** Once it is aborted, no more is looked for. */
  readonly signal?: AbortSignal;
}

const isFile = (path: string): boolean => {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

type Listed = (error: Error | null, entries?: Dirent[]) => void;

/** Lists a folder with links to files as files: tinyglobby would leave them out with those to folders. */
const filesForLinks = (folder: string, options: { readonly withFileTypes: true }, listed: Listed): void =>
  readdir(folder, options, (error, entries) => {
    for (const entry of error === null ? entries : [])
      if (entry.isSymbolicLink() && isFile(join(folder, entry.name))) entry.isFile = () => true;
    listed(error, entries);
  });

/** @returns absolute paths of what matches a pattern below a folder */
export async function globBelow(
  folder: string,
  pattern: string,
  options: GlobOptions = {},
): Promise<string[]> {
  const { glob } = await import('tinyglobby');
  const { ignore = [], onlyFiles = true, intoLinks = true, signal } = options;
  const links = intoLinks
    ? {}
    : { followSymbolicLinks: false, fs: { readdir: filesForLinks as typeof readdir } };
  const how = { dot: true, ignore: [...ignore], onlyFiles, ...links, ...(signal && { signal }) };
  if (sep === '\\' || !folder.includes('\\')) return glob(pattern, { ...how, cwd: folder, absolute: true });
  // glob takes a backslash in the folder's path for a separator, as on Windows: enter it by another path.
  const open = openSync(folder, 'r');
  try {
    const found = await glob(pattern, { ...how, cwd: `/proc/self/fd/${open}` });
    return found.map((file) => join(folder, file));
  } finally {
    closeSync(open);
  }
}

const MAGIC = /[*?[\]{}()!]/;

/** Whether a path may be meant as a pattern. */
export const isPattern = (path: string): boolean => MAGIC.test(path);

/**
 * @param folder an absolute path
 * @param path of a file or a folder, from there; it may be a pattern
 */
export async function isThere(folder: string, path: string): Promise<boolean> {
  if (existsSync(resolve(folder, path))) return true;
  return isPattern(path) && (await globBelow(folder, path, { onlyFiles: false })).length > 0;
}

const MEANING: Readonly<Record<string, string>> = {
  '**/': '(?:.*/)?',
  '**': '.*',
  '*': '[^/]*',
  '?': '[^/]',
};

/**
 * @param pattern an absolute path, which may be a pattern
 * @param path an absolute path
 * @returns whether the path may match, or be below one that does; the content of brackets is not checked
 */
export function mayMatch(pattern: string, path: string): boolean {
  if (path === pattern || path.startsWith(pattern + sep)) return true;
  if (!isPattern(pattern)) return false;
  const source = pattern.replace(
    /\*\*\/|\*\*|[*?]|[@!+]?\([^)]*\)|\[[^\]]*\]|\{[^}]*\}|[.+^$()|[\]{}\\]/g,
    (part) => MEANING[part] ?? (part.length === 1 ? `\\${part}` : '.*'),
  );
  return new RegExp(`^${source}(?:/.*)?$`).test(path);
}
