/**
 * Tells which files of a project change. A folder is watched by itself rather than all at once: what git ignores, which may be a
 * hundred times as much, is never looked at. (The recursive `fs.watch` of Node 20 on Linux watches every file in it.)
 */
import { execFile } from 'node:child_process';
import { type Dirent, type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Nobody edits what is in these. */
const NEVER = new Set([
  '.git',
  '.hg',
  '.svn',
  '.shakedown',
  'node_modules',
  '__pycache__',
  '.venv',
  '.DS_Store',
]);

/** In milliseconds: an editor writes a file in several steps, and `git checkout` many. */
const TOGETHER_WITHIN = 80;
const MOST_OUTPUT = 64 * 1024 * 1024;

const isNever = (path: string): boolean => path.split('/').some((part) => NEVER.has(part));

/** Of these paths, those that git ignores; none where there is no git. */
async function ignoredOf(root: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set();
  const asked = run('git', ['check-ignore', '--stdin', '-z'], { cwd: root, maxBuffer: MOST_OUTPUT });
  asked.child.stdin?.on('error', () => {});
  asked.child.stdin?.end(paths.join('\0'));
  // It also fails if none is ignored.
  const { stdout } = await asked.catch(() => ({ stdout: '' }));
  return new Set(stdout.split('\0').filter((path) => path !== ''));
}

export class FileWatch {
  readonly #root: string;
  readonly #onChange: (paths: readonly string[]) => void;
  /** By the path of the folder. */
  readonly #watchers = new Map<string, FSWatcher>();
  /** Files that are there, as far as seen: what comes and goes in between is none, such as those that `sed -i` writes first. */
  readonly #there = new Set<string>();
  #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  #failure: string | undefined;

  private constructor(root: string, onChange: (paths: readonly string[]) => void) {
    this.#root = root;
    this.#onChange = onChange;
  }

  /**
   * @param root absolute path of the folder
   * @param onChange gets the absolute paths of files that were written, made or removed, soon after each other
   * @returns when changes are seen from now on
   */
  static async start(root: string, onChange: (paths: readonly string[]) => void): Promise<FileWatch> {
    const files = new FileWatch(root, onChange);
    await files.#add([root]);
    return files;
  }

  /** Why not everything is watched, if it is not. */
  get failure(): string | undefined {
    return this.#failure;
  }

  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /**
   * Watches folders, and what is in them.
   *
   * @returns the files in them
   */
  async #add(folders: readonly string[]): Promise<string[]> {
    const files: string[] = [];
    let level = folders;
    while (level.length > 0 && !this.#isOver) {
      const below: string[] = [];
      for (const folder of level) {
        // Before it is read: what is made meanwhile would be missed otherwise.
        this.#watch(folder);
        for (const entry of entriesOf(folder)) {
          const path = join(folder, entry.name);
          if (NEVER.has(entry.name)) continue;
          if (entry.isDirectory()) below.push(path);
          else {
            files.push(path);
            this.#there.add(path);
          }
        }
      }
      const ignored = await ignoredOf(this.#root, below);
      level = below.filter((path) => !ignored.has(path));
    }
    return files;
  }

  #watch(folder: string): void {
    if (this.#watchers.has(folder) || this.#isOver) return;
    try {
      const watcher = watch(folder, (_, name) => {
        if (name !== null) this.#note(join(folder, name));
      });
      // It has been removed; its parent says so.
      watcher.on('error', () => this.#forget(folder));
      this.#watchers.set(folder, watcher);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return;
      this.#failure ??= message;
    }
  }

  /** @returns whether it was watched */
  #forget(folder: string): boolean {
    this.#watchers.get(folder)?.close();
    return this.#watchers.delete(folder);
  }

  #note(path: string): void {
    if (this.#isOver || isNever(relative(this.#root, path))) return;
    this.#changed.add(path);
    this.#timer ??= setTimeout(() => void this.#tell(), TOGETHER_WITHIN);
  }

  async #tell(): Promise<void> {
    const paths = [...this.#changed];
    this.#changed = new Set();
    this.#timer = undefined;
    const ignored = await ignoredOf(this.#root, paths);
    const files: string[] = [];
    for (const path of paths) {
      if (ignored.has(path)) continue;
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats?.isDirectory() !== true) {
        const wasWatched = this.#forget(path);
        const wasThere = this.#there.delete(path) || wasWatched;
        if (stats !== undefined) this.#there.add(path);
        if (stats !== undefined || wasThere) files.push(path);
      } else if (!this.#watchers.has(path)) files.push(...(await this.#add([path])));
    }
    if (files.length > 0 && !this.#isOver) this.#onChange(files);
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // It is gone already, or not ours to read.
    return [];
  }
}
