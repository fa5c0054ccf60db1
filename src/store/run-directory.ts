/**
 * The folder of one run: `.shakedown/runs/ID/`, with its journal, its leases and its logs. It is what a later
 * `sweep` needs to end what this run left, should Shakedown itself be killed.
 */
import {
  closeSync,
  existsSync,
  openSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Stamped } from '../core/event.ts';
import { MachineTrouble } from '../core/failure.ts';
import { toJson } from '../core/harmless.ts';
import { removeIfThere } from '../files/remove.ts';
import { type ProcessId, readProcess } from '../process/system/proc.ts';
import { openSign, type Whereabouts, whereabouts } from './life.ts';
import { makeOwnFolder, PRIVATE_FILE } from './ours.ts';
import { putBack } from './put-back.ts';
import { makeState, type StateFolder } from './state-folder.ts';

/** Who runs it: kept in `runner.json`, so that others can tell a living run from a dead one. */
export interface Runner extends ProcessId, Whereabouts {
  readonly run: string;
  /** The control group of its processes, where the tier has one. */
  readonly group: string | null;
}

/** Where the runner of a run is told, until it has finished. */
export const runnerPath = (run: string): string => join(run, 'runner.json');

export const journalPath = (run: string): string => join(run, 'journal.ndjson');

/** Where the sign of life of a run is. */
export const signPath = (run: string): string => join(run, 'alive');

/** Sorts by time, and is unique among runs that start in the same second. */
export function newRunId(now: Date, pid: number): string {
  const stamp = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${stamp}-${pid.toString(36)}${Math.floor(Math.random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0')}`;
}

/** Whether a name is one that `newRunId` makes. */
export const isRunId = (name: string): boolean => /^\d{8}-\d{6}-[0-9a-z]{5,12}$/.test(name);

export class RunDirectory {
  readonly run: string;
  readonly path: string;
  readonly logs: string;
  readonly leases: string;
  readonly state: StateFolder;
  readonly runner: Runner;
  /** The first is the one that the watchdog has open; when its path is removed, another one is kept there beside it. */
  #journals: number[] = [];
  #sign: number | undefined;
  #failure: string | undefined;
  /** Why the folder could not be made anew. */
  #obstacle: Error | undefined;

  private constructor(state: StateFolder, runner: Runner) {
    this.run = runner.run;
    this.runner = runner;
    this.path = join(state.runs, runner.run);
    this.logs = join(this.path, 'logs');
    this.leases = join(this.path, 'leases');
    this.state = state;
  }

  /**
   * Makes the folder of a new run.
   *
   * @param state a state folder that exists
   * @param group path of the run's control group, if it has one
   * @throws the file system's error when nothing can be written there
   */
  static create(state: StateFolder, run: string, group: string | null = null): RunDirectory {
    const startTicks = readProcess(process.pid)?.startTicks ?? 0;
    const runner: Runner = { run, pid: process.pid, startTicks, ...whereabouts(), group };
    const directory = new RunDirectory(state, runner);
    directory.#make();
    directory.#openJournal();
    return directory;
  }

  #make(): void {
    for (const folder of [this.path, this.logs, this.leases]) makeOwnFolder(folder);
    writeFileSync(runnerPath(this.path), `${JSON.stringify(this.runner)}\n`, { mode: PRIVATE_FILE });
    if (runsAround(process.env, this.state).length === 0) nameLatest(this.state, this.run);
  }

  #openJournal(): void {
    this.#journals.push(openSync(journalPath(this.path), 'a', PRIVATE_FILE));
  }

  /**
   * Makes the folder anew when a component has removed it, as `git clean -fdx` does: those that follow need it. A
   * project that is gone altogether stays gone.
   */
  restore(): void {
    const parts = [this.logs, this.leases, runnerPath(this.path)];
    if (parts.every((part) => existsSync(part)) || !existsSync(dirname(this.state.path))) return;
    try {
      makeState(this.state);
      this.#make();
      const [journal] = this.#journals;
      if (journal !== undefined && putBack(journal, journalPath(this.path))) this.#openJournal();
    } catch (error) {
      // Whoever needs it is told when it is opened.
      this.#obstacle = error as Error;
    }
  }

  /**
   * Opens the lease of an owner.
   *
   * @param owner its id, fit for the name of a file
   * @throws the file system's error when it cannot be made; a `MachineTrouble` when something else has come to stand in
   *   the place of the folder
   */
  openLease(owner: string): number {
    this.restore();
    try {
      return openSync(join(this.leases, owner), 'a', PRIVATE_FILE);
    } catch (error) {
      throw this.#obstacle === undefined ? error : displaced(this.state.path, this.#obstacle);
    }
  }

  /** Where a named pipe is to be made that becomes the sign of life. */
  get signDraft(): string {
    return `${signPath(this.path)}.new`;
  }

  /** From now on also those can tell that this run lives to whom its pid means nothing. */
  showLife(): void {
    try {
      this.#sign = openSign(this.signDraft);
      // It is never there without somebody who has it open, as long as we live.
      renameSync(this.signDraft, signPath(this.path));
    } catch {
      // They are left in the dark, and leave this run alone.
    }
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
    for (const path of [this.leases, runnerPath(this.path), signPath(this.path), this.signDraft])
      removeIfThere(path);
    if (this.#sign !== undefined) closeSync(this.#sign);
    this.#sign = undefined;
  }
}

const displaced = (path: string, { message }: Error): MachineTrouble =>
  new MachineTrouble(
    `${path} is no longer what it was when the run started, and cannot be recreated: ${message}`,
    'find out which component put something in its place; runs are kept there',
  );

/** The link to the folder of the run that was started last; one within another is not what a person looks for. */
function nameLatest({ path, runs }: StateFolder, run: string): void {
  const latest = join(path, 'latest');
  try {
    unlinkSync(latest);
  } catch {
    // The first run has none.
  }
  try {
    symlinkSync(join(basename(runs), run), latest);
  } catch {
    // Another run of this moment made it, or the file system has no links; it is a convenience only.
  }
}

const COOKIE = 'SHAKEDOWN_RUN_';

/** The variable that marks every process of a run. Its name holds the run, so that nested runs do not hide each other. */
export function cookieName(run: string): string {
  return `${COOKIE}${run.replace(/[^A-Za-z0-9]/g, '_')}`;
}

/** The unfinished runs of a state folder that this very process is a part of, as its environment tells. */
export function runsAround(env: NodeJS.ProcessEnv, { runs }: StateFolder): string[] {
  return Object.keys(env).flatMap((name) => {
    const run = name.startsWith(COOKIE) ? name.slice(COOKIE.length).replaceAll('_', '-') : '';
    return isRunId(run) && existsSync(runnerPath(join(runs, run))) ? [run] : [];
  });
}
