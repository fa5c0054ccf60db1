/** Ends what a run left that was killed before it could: found by its cookie, its leases, its journal and its group. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessSighting } from '../../domain/finding.ts';
import type { Ms } from '../../domain/units.ts';
import { sight } from '../system/proc.ts';
import { ProcessFinder } from './finder.ts';
import { cookieName, type RunDirectory, type UnfinishedRun } from './run-directory.ts';
import { type Ending, terminate } from './terminate.ts';
import { endGroup, membersOf } from './tiers/cgroup.ts';

/** What was, or would be, ended of one run. */
export interface Swept {
  readonly run: string;
  readonly found: readonly ProcessSighting[];
  readonly survivors: readonly ProcessSighting[];
}

/**
 * @param run one that is not alive; a living run's processes are its own to end
 * @param grace how long processes get after SIGTERM
 * @param dryRun only look
 * @param quiet how long nobody may be seen before that is believed: a daemon on its way into the background can be
 *   missed by looks that follow each other closely
 */
export async function sweepRun(
  run: UnfinishedRun,
  grace: Ms,
  { dryRun = false, quiet = 0 as Ms }: { readonly dryRun?: boolean; readonly quiet?: Ms } = {},
): Promise<Swept> {
  if (run.alive) throw new Error(`run ${run.run} is alive: its processes are its own to end`);
  const leases = join(run.path, 'leases');
  const { notBefore, group } = run;
  const finder = new ProcessFinder(
    { cookie: `${cookieName(run.run)}=`, lease: `${leases}/` },
    { notBefore, ...(group === null ? {} : { place: membersOf(group) }) },
  );
  for (const started of run.started) finder.adoptIfAlive(started);
  const found = finder.scan().map(sight);
  if (dryRun) return { run: run.run, found, survivors: [] };
  const { survivors } = await endForGood(finder, grace, quiet);
  if (group !== null) await endGroup(group);
  if (survivors.length === 0) {
    rmSync(leases, { recursive: true, force: true });
    rmSync(join(run.path, 'runner.json'), { force: true });
  }
  return { run: run.run, found, survivors };
}

const LOOK_EVERY = 25;
const MOST_ROUNDS = 5;

async function endForGood(finder: ProcessFinder, grace: Ms, quiet: Ms): Promise<Ending> {
  for (let round = 1; ; round++) {
    const ending = await terminate(finder, grace);
    const until = performance.now() + quiet;
    let isQuiet = true;
    while (isQuiet && ending.survivors.length === 0 && performance.now() < until) {
      await delay(LOOK_EVERY);
      isQuiet = finder.scan().length === 0;
    }
    if (isQuiet || round === MOST_ROUNDS) return ending;
  }
}

/** The last look of a living run: whatever bears its marks although every owner has ended is ended here. */
export async function endStragglers(directory: RunDirectory): Promise<ProcessSighting[]> {
  const finder = new ProcessFinder({
    cookie: `${cookieName(directory.run)}=`,
    lease: `${directory.leases}/`,
  });
  const found = finder.scan();
  if (found.length > 0) await terminate(finder, 0 as Ms);
  return found.map(sight);
}
