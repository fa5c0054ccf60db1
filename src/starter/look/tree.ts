/** Reads a project, within limits: nothing outside of it, and never too much. Unreadable files are skipped. */
import {
  closeSync,
  type Dirent,
  existsSync,
  openSync,
  readdirSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { join } from 'node:path';

/** How many bytes of a file are read: what matters is near its beginning. */
const MOST_BYTES = 128 * 1024;
/** How many files are read. */
const MOST_FILES = 400;
/** After this many folder entries, no more folders are opened. */
const MOST_ENTRIES = 20_000;
const DEEPEST = 6;

/** Folders filled by installers, compilers and editors, not by hand. */
const FOREIGN =
  /^(?:node_modules|dist|build|out|target|vendor|venv|env|site-packages|__pycache__|coverage|\..*|.*\.egg-info)$/;

/** A file with its text. */
export interface Source {
  /** Relative to the tree. */
  readonly path: string;
  readonly text: string;
}

/** A folder to look at. */
export class Tree {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  path(...parts: readonly string[]): string {
    return join(this.root, ...parts);
  }

  within(dir: string): Tree {
    return new Tree(this.path(dir));
  }

  has(path: string): boolean {
    return existsSync(this.path(path));
  }

  isFile(path: string): boolean {
    return this.#stat(path)?.isFile() === true;
  }

  isFolder(path: string): boolean {
    return this.#stat(path)?.isDirectory() === true;
  }

  /** Undefined also for circular links, and for files in a folder that may not be entered. */
  #stat(path: string): Stats | undefined {
    try {
      return statSync(this.path(path), { throwIfNoEntry: false });
    } catch {
      return undefined;
    }
  }

  /** The first of these that exists. */
  first(...paths: readonly string[]): string | undefined {
    return paths.find((path) => this.has(path));
  }

  /** The beginning of a file; undefined if it cannot be read. */
  text(path: string, limit = MOST_BYTES): string | undefined {
    if (!this.isFile(path)) return undefined;
    try {
      const file = openSync(this.path(path), 'r');
      try {
        const buffer = Buffer.alloc(Math.min(limit, statSync(this.path(path)).size));
        return buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, 0));
      } finally {
        closeSync(file);
      }
    } catch {
      return undefined;
    }
  }

  /** The content of a JSON file; undefined if it is not one. */
  json(path: string): unknown {
    const text = this.text(path, 64 * 1024 * 1024);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
    } catch {
      return undefined;
    }
  }

  /** Names in a folder, sorted; empty if it cannot be read. */
  names(dir = '.'): string[] {
    try {
      return readdirSync(this.path(dir)).sort();
    } catch {
      return [];
    }
  }

  /**
   * Files written by hand, by extension, breadth first: those close to the top come first. Links are not followed, so there
   * are no cycles.
   */
  files(ending: RegExp, from = '.'): string[] {
    const found: string[] = [];
    let entries = 0;
    let folders = [from];
    for (let depth = 0; depth <= DEEPEST && folders.length > 0; depth++) {
      const next: string[] = [];
      for (const folder of folders) {
        if (entries > MOST_ENTRIES || found.length >= MOST_FILES) return found.slice(0, MOST_FILES);
        const inside = this.#entries(folder);
        entries += inside.length;
        for (const entry of inside) {
          const path = join(folder, entry.name);
          if (entry.isDirectory() && !FOREIGN.test(entry.name)) next.push(path);
          else if (entry.isFile() && ending.test(entry.name)) found.push(path);
        }
      }
      folders = next;
    }
    return found.slice(0, MOST_FILES);
  }

  #entries(folder: string): Dirent[] {
    try {
      const entries = readdirSync(this.path(folder), { withFileTypes: true });
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch {
      return [];
    }
  }

  sources(paths: readonly string[]): Source[] {
    return paths.flatMap((path) => {
      const text = this.text(path);
      return text === undefined ? [] : [{ path, text }];
    });
  }
}

/** A value as an object whose values still have to be checked. */
export const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};

/** The strings among the values of an object. */
export const textsOf = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(asObject(value)).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
