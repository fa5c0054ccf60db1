/**
 * The folder of one run: `.shakedown/runs/ID/`, with its journal, leases and logs. It is what a later `sweep` needs to
 * end what this run left, should Shakedown itself be killed.
 */
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
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
import { UndoFile, undosPath } from './undo-file.ts';

/** The Shakedown that runs it: kept in `runner.json`, so that others can tell a live run from a dead one. */
export interface Runner extends ProcessId, Whereabouts {
  readonly run: string;
  /** The control group of its processes, where the tier has one. */
  readonly group: string | null;
}

/** What a run is for: components that are run, services that `shakedown up` holds, or one of a test or a script. */
export type RunPurpose = 'components' | 'up' | 'service';

/** Says what it is for, if that is not components. */
const purposePath = (run: string): string => join(run, 'purpose');

/** @param run absolute path of its folder */
export function purposeOf(run: string): RunPurpose {
  try {
    const purpose = readFileSync(purposePath(run), 'utf8');
    return purpose === 'up' || purpose === 'service' ? purpose : 'components';
  } catch {
    return 'components';
  }
}

/** Describes a run's runner, until it has finished. */
export const runnerPath = (run: string): string => join(run, 'runner.json');

export const journalPath = (run: string): string => join(run, 'journal.ndjson');

/** What others ask of it while it holds services. */
export const ordersPath = (run: string): string => join(run, 'orders');

/** A run's sign of life. */
export const signPath = (run: string): string => join(run, 'alive');

