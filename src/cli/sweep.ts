import { join } from 'node:path';
import { shortCommand } from '../core/finding.ts';
import { visible } from '../core/harmless.ts';
import { quote } from '../core/quote.ts';
import { type Environment, showCommand } from '../core/suite.ts';
import { formatDuration, type Ms, plural } from '../core/units.ts';
import { EXIT_CODES, EXIT_USAGE } from '../core/verdict.ts';
import { type Swept, sweepRun, undoAgain } from '../process/ownership/sweep.ts';
import type { UndoReport } from '../process/undo/left.ts';
import { finishedWithUndos, type UnfinishedRun, unfinishedRuns } from '../store/earlier-runs.ts';
import { knownStates } from '../store/state-folder.ts';
import { undosPath } from '../store/undo-file.ts';
import type { Program } from './flags.ts';
import { type Outcome, SUCCESS } from './outcome.ts';
import { say } from './say.ts';

const GRACE = 2000 as Ms;

/** Ends what killed runs in this folder left, and undoes what any run has not. Whatever is not trusted is reported as an error. */
export async function sweep(flags: { readonly dryRun: boolean }, program: Program): Promise<Outcome> {
  const { states, refused } = knownStates(program.cwd);
  const found = states.map((state) => unfinishedRuns(state));
  const swept: Swept[] = [];
  const onWait = (pid: number): void => say(`waiting for pid ${pid}, which is doing the same`);
  const options = { ...flags, again: true, onWait };
  for (const run of found.flatMap(({ unfinished }) => unfinished)) {
    if (run.life === 'dead') swept.push(tell(await sweepRun(run, GRACE, program.clock, options), flags));
    else leave(run);
  }
  const undone = swept.flatMap((each) => each.undone);
  for (const run of states.flatMap(finishedWithUndos)) {
    const reports = await undoAgain(run, program.clock, options);
    tellUndone(reports, run.path, flags);
    undone.push(...reports);
  }
  const strays = await sweepContainers(flags);
  const total = swept.reduce((sum, { found }) => sum + found.length, 0);
  if (total > 0)
    say(`${plural(total, 'process', 'processes')} of killed runs ${flags.dryRun ? 'found' : 'stopped'}`);
  else if (undone.length === 0 && strays.found === 0) say('nothing was left by earlier runs');
  const notBelieved = [...refused, ...found.flatMap((each) => each.refused)];
  for (const { message, wayOut } of notBelieved)
    say(`shakedown: ${visible(message)}: nothing in it is used\n  ${visible(wayOut)}`, process.stderr);
  const isLeft = undone.some(({ failure }) => failure !== undefined);
  if (isLeft || strays.left > 0 || swept.some(({ survivors }) => survivors.length > 0))
    return { exitCode: EXIT_CODES.failed };
  return notBelieved.length > 0 ? { exitCode: EXIT_USAGE } : SUCCESS;
}

/** Containers and networks of dead runs whose folders are gone, wherever these were: nobody else would remove them. */
async function sweepContainers({ dryRun }: { readonly dryRun: boolean }): Promise<{
  readonly found: number;
  readonly left: number;
}> {
  const { findEngine } = await import('../process/containers/engine.ts');
  const engine = await findEngine({ env: inherited() });
  if (!engine.ok) return { found: 0, left: 0 };
  const { removeStray, straysIn } = await import('../process/containers/strays.ts');
  const found = await straysIn(engine.value);
  let left = 0;
  for (const stray of found) {
    const what = `${stray.kind} ${stray.name} of run ${stray.run}, whose folder is gone`;
    const failure = dryRun ? undefined : await removeStray(stray, engine.value);
    if (failure !== undefined) left += 1;
    say(
      visible(
        failure === undefined
          ? `${dryRun ? 'would remove' : 'removed'} ${what}`
          : `could not remove ${what}: ${failure}`,
      ),
    );
  }
  return { found: found.length, left };
}

const inherited = (): Environment =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

function leave({ run, path, life }: UnfinishedRun): void {
  const because =
    life === 'alive'
      ? `run ${run} is still running: left alone`
      : `run ${run} was started on another machine or in another container, so it may still be running: left alone\n  if it is not, remove its folder: rm -r ${visible(quote(path))}`;
  say(because);
}

function tell(swept: Swept, { dryRun }: { readonly dryRun: boolean }): Swept {
  for (const { pid, command, ageMs } of swept.found) {
    say(
      visible(
        `${dryRun ? 'would stop' : 'stopped'} pid ${pid}, started ${formatDuration(ageMs)} ago: ${shortCommand(command)}`,
      ),
    );
  }
  for (const { pid, command } of swept.survivors)
    say(visible(`could not stop pid ${pid}: ${shortCommand(command)}`));
  tellUndone(swept.undone, swept.path, { dryRun });
  return swept;
}

/** @param path absolute path of the run's folder */
export function tellUndone(
  reports: readonly UndoReport[],
  path: string,
  { dryRun }: { readonly dryRun: boolean },
): void {
  for (const { left, failure } of reports) {
    const { title, command } = left.undo;
    const what = `${title}: ${shortCommand(showCommand(command))}`;
    if (dryRun) say(visible(`would carry out the ${what}`));
    else if (failure === undefined) say(visible(`carried out the ${what}`));
    else {
      say(visible(failure.message));
      say(visible(`  the command was: ${shortCommand(showCommand(command))}`));
      say(visible(`  log: ${join(path, 'logs', `${left.id}.log`)}`));
      say(
        visible(
          `  see to what is in its way and sweep again; if you have undone it by hand, forget it: rm ${quote(undosPath(path))}`,
        ),
      );
    }
  }
}
