/** Ends what a killed run left behind, found by its cookie, leases and process group, and undoes what it has done. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../core/clock.ts';
import type { ProcessSighting } from '../../core/finding.ts';
import { untilAborted } from '../../core/stop-reason.ts';
import type { Ms } from '../../core/units.ts';
import type { RunWithUndos, UnfinishedRun } from '../../store/earlier-runs.ts';
import { cookieName, type RunDirectory, runnerPath, signPath } from '../../store/run-directory.ts';
import type { Turn } from '../../store/turn.ts';
import { type LeftUndo, readUndos, UndoFile, undosPath } from '../../store/undo-file.ts';
import { takeUndoTurn } from '../../store/undo-turn.ts';
import { type ProcessId, sight } from '../system/proc.ts';
import { type UndoReport, undoLeft } from '../undo/left.ts';
import { type Ending, NOBODY } from './ending.ts';
import { ProcessFinder } from './finder.ts';
import { limitsOfRun } from './limit-mark.ts';
import { THE_RUN, terminate } from './terminate.ts';
import { endGroup, isGroupOf, membersOf } from './tiers/cgroup.ts';

/** What was ended and undone, or would be, of one run. */
export interface Swept {
  readonly run: string;
  /** Absolute path of its folder. */
  readonly path: string;
  readonly found: readonly ProcessSighting[];
  readonly survivors: readonly ProcessSighting[];
  readonly undone: readonly UndoReport[];
}

export interface SweepOptions {
  /** Only look. */
  readonly dryRun?: boolean;
  /**
   * How long scans must stay empty to be believed: a few in quick succession can miss a daemon on its way into the
   * background.
   */
  readonly quiet?: Ms;
  /** What the run itself reported as started, marked or not; a journal on disk is not enough. */
  readonly started?: readonly ProcessId[];
  /** Where it noted what is to be undone. Default: the file in its folder. */
  readonly undos?: string;
  /** Tries again what has failed to be undone. */
  readonly again?: boolean;
  /** Aborts when nobody wants to wait any more for another process that sweeps the same run. */
  readonly stop?: AbortSignal;
  /** Called with the pid of such a process. */
  readonly onWait?: (pid: number) => void;
}

/**
 * @param run a dead one; a run that is, or may be, alive ends its processes, and undoes what it has done, itself
 * @param grace how long processes get after SIGTERM
 * @param clock on which the grace is counted
 */
export async function sweepRun(
  run: UnfinishedRun,
  grace: Ms,
  clock: Clock,
  options: SweepOptions = {},
): Promise<Swept> {
  if (run.life !== 'dead')
    throw new Error(`run ${run.run} is not known to be dead: its processes are its own`);
  const { dryRun = false, undos = undosPath(run.path) } = options;
  const due = (): LeftUndo[] => dueOf(readUndos(undos), options);
  if (dryRun || due().length === 0) return sweepProcesses(run, grace, clock, options, due());
  const nothing: Swept = { run: run.run, path: run.path, found: [], survivors: [], undone: [] };
  // Whoever undoes something does so under the marks of the run: nobody may take that for something left by it.
  const turn = await awaitTurn(run.path, options);
  if (turn === undefined) return nothing;
  try {
    if (existsSync(run.path) && !existsSync(runnerPath(run.path))) return nothing;
    return await sweepProcesses(run, grace, clock, options, due());
  } finally {
    turn.end();
  }
}

/** What has failed is tried again only on request. */
const dueOf = (left: readonly LeftUndo[], { again = false }: SweepOptions): LeftUndo[] =>
  left.filter(({ failure }) => again || failure === undefined);

const TURN_EVERY = 100;

/** @returns undefined if nobody wants to wait any more */
async function awaitTurn(path: string, { stop, onWait }: SweepOptions): Promise<Turn | undefined> {
  let told: number | undefined;
  for (;;) {
    const taken = takeUndoTurn(path);
    if (typeof taken !== 'number') return taken;
    if (stop?.aborted === true) return undefined;
    if (taken !== told) onWait?.(taken);
    told = taken;
    const wait = delay(TURN_EVERY);
    await (stop === undefined ? wait : untilAborted(wait, stop));
  }
}