/** Sorts by time, and is unique among runs that start in the same second. */
export function newRunId(now: Date, pid: number): string {
  const stamp = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${stamp}-${pid.toString(36)}${Math.floor(Math.random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0')}`;
}

/** Whether `newRunId` could have made this name. */
export const isRunId = (name: string): boolean => /^\d{8}-\d{6}-[0-9a-z]{5,12}$/.test(name);

/** A file that is open, and can be put back after its path is gone. */
export interface Restorable {
  readonly restore: () => void;
}

export class RunDirectory {
  readonly run: string;
  readonly path: string;
  readonly logs: string;
  readonly leases: string;
  readonly state: StateFolder;
  readonly runner: Runner;
  readonly #purpose: RunPurpose;
  #undos: UndoFile | undefined;
  /** The first is the one that the watchdog has open; when its path is removed, a second one is written alongside. */
  #journals: number[] = [];
  #sign: number | undefined;
  #failure: string | undefined;
  /** What others have open in it. */
  readonly #kept = new Set<Restorable>();
  /** Why the folder could not be restored. */
  #obstacle: Error | undefined;

  private constructor(state: StateFolder, runner: Runner, purpose: RunPurpose) {
    this.run = runner.run;
    this.#purpose = purpose;
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
  static create(
    state: StateFolder,
    run: string,
    group: string | null = null,
    purpose: RunPurpose = 'components',
  ): RunDirectory {
    const startTicks = readProcess(process.pid)?.startTicks ?? 0;
    const runner: Runner = { run, pid: process.pid, startTicks, ...whereabouts(), group };
    const directory = new RunDirectory(state, runner, purpose);
    directory.#make();
    directory.#openJournal();
    directory.#undos = UndoFile.open(undosPath(directory.path));
    return directory;
  }

  #make(): void {
    for (const folder of [this.path, this.logs, this.leases]) makeOwnFolder(folder);
    writeFileSync(runnerPath(this.path), `${JSON.stringify(this.runner)}\n`, { mode: PRIVATE_FILE });
    if (this.#purpose !== 'components')
      writeFileSync(purposePath(this.path), this.#purpose, { mode: PRIVATE_FILE });
    // Of a service in a test users know where its log is.
    if (this.#purpose !== 'service' && runsAround(process.env, this.state).length === 0)
      nameLatest(this.state, this.run);
  }

  /** A file in it is restored whenever the folder is. @returns ends that */
  keep(file: Restorable): () => void {
    this.#kept.add(file);
    return () => this.#kept.delete(file);
  }

  #openJournal(): void {
    this.#journals.push(openSync(journalPath(this.path), 'a', PRIVATE_FILE));
  }

  /** Restores a folder that a component removed, say by `git clean -fdx`; not if the whole project is gone. */
  restore(): void {
    const parts = [this.logs, this.leases, runnerPath(this.path)];
    if (parts.every((part) => existsSync(part)) || !existsSync(dirname(this.state.path))) return;
    try {
      makeState(this.state);
      this.#make();
      const [journal] = this.#journals;
      if (journal !== undefined && putBack(journal, journalPath(this.path))) this.#openJournal();
      this.#undos?.restore();
      for (const file of this.#kept) file.restore();
    } catch (error) {
      // Reported to whoever opens something in it.
      this.#obstacle = error as Error;
    }
  }

  /**
   * Opens the lease of an owner.
   *
   * @param owner its id, valid as a file name
   * @throws the file system's error when it cannot be made; a `MachineTrouble` when something else has taken the
   *   folder's place
   */
  openLease(owner: string): number {
    const path = join(this.leases, owner);
    try {
      return openSync(path, 'a', PRIVATE_FILE);
    } catch {
      this.restore();
    }
    try {
      return openSync(path, 'a', PRIVATE_FILE);
    } catch (error) {
      throw this.#obstacle === undefined ? error : displaced(this.state.path, this.#obstacle);
    }
  }

  /** Where to make the named pipe that becomes the sign of life. */
  get signDraft(): string {
    return `${signPath(this.path)}.new`;
  }

  /** From now on others can tell that this run is alive, even where its pid means nothing. */
  showLife(): void {
    try {
      this.#sign = openSign(this.signDraft);
      // The pipe never appears there without a reader, as long as we live.
      renameSync(this.signDraft, signPath(this.path));
    } catch {
      // Others then cannot tell, and leave this run alone.
    }
  }

  /** Why the journal is incomplete, if it is. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** The journal, for readers that need it even after its path is gone; undefined when it could not be written. */
  get journalFile(): number | undefined {
    return this.#journals[0];
  }

  /** The file of what is to be undone, likewise. */
  get undosFile(): number | undefined {
    return this.#undos?.fd;
  }

  /** What is to be undone; not after `finish`. */
  get undos(): UndoFile {
    if (this.#undos === undefined) throw new Error(`run ${this.run} has finished`);
    return this.#undos;
  }

  /** Writes an event synchronously, so that it survives whatever kills us. */
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

  /**
   * The run is over and nothing of it is alive: leases and identity go, journal and logs stay for reading.
   *
   * @param isUndone whether nothing is left to undo
   */
  finish(isUndone = true): void {
    this.restore();
    this.#closeJournal();
    this.#undos?.close(!isUndone);
    this.#undos = undefined;
    const { path } = this;
    for (const each of [this.leases, runnerPath(path), signPath(path), this.signDraft, ordersPath(path)])
      removeIfThere(each);
    if (this.#sign !== undefined) closeSync(this.#sign);
    this.#sign = undefined;
  }
}

const displaced = (path: string, { message }: Error): MachineTrouble =>
  new MachineTrouble(
    `${path} is no longer what it was when the run started, and cannot be recreated: ${message}`,
    'find out which component put something in its place; runs are kept there',
  );

/** Links to the latest run's folder; nested runs do not count, since users do not look for them. */
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
    // Another run made it at the same moment, or there are no links here; it is only a convenience.
  }
}

const COOKIE = 'SHAKEDOWN_RUN_';

/** The variable that marks a run's processes. Its name contains the run, so that nested runs do not hide each other. */
export function cookieName(run: string): string {
  return `${COOKIE}${run.replace(/[^A-Za-z0-9]/g, '_')}`;
}

/** The unfinished runs of a state folder that this process is itself part of, according to its environment. */
export function runsAround(env: NodeJS.ProcessEnv, { runs }: StateFolder): string[] {
  return Object.keys(env).flatMap((name) => {
    const run = name.startsWith(COOKIE) ? name.slice(COOKIE.length).replaceAll('_', '-') : '';
    return isRunId(run) && existsSync(runnerPath(join(runs, run))) ? [run] : [];
  });
}
