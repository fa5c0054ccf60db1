/** Cleans up after earlier runs: processes of killed ones, and old folders. */
import type { Clock } from '../core/clock.ts';
import type { Finding } from '../core/finding.ts';
import { showProcesses, sightings } from '../core/leftovers.ts';
import { quote } from '../core/quote.ts';
import { type Ms, plural } from '../core/units.ts';
import { sweepRun } from '../process/ownership/sweep.ts';
import { pruneRuns, type UnfinishedRun, unfinishedRuns } from '../store/earlier-runs.ts';
import type { NotOurs } from '../store/ours.ts';
import { knownStates, type StateFolder } from '../store/state-folder.ts';

const SWEEP_GRACE = 1000 as Ms;

/** Time budgets at the start of a run, in milliseconds, however many folders there are. */
const LOOK_FOR = 150;
const PRUNE_FOR = 350;

/**
 * Ends what killed runs left, which may hold the very port that this run needs, and removes the oldest folders of
 * finished runs.
 *
 * @param root absolute path of the folder that contains `.shakedown/`
 * @param keep how many folders stay, including this run's
 */
export async function clearAfterEarlierRuns(root: string, keep: number, clock: Clock): Promise<Finding[]> {
  const { states, refused } = knownStates(root);
  const findings = refused.map(notBelieved);
  for (const state of states) findings.push(...(await clear(state, keep, clock)));
  return findings;
}

async function clear(state: StateFolder, keep: number, clock: Clock): Promise<Finding[]> {
  const { unfinished, refused, unseen } = unfinishedRuns(state, LOOK_FOR);
  const findings = refused.map(notBelieved);
  for (const run of unfinished) {
    if (run.life === 'unknown') findings.push(notJudged(run));
    if (run.life === 'dead') findings.push(...(await endLeftOf(run, clock)));
  }
  const { removed, left } = pruneRuns(state, keep - 1, PRUNE_FOR);
  if (left + unseen > 0)
    findings.push({
      code: 'runs-left',
      message: `${state.runs} has more folders of old runs than can be removed at one start: ${removed} are removed, ${left} are left`,
      hint: `the next runs remove more of them; if no run is active, rm -r ${quote(state.runs)} removes them all`,
    });
  return findings;
}

/** Ends and reports what a dead run left. */
export async function endLeftOf(run: UnfinishedRun, clock: Clock): Promise<Finding[]> {
  const { found: all, survivors } = await sweepRun(run, SWEEP_GRACE, clock);
  const found = all.filter(({ pid }) => !survivors.some((survivor) => survivor.pid === pid));
  if (found.length === 0) return [];
  return [
    {
      code: 'swept',
      message: `ended ${plural(found.length, 'process', 'processes')} that an earlier run left when it was killed: ${showProcesses(found)}`,
      ...sightings(found),
    },
  ];
}

const notBelieved = (because: NotOurs): Finding => ({
  code: 'not-believed',
  message: `${because.message}: nothing in it is used`,
  hint: because.wayOut,
});

const notJudged = ({ run, path }: UnfinishedRun): Finding => ({
  code: 'not-believed',
  message: `run ${run} may still be running on another machine or in another container: it is left alone`,
  hint: `if it is not, remove its folder: rm -r ${quote(path)}`,
});
