/** The last run of a suite. */
import { join } from 'node:path';
import { isRun, readUnfinishedRun, runNames } from './earlier-runs.ts';
import { readHistory } from './history.ts';
import { JournalReader } from './journal.ts';
import { purposeOf } from './run-directory.ts';
import { type RunLine, RunLineFold } from './run-line.ts';
import { knownStates } from './state-folder.ts';

/** As far as the journal of a run goes; undefined if it is none that others are compared with. */
function lineOf(run: string): RunLine | undefined {
  const journal = new JournalReader(run);
  const fold = new RunLineFold();
  for (const event of journal.events()) {
    fold.take(event);
    // Journals may be long, and that of another kind of run is told by its beginning.
    if (event.type === 'run-started' && fold.line() === undefined) break;
  }
  journal.close();
  return fold.line();
}

/** The second in which a run started, as its name tells. */
const secondOf = (run: string): string => run.slice(0, 'yyyymmdd-hhmmss'.length);

const latest = (lines: readonly (RunLine | undefined)[]): RunLine | undefined =>
  lines.reduce(
    (last, line) => (line !== undefined && line.startedAt > (last?.startedAt ?? '') ? line : last),
    undefined,
  );

/**
 * The last run that others are compared with, as the history tells, or else its journal: one that was killed is in its journal
 * alone. One that goes on does not count.
 *
 * @param root absolute path of the folder that contains `.shakedown/`
 * @param suite as `suiteIn` names it
 */
export function lastRun(root: string, suite: string): RunLine | undefined {
  return latest(
    knownStates(root).states.flatMap((state) => {
      const known = readHistory(state).lines.filter((line) => line.suite === suite);
      const written = new Set(known.map(({ run }) => run));
      const since = secondOf(known.at(-1)?.run ?? '');
      const others = runNames(state.runs).filter((run) => secondOf(run) >= since && !written.has(run));
      const killed = others.filter((run) => {
        const path = join(state.runs, run);
        if (purposeOf(path) !== 'components' || !isRun(path)) return false;
        const unfinished = readUnfinishedRun(state.runs, run);
        return unfinished === undefined || unfinished.life === 'dead';
      });
      const lines = killed.map((run) => lineOf(join(state.runs, run)));
      return [known.at(-1), ...lines.filter((line) => line?.suite === suite)];
    }),
  );
}
