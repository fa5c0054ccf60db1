/** Earlier runs of a state folder: which of them have not finished, and whether they are alive. */
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Stamped } from '../core/event.ts';
import type { ProcessId } from '../process/system/proc.ts';
import { isRestarted, type Life, lifeOf, whereabouts } from './life.ts';
import { isOurs, type NotOurs, whyNotOurs } from './ours.ts';
import {
  isRunId,
  journalPath,
  purposeOf,
  type Runner,
  type RunPurpose,
  runnerPath,
  signPath,
} from './run-directory.ts';
import type { StateFolder } from './state-folder.ts';
import { type LeftUndo, readUndos, undosPath } from './undo-file.ts';

/** A run whose folder does not say that it has finished. */
export interface UnfinishedRun {
  readonly run: string;
  readonly path: string;
  readonly life: Life;
  /** The machine has rebooted since: nothing of it can be left. */
  readonly isOfEarlierBoot: boolean;
  /** Pid of its runner, as seen by the runner itself. */
  readonly pid: number;
  /** Start time of its runner in ticks: nothing older can belong to it. */
  readonly notBefore: number;
  /** Path of its control group, if it has one. */
  readonly group: string | null;
}

/** The processes started according to a journal. */
export function journalledProcesses(journal: string): ProcessId[] {
  try {
    return readFileSync(journal, 'utf8').split('\n').flatMap(startedBy);
  } catch {
    return [];
  }
}

function startedBy(line: string): ProcessId[] {
  try {
    const event = JSON.parse(line) as Stamped;
    if (event.type !== 'process-started' || event.startTicks === null) return [];
    return [{ pid: event.pid, startTicks: event.startTicks }];
  } catch {
    // The last line of a killed run may be cut off.
    return [];
  }
}

/** An unfinished run, as described by its runner; `path`, its folder, may be gone. */
export function unfinishedRun(runner: Runner, path: string): UnfinishedRun {
  const here = whereabouts();
  return {
    run: runner.run,
    path,
    life: lifeOf(runner, signPath(path), here),
    isOfEarlierBoot: isRestarted(runner, here),
    pid: runner.pid,
    notBefore: runner.startTicks,
    group: runner.group,
  };
}

function isRunner(value: unknown, run: string): value is Runner {
  const { pid, startTicks, group, ...rest } = value as Partial<Runner>;
  return (
    rest.run === run &&
    Number.isSafeInteger(pid) &&
    Number.isSafeInteger(startTicks) &&
    (group === null || typeof group === 'string')
  );
}

/** Reads one run's folder; undefined when that run has finished, or never was one. */
export function readUnfinishedRun(runs: string, run: string): UnfinishedRun | undefined {
  const path = join(runs, run);
  try {
    const runner = JSON.parse(readFileSync(runnerPath(path), 'utf8')) as unknown;
    return isRunner(runner, run) ? unfinishedRun(runner, path) : undefined;
  } catch {
    return undefined;
  }
}

/** Names of possible run folders, oldest first. */
export function runNames(runs: string): string[] {
  try {
    return readdirSync(runs).filter(isRunId).sort();
  } catch {
    return [];
  }
}

const isUnfinished = (path: string): boolean => existsSync(runnerPath(path));

export interface EarlierRuns {
  readonly unfinished: readonly UnfinishedRun[];
  /** Folders that claim to be unfinished runs but are not trusted. */
  readonly refused: readonly NotOurs[];
  /** How many folders were skipped for lack of time. */
  readonly unseen: number;
}

const FOREVER = Number.POSITIVE_INFINITY;
/** So many folders are gone through in any case: a machine that pauses for a moment is no sign of too many. */
const AT_LEAST = 20;

