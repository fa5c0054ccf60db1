/**
 * The folder of one run: `.shakedown/runs/ID/`, with its journal, its leases and its logs. It is what a later
 * `sweep` needs to end what this run left, should Shakedown itself be killed.
 */
import {
  closeSync,
  mkdirSync,
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
import { isAlive, type ProcessId, readProcess } from '../system/proc.ts';

/** Who runs it: kept in `runner.json`, so that others can tell a living run from a dead one. */
interface Runner extends ProcessId {
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

export class RunDirectory {
  readonly run: string;
  readonly path: string;
  readonly logs: string;
  readonly leases: string;
  #journal: number | undefined;
  #failure: string | undefined;

  private constructor(root: string, run: string) {
    this.run = run;
    this.path = join(root, STATE_DIR, 'runs', run);
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
    const directory = new RunDirectory(root, run);
    makeFolder(directory.logs);
    mkdirSync(directory.leases);
    const state = stateDirectory(root);
    const self = readProcess(process.pid);
    const runner: Runner = { run, pid: process.pid, startTicks: self?.startTicks ?? 0, group };
    writeFileSync(join(directory.path, 'runner.json'), `${JSON.stringify(runner)}\n`);
    directory.#journal = openSync(join(directory.path, 'journal.ndjson'), 'a');
    const latest = join(state, 'latest');
    try {
      unlinkSync(latest);
    } catch {
      // The first run has none.
    }
    try {
      symlinkSync(join('runs', run), latest);
    } catch {
      // Another run of this moment made it, or the file system has no links; it is a convenience only.
    }
    return directory;
  }

  /** Why the journal is not complete, if so. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Writes an event at once: whatever kills us, it is there. */
  journal(event: Stamped): void {
    if (this.#journal === undefined) return;
    try {
      writeSync(this.#journal, `${toJson(event)}\n`);
    } catch (error) {
      this.#failure = (error as Error).message;
      this.#closeJournal();
    }
  }

  #closeJournal(): void {
    if (this.#journal !== undefined) closeSync(this.#journal);
    this.#journal = undefined;
  }

  /** The run is over and nothing of it lives: leases and identity go, journal and logs stay for reading. */
  finish(): void {
    this.#closeJournal();
    rmSync(this.leases, { recursive: true, force: true });
    rmSync(join(this.path, 'runner.json'), { force: true });
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

function journalledProcesses(path: string): ProcessId[] {
  const started: ProcessId[] = [];
  let text: string;
  try {
    text = readFileSync(join(path, 'journal.ndjson'), 'utf8');
  } catch {
    return started;
  }
  for (const line of text.split('\n')) {
    try {
      const event = JSON.parse(line) as Stamped;
      if (event.type === 'process-started' && event.startTicks !== null)
        started.push({ pid: event.pid, startTicks: event.startTicks });
    } catch {
      // The last line of a run that was killed may be cut.
    }
  }
  return started;
}

/** Reads one run's folder; undefined when that run has finished. */
export function readUnfinishedRun(path: string): UnfinishedRun | undefined {
  let runner: Runner;
  try {
    runner = JSON.parse(readFileSync(join(path, 'runner.json'), 'utf8')) as Runner;
  } catch {
    return undefined;
  }
  return {
    run: runner.run,
    path,
    alive: isAlive(runner),
    notBefore: runner.startTicks,
    group: runner.group,
    started: journalledProcesses(path),
  };
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
