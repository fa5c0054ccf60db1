import { shortCommand } from '../domain/finding.ts';
import { visible } from '../domain/harmless.ts';
import { formatDuration, type Ms, plural } from '../domain/units.ts';
import { unfinishedRuns } from '../process/ownership/run-directory.ts';
import { sweepRun } from '../process/ownership/sweep.ts';
import type { Program } from './flags.ts';
import { type Outcome, SUCCESS } from './outcome.ts';
import { say } from './say.ts';

const GRACE = 2000 as Ms;

/** Ends what killed runs of this folder left. */
export async function sweep(flags: { readonly dryRun: boolean }, program: Program): Promise<Outcome> {
  let total = 0;
  let survived = 0;
  for (const run of unfinishedRuns(program.cwd)) {
    if (run.alive) {
      say(visible(`run ${run.run} is alive: left alone`));
      continue;
    }
    const { found, survivors } = await sweepRun(run, GRACE, flags);
    total += found.length;
    survived += survivors.length;
    for (const { pid, command, ageMs } of found) {
      say(
        visible(
          `${flags.dryRun ? 'would end' : 'ended'} pid ${pid}, started ${formatDuration(ageMs)} ago: ${shortCommand(command)}`,
        ),
      );
    }
    for (const { pid, command } of survivors)
      say(visible(`could not end pid ${pid}: ${shortCommand(command)}`));
  }
  if (total === 0) say('nothing was left by earlier runs');
  else say(`${plural(total, 'process', 'processes')} of killed runs ${flags.dryRun ? 'found' : 'ended'}`);
  return survived === 0 ? SUCCESS : { exitCode: 1 };
}
