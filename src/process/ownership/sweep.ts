/** Ends what a run left that was killed before it could: found by its cookie, its leases, its journal and its group. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessSighting } from '../../domain/finding.ts';
import type { Ms } from '../../domain/units.ts';
import { sight } from '../system/proc.ts';
import { ProcessFinder } from './finder.ts';
import { cookieName, type RunDirectory, type UnfinishedRun } from './run-directory.ts';
import { terminate } from './terminate.ts';
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
 */
export async function sweepRun(run: UnfinishedRun, grace: Ms, dryRun = false): Promise<Swept> {
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
  const { survivors } = found.length === 0 ? { survivors: [] } : await terminate(finder, grace);
  if (group !== null) await endGroup(group);
  if (survivors.length === 0) {
    rmSync(leases, { recursive: true, force: true });
    rmSync(join(run.path, 'runner.json'), { force: true });
  }
  return { run: run.run, found, survivors };
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