/** The unfinished runs, live or killed; checks the latest ones first, for `budget` milliseconds. */
export function unfinishedRuns({ runs }: StateFolder, budget = FOREVER): EarlierRuns {
  const deadline = performance.now() + budget;
  const unfinished: UnfinishedRun[] = [];
  const refused: NotOurs[] = [];
  const names = runNames(runs);
  let seen = 0;
  for (const run of names.toReversed()) {
    if (seen >= AT_LEAST && performance.now() > deadline) break;
    seen += 1;
    const path = join(runs, run);
    if (!isUnfinished(path)) continue;
    const because = whyNotOurs(path) ?? whyNotOurs(runnerPath(path)) ?? whyNotOurs(undosPath(path));
    if (because !== undefined) refused.push(because);
    else unfinished.push(...[readUnfinishedRun(runs, run) ?? []].flat());
  }
  return { unfinished: unfinished.reverse(), refused, unseen: names.length - seen };
}

/** A run that has ended, but has not undone everything. */
export interface RunWithUndos {
  readonly run: string;
  /** Absolute path of its folder. */
  readonly path: string;
  readonly left: readonly LeftUndo[];
}

/** The finished runs with something left to undo, oldest first. What others may have written is not believed. */
export function finishedWithUndos({ runs }: StateFolder): RunWithUndos[] {
  return runNames(runs).flatMap((run) => {
    const path = join(runs, run);
    const file = undosPath(path);
    if (!existsSync(file) || isUnfinished(path) || whyNotOurs(path) !== undefined) return [];
    const left = whyNotOurs(file) === undefined ? readUndos(file) : [];
    return left.length === 0 ? [] : [{ run, path, left }];
  });
}

/** A folder of ours that contains a run's journal. @param path absolute */
export function isRun(path: string): boolean {
  try {
    if (!isOurs(path)) return false;
    return lstatSync(path).isDirectory() && lstatSync(journalPath(path)).isFile();
  } catch {
    return false;
  }
}

/** @returns how many were removed: another run may be removing the same one */
function remove(path: string): 0 | 1 {
  try {
    rmSync(path, { recursive: true, force: true });
    return 1;
  } catch {
    return 0;
  }
}

/** The folder of a run, whether it has finished or not. */
export interface PastRunFolder {
  readonly run: string;
  /** Absolute. */
  readonly path: string;
  readonly purpose: RunPurpose;
}

/** Those that are certain to be runs, and ours; oldest first. */
export const runFolders = ({ runs }: StateFolder): PastRunFolder[] =>
  runNames(runs).flatMap((run) => {
    const path = join(runs, run);
    return isRun(path) ? [{ run, path, purpose: purposeOf(path) }] : [];
  });

/** @returns absolute path of the last run for this purpose, whether it has finished or not */
export const latestRun = (state: StateFolder, wanted: RunPurpose): string | undefined =>
  runFolders(state).findLast(({ purpose }) => purpose === wanted)?.path;

export interface Pruned {
  readonly removed: number;
  /** How many were skipped for lack of time. */
  readonly left: number;
}

/**
 * Removes the oldest finished runs' folders, so that `keep` of them stay. Whatever is not certain to be one stays as
 * well, and so does one with something left to undo.
 *
 * @param purpose of the runs that are meant: those for something else are not counted
 * @param budget in milliseconds
 */
export function pruneRuns(
  { runs }: StateFolder,
  keep: number,
  purpose: RunPurpose = 'components',
  budget = FOREVER,
): Pruned {
  const deadline = performance.now() + budget;
  const names = runNames(runs).filter((name) => purposeOf(join(runs, name)) === purpose);
  let kept = 0;
  let end = names.length;
  while (end > 0 && kept < keep) {
    end -= 1;
    if (!isUnfinished(join(runs, names[end] ?? ''))) kept += 1;
  }
  let removed = 0;
  for (let index = 0; index < end; index++) {
    if (index >= AT_LEAST && performance.now() > deadline) return { removed, left: end - index };
    const path = join(runs, names[index] ?? '');
    if (isUnfinished(path) || existsSync(undosPath(path)) || !isRun(path)) continue;
    removed += remove(path);
  }
  return { removed, left: 0 };
}
