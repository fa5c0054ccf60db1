/** Ends what a killed run left behind, found by its cookie, leases and process group. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../core/clock.ts';
import type { ProcessSighting } from '../../core/finding.ts';
import type { Ms } from '../../core/units.ts';
import type { UnfinishedRun } from '../../store/earlier-runs.ts';
import { cookieName, type RunDirectory, runnerPath, signPath } from '../../store/run-directory.ts';
import { type ProcessId, sight } from '../system/proc.ts';
import { type Ending, NOBODY } from './ending.ts';
import { ProcessFinder } from './finder.ts';
import { limitsOfRun } from './limit-mark.ts';
import { THE_RUN, terminate } from './terminate.ts';
import { endGroup, isGroupOf, membersOf } from './tiers/cgroup.ts';

/** What was ended, or would be, of one run. */
export interface Swept {
  readonly run: string;
  readonly found: readonly ProcessSighting[];
  readonly survivors: readonly ProcessSighting[];
}

/**
 * @param run a dead one; a run that is, or may be, alive ends its processes itself
 * @param grace how long processes get after SIGTERM
 * @param clock on which the grace is counted
 * @param dryRun only look
 * @param quiet how long scans must stay empty to be believed: a few in quick succession can miss a daemon on its way
 *   into the background
 * @param started what the run itself reported as started, marked or not; a journal on disk is not enough
 */
export async function sweepRun(
  run: UnfinishedRun,
  grace: Ms,
  clock: Clock,
  {
    dryRun = false,
    quiet = 0 as Ms,
    started = [],
  }: { readonly dryRun?: boolean; readonly quiet?: Ms; readonly started?: readonly ProcessId[] } = {},
): Promise<Swept> {
  if (run.life !== 'dead')
    throw new Error(`run ${run.run} is not known to be dead: its processes are its own`);
  const group = run.group !== null && isGroupOf(run.pid, run.group) ? run.group : null;
  const finder = run.isOfEarlierBoot ? undefined : finderOf(run, group);
  for (const each of started) finder?.adoptIfAlive(each);
  const found = finder?.scan().map(sight) ?? [];
  if (dryRun) return { run: run.run, found, survivors: [] };
  const survivors = finder === undefined ? [] : (await endForGood(finder, grace, quiet, clock)).survivors;
  if (group !== null) await endGroup(group, EARLIER, clock);
  if (survivors.length === 0) forget(run);
  return { run: run.run, found, survivors };
}

/** Finds whatever bears the run's marks, or is in its group. */
function finderOf({ run, path, notBefore }: UnfinishedRun, group: string | null): ProcessFinder {
  const marks = {
    ...{ cookie: `${cookieName(run)}=`, lease: `${join(path, 'leases')}/` },
    limit: limitsOfRun(run),
  };
  return new ProcessFinder(marks, { notBefore, ...(group === null ? {} : { place: membersOf(group) }) });
}

/** Nothing of it is alive: the traces for finding it are removed, the rest is kept to be read. */
function forget({ path }: UnfinishedRun): void {
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
