import { shortCommand } from '../core/finding.ts';
import { visible } from '../core/harmless.ts';
import { quote } from '../core/quote.ts';
import { formatDuration, type Ms, plural } from '../core/units.ts';
import { EXIT_CODES, EXIT_USAGE } from '../core/verdict.ts';
import { type Swept, sweepRun } from '../process/ownership/sweep.ts';
import { type UnfinishedRun, unfinishedRuns } from '../store/earlier-runs.ts';
import { knownStates } from '../store/state-folder.ts';
import type { Program } from './flags.ts';
import { type Outcome, SUCCESS } from './outcome.ts';
import { say } from './say.ts';

const GRACE = 2000 as Ms;

/** Ends what killed runs in this folder left. Whatever is not trusted is reported as an error. */
export async function sweep(flags: { readonly dryRun: boolean }, program: Program): Promise<Outcome> {
  const { states, refused } = knownStates(program.cwd);
  const found = states.map((state) => unfinishedRuns(state));
  const swept: Swept[] = [];
  for (const run of found.flatMap(({ unfinished }) => unfinished)) {
    if (run.life === 'dead') swept.push(tell(await sweepRun(run, GRACE, program.clock, flags), flags));
    else leave(run);
  }
  const total = swept.reduce((sum, { found }) => sum + found.length, 0);
  if (total === 0) say('nothing was left by earlier runs');
  else say(`${plural(total, 'process', 'processes')} of killed runs ${flags.dryRun ? 'found' : 'stopped'}`);
  const notBelieved = [...refused, ...found.flatMap((each) => each.refused)];
  for (const { message, wayOut } of notBelieved)
    say(`shakedown: ${visible(message)}: nothing in it is used\n  ${visible(wayOut)}`, process.stderr);
  if (swept.some(({ survivors }) => survivors.length > 0)) return { exitCode: EXIT_CODES.failed };
  return notBelieved.length > 0 ? { exitCode: EXIT_USAGE } : SUCCESS;
}

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
  return swept;
}
