/**
 * The folder of one run: `.shakedown/runs/ID/`, with its journal, its leases and its logs. It is what a later
 * `sweep` needs to end what this run left, should Shakedown itself be killed.
 */
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Stamped } from '../../domain/event.ts';
import { toJson } from '../../domain/harmless.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { putBack } from '../../files/put-back.ts';
import { isAlive, type ProcessId, readProcess } from '../system/proc.ts';

/** Who runs it: kept in `runner.json`, so that others can tell a living run from a dead one. */
export interface Runner extends ProcessId {
  readonly run: string;
  /** The control group of its processes, where the tier has one. */
  readonly group: string | null;
}

const STATE_DIR = '.shakedown';

/** The folder under a root for all that Shakedown keeps there; git is told to leave it alone. */
function stateDirectory(root: string): string {
  const path = join(root, STATE_DIR);
  makeFolder(path);
  try {
    writeFileSync(join(path, '.gitignore'), '*\n', { flag: 'wx' });
  } catch {
    // It is there already.
  }
  return path;
}

/** Sorts by time, and is unique among runs that start in the same second. */
export function newRunId(now: Date, pid: number): string {
  const stamp = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${stamp}-${pid.toString(36)}${Math.floor(Math.random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0')}`;
}

/** Where the runner of a run is told. */
const RUNNER_FILE = 'runner.json';

export const journalPath = (path: string): string => join(path, 'journal.ndjson');

export class RunDirectory {
  readonly run: string;
  readonly path: string;
  readonly logs: string;
  readonly leases: string;
  readonly runner: Runner;
  readonly #root: string;
  /** The first is the one that the watchdog has open; when its path is removed, another one is kept there beside it. */
  #journals: number[] = [];
  #failure: string | undefined;

  private constructor(root: string, runner: Runner) {
    this.run = runner.run;
    this.runner = runner;
    this.#root = root;
    this.path = join(root, STATE_DIR, 'runs', runner.run);
    this.logs = join(this.path, 'logs');
    this.leases = join(this.path, 'leases');
  }

  /**
   * Makes the folder of a new run.
   *
   * @param root absolute path of the suite's root
   * @param group path of the run's control group, if it has one
   * @throws the file system's error when nothing can be written there
   */
  static create(root: string, run: string, group: string | null = null): RunDirectory {
    const startTicks = readProcess(process.pid)?.startTicks ?? 0;
    const directory = new RunDirectory(root, { run, pid: process.pid, startTicks, group });
    directory.#make();
    directory.#openJournal();
    return directory;
  }

  #make(): void {
    makeFolder(this.logs);
    makeFolder(this.leases);
    const state = stateDirectory(this.#root);
    writeFileSync(join(this.path, RUNNER_FILE), `${JSON.stringify(this.runner)}\n`);
    const latest = join(state, 'latest');
    try {
      unlinkSync(latest);
    } catch {
      // The first run has none.
    }
    try {
      symlinkSync(join('runs', this.run), latest);
    } catch {
      // Another run of this moment made it, or the file system has no links; it is a convenience only.
    }
  }

  #openJournal(): void {
    this.#journals.push(openSync(journalPath(this.path), 'a'));
  }

  /**
   * Makes the folder anew when a component has removed it, as `git clean -fdx` does: those that follow need it. A
   * project that is gone altogether stays gone.
   */
  restore(): void {
    const parts = [this.logs, this.leases, join(this.path, RUNNER_FILE)];
    if (parts.every((part) => existsSync(part)) || !existsSync(this.#root)) return;
    try {
      this.#make();
      const [journal] = this.#journals;
      if (journal !== undefined && putBack(journal, journalPath(this.path))) this.#openJournal();
    } catch {
      // Whoever needs it is told when it is opened.
    }
  }

  /**
   * Opens the lease of an owner.
   *
   * @param owner its id, fit for the name of a file
   * @throws the file system's error when it cannot be made
   */
  openLease(owner: string): number {
    this.restore();
    return openSync(join(this.leases, owner), 'a');
  }

  /** Why the journal is not complete, if so. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** The journal, for somebody who is to read it when its path may be gone; undefined when it could not be written. */
  get journalFile(): number | undefined {
    return this.#journals[0];
  }

  /** Writes an event at once: whatever kills us, it is there. */
  journal(event: Stamped): void {
    try {
      for (const journal of this.#journals) writeSync(journal, `${toJson(event)}\n`);
    } catch (error) {
      this.#failure = (error as Error).message;
      this.#closeJournal();
    }
  }

  #closeJournal(): void {
    for (const journal of this.#journals.splice(0)) closeSync(journal);
  }

  /** The run is over and nothing of it lives: leases and identity go, journal and logs stay for reading. */
  finish(): void {
    this.restore();
    this.#closeJournal();
    rmSync(this.leases, { recursive: true, force: true });
    rmSync(join(this.path, RUNNER_FILE), { force: true });
  }
}

/** A run whose folder still says that it has not finished. */
export interface UnfinishedRun {
  readonly run: string;
  readonly path: string;
  readonly alive: boolean;
  /** Start time of its runner in ticks: nothing older can belong to it. */
  readonly notBefore: number;
  /** Path of its control group, if it has one. */
  readonly group: string | null;
  /** What its journal says was started. */
  readonly started: readonly ProcessId[];
}

/** @param files paths under which a journal may be found; where it is under several, it is the same */
function journalledProcesses(files: readonly string[]): ProcessId[] {
  return files.flatMap((file) => {
    try {
      return readFileSync(file, 'utf8').split('\n').flatMap(startedBy);
    } catch {
      return [];
    }
  });
}

function startedBy(line: string): ProcessId[] {
  try {
    const event = JSON.parse(line) as Stamped;
    if (event.type !== 'process-started' || event.startTicks === null) return [];
    return [{ pid: event.pid, startTicks: event.startTicks }];
  } catch {
    // The last line of a run that was killed may be cut.
    return [];
  }
}

/**
 * What is left of a run, as far as its runner and its journal tell.
 *
 * @param path of its folder, which need not be there any more
 * @param journals where else its journal may be read
 */
export function unfinishedRun(runner: Runner, path: string, journals: readonly string[] = []): UnfinishedRun {
  return {
    run: runner.run,
    path,
    alive: isAlive(runner),
    notBefore: runner.startTicks,
    group: runner.group,
    started: journalledProcesses([journalPath(path), ...journals]),
  };
}

/** Reads one run's folder; undefined when that run has finished. */
export function readUnfinishedRun(path: string): UnfinishedRun | undefined {
  try {
    return unfinishedRun(JSON.parse(readFileSync(join(path, RUNNER_FILE), 'utf8')) as Runner, path);
  } catch {
    return undefined;
  }
}

function runFolders(root: string): string[] {
  const runs = join(root, STATE_DIR, 'runs');
  try {
    return readdirSync(runs)
      .sort()
      .map((name) => join(runs, name));
  } catch {
    return [];
  }
}

/** The runs under a root that have not finished: living ones, and those that were killed. */
export function unfinishedRuns(root: string): UnfinishedRun[] {
  return runFolders(root).flatMap((path) => readUnfinishedRun(path) ?? []);
}

/** Removes the oldest finished runs' folders, so that `keep` of them stay. */
export function pruneRuns(root: string, keep: number): void {
  const finished = runFolders(root).filter((path) => readUnfinishedRun(path) === undefined);
  for (const path of finished.slice(0, Math.max(0, finished.length - keep)))
    rmSync(path, { recursive: true, force: true });
}

/** The variable that marks every process of a run. Its name holds the run, so that nested runs do not hide each other. */
export function cookieName(run: string): string {
  return `SHAKEDOWN_RUN_${run.replace(/[^A-Za-z0-9]/g, '_')}`;
}

/** The folder for what outlives a run: which setup steps need not run again. */
export function cacheDirectory(root: string): string {
  const path = join(stateDirectory(root), 'cache');
  makeFolder(path);
  return path;
}