async function sweepProcesses(
  run: UnfinishedRun,
  grace: Ms,
  clock: Clock,
  { dryRun = false, quiet = 0 as Ms, started = [], undos = undosPath(run.path) }: SweepOptions,
  due: readonly LeftUndo[],
): Promise<Swept> {
  const group = run.group !== null && isGroupOf(run.pid, run.group) ? run.group : null;
  const finder = run.isOfEarlierBoot ? undefined : finderOf(run, group);
  for (const each of started) finder?.adoptIfAlive(each);
  const found = finder?.scan().map(sight) ?? [];
  if (dryRun) return { run: run.run, path: run.path, found, survivors: [], undone: due.map(asPlanned) };
  const survivors = finder === undefined ? [] : (await endForGood(finder, grace, quiet, clock)).survivors;
  if (group !== null) await endGroup(group, EARLIER, clock);
  const undone = await undoAll(run, due, undos, clock);
  if (survivors.length === 0) forget(run, isAllUndone(undos, undone));
  return { run: run.run, path: run.path, found, survivors, undone };
}

/** It need not be noted in the file: a full disk may be in the way of that. */
function isAllUndone(undos: string, reports: readonly UndoReport[]): boolean {
  const done = reports.flatMap(({ left, failure }) => (failure === undefined ? [left.id] : []));
  return readUndos(undos).every(({ id }) => done.includes(id));
}

const asPlanned = (left: LeftUndo): UndoReport => ({ left, failure: undefined });

async function undoAll(
  { run, path }: Pick<UnfinishedRun, 'run' | 'path'>,
  due: readonly LeftUndo[],
  undos: string,
  clock: Clock,
): Promise<UndoReport[]> {
  if (due.length === 0) return [];
  const file = UndoFile.open(undos);
  try {
    return await undoLeft(run, path, due, file, clock);
  } finally {
    file.close(true);
  }
}

/** Tries again what a run that has ended could not undo. */
export async function undoAgain(
  { run, path, left }: RunWithUndos,
  clock: Clock,
  options: SweepOptions,
): Promise<UndoReport[]> {
  if (options.dryRun === true) return left.map(asPlanned);
  const turn = await awaitTurn(path, options);
  if (turn === undefined) return [];
  try {
    const undos = undosPath(path);
    const reports = await undoAll({ run, path }, readUndos(undos), undos, clock);
    if (isAllUndone(undos, reports)) rmSync(undos, { force: true });
    return reports;
  } finally {
    turn.end();
  }
}

/** Finds whatever bears the run's marks, or is in its group. */
function finderOf({ run, path, notBefore }: UnfinishedRun, group: string | null): ProcessFinder {
  const marks = {
    ...{ cookie: `${cookieName(run)}=`, lease: `${join(path, 'leases')}/` },
    limit: limitsOfRun(run),
  };
  return new ProcessFinder(marks, { notBefore, ...(group === null ? {} : { place: membersOf(group) }) });
}

/**
 * Nothing of it is alive: the traces for finding it are removed, the rest is kept to be read.
 *
 * @param isUndone whether nothing is left to undo
 */
function forget({ path }: UnfinishedRun, isUndone: boolean): void {
  if (isUndone) rmSync(undosPath(path), { force: true });
  for (const folder of ['leases', 'trials']) rmSync(join(path, folder), { recursive: true, force: true });
  for (const file of [signPath(path), runnerPath(path)]) rmSync(file, { force: true });
}

/** Names the component in reports of processes that could not be ended. */
const EARLIER = 'an earlier run';

const LOOK_EVERY = 25;
const MOST_ROUNDS = 5;

async function endForGood(finder: ProcessFinder, grace: Ms, quiet: Ms, clock: Clock): Promise<Ending> {
  for (let round = 1; ; round++) {
    const ending = await terminate(finder, grace, EARLIER, clock);
    const until = performance.now() + quiet;
    let isQuiet = true;
    while (isQuiet && ending.survivors.length === 0 && performance.now() < until) {
      await delay(LOOK_EVERY);
      isQuiet = finder.scan().length === 0;
    }
    if (isQuiet || round === MOST_ROUNDS) return ending;
  }
}

/** The last check of a live run: ends whatever bears its marks although every owner has ended. */
export async function endStragglers(directory: RunDirectory, clock: Clock): Promise<Ending> {
  const finder = new ProcessFinder({
    cookie: `${cookieName(directory.run)}=`,
    lease: `${directory.leases}/`,
    limit: limitsOfRun(directory.run),
  });
  return finder.scan().length === 0 ? NOBODY : terminate(finder, 0 as Ms, THE_RUN, clock);
}
