/** Cleans up after earlier runs: what killed ones left, and old folders. */
import { type Finding, shortCommand } from '../core/finding.ts';
import { showProcesses, sightings } from '../core/leftovers.ts';
import { quote } from '../core/quote.ts';
import { showCommand } from '../core/suite.ts';
import { type Ms, plural } from '../core/units.ts';
import { sweepRun } from '../process/ownership/sweep.ts';
import type { UndoReport } from '../process/undo/left.ts';
import {
  finishedWithUndos,
  pruneRuns,
  type RunWithUndos,
  type UnfinishedRun,
  unfinishedRuns,
} from '../store/earlier-runs.ts';
import type { NotOurs } from '../store/ours.ts';
import { knownStates, type StateFolder } from '../store/state-folder.ts';
import { undosPath } from '../store/undo-file.ts';
import type { RunHost, RunResources } from './run-context.ts';

const SWEEP_GRACE = 1000 as Ms;

/** Time budgets at the start of a run, in milliseconds, however many folders there are. */
const LOOK_FOR = 150;
const PRUNE_FOR = 350;

/** What it takes: time, being told when the user does not want to wait any more, and telling that it waits. */
type Terms = Pick<RunResources, 'clock' | 'control' | 'emit'> & Pick<RunHost, 'purpose'>;

/**
 * Ends what killed runs left, which may hold the very port that this run needs, undoes what they have done, and removes
 * the oldest folders of finished runs.
 *
 * @param root absolute path of the folder that contains `.shakedown/`
 * @param keep how many folders of runs for the same purpose stay, including this run's
 */
export async function clearAfterEarlierRuns(root: string, keep: number, terms: Terms): Promise<Finding[]> {
  const { states, refused } = knownStates(root);
  const findings = refused.map(notBelieved);
  for (const state of states) findings.push(...(await clear(state, keep, terms)));
  return findings;
}

async function clear(state: StateFolder, keep: number, terms: Terms): Promise<Finding[]> {
  const { unfinished, refused, unseen } = unfinishedRuns(state, LOOK_FOR);
  const findings = refused.map(notBelieved);
  for (const run of unfinished) {
    if (run.life === 'unknown') findings.push(notJudged(run));
    if (run.life === 'dead') findings.push(...(await endLeftOf(run, terms)));
  }
  findings.push(...stillLeft(finishedWithUndos(state)));
  const { removed, left } = pruneRuns(state, keep - 1, terms.purpose, PRUNE_FOR);
  if (left + unseen > 0)
    findings.push({
      code: 'runs-left',
      message: `${state.runs} has more folders of old runs than can be removed at one start: ${removed} are removed, ${Math.max(left, unseen)} are left for later`,
      hint: `the next runs remove more of them; if no run is active, rm -r ${quote(state.runs)} removes them all`,
    });
  return findings;
}

/** Ends, undoes and reports what a dead run left. */
export async function endLeftOf(run: UnfinishedRun, { clock, control, emit }: Terms): Promise<Finding[]> {
  const onWait = (pid: number): void => emit({ type: 'run-note', finding: waited(run, pid) });
  const options = { stop: control.stop, onWait };
  const { found: all, survivors, undone } = await sweepRun(run, SWEEP_GRACE, clock, options);
  const found = all.filter(({ pid }) => !survivors.some((survivor) => survivor.pid === pid));
  const done = undone.flatMap(({ left, failure }) => (failure === undefined ? [undidFor(left)] : []));
  if (found.length === 0) return done;
  return [
    ...done,
    {
      code: 'swept',
      message: `ended ${plural(found.length, 'process', 'processes')} that an earlier run left when it was killed: ${showProcesses(found)}`,
      ...sightings(found),
    },
  ];
}

const waited = ({ run }: UnfinishedRun, pid: number): Finding => ({
  code: 'undo-waited',
  message: `waiting for pid ${pid}, which undoes what run ${run} has done`,
});

const undidFor = ({ undo }: UndoReport['left']): Finding => ({
  code: 'undone',
  message: `an earlier run was killed before it could: the ${undo.title} is done now (${shortCommand(showCommand(undo.command))})`,
});

/** What could not be undone, which nobody tries again unasked. */
const stillLeft = (runs: readonly RunWithUndos[]): Finding[] =>
  runs.flatMap(({ run, path, left }) =>
    left.map(
      ({ undo, failure }): Finding => ({
        code: 'undo-left',
        message: `something is left of run ${run}: ${failure?.message ?? `nobody has carried out the ${undo.title}`}`,
        evidence: [shortCommand(showCommand(undo.command))],
        hint: `\`shakedown sweep\` tries again; if you have undone it by hand, forget it: rm ${quote(undosPath(path))}`,
      }),
    ),
  );

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
