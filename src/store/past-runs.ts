/** The past runs of a suite. */
import { join } from 'node:path';
import { isRun, readUnfinishedRun, runNames } from './earlier-runs.ts';
import { readHistory } from './history.ts';
import { JournalReader } from './journal.ts';
import { purposeOf } from './run-directory.ts';
import { type RunLine, RunLineFold, soundRunLine } from './run-line.ts';
import { knownStates, type StateFolder } from './state-folder.ts';

/** As far as the journal of a run goes; undefined if it is none that others are compared with. Whatever is in it is not believed. */
function lineOf(run: string): RunLine | undefined {
  const journal = new JournalReader(run);
  const fold = new RunLineFold();
  try {
    for (const event of journal.events()) {
      try {
        fold.take(event);
      } catch {
        // It is an event by its name only.
      }
    }
    return soundRunLine(fold.line());
  } catch {
    return undefined;
  } finally {
    journal.close();
  }
}

/** Those that have ended and that the history lacks: the journal of one that was killed is all that there is of it. */
function unwrittenRuns({ runs }: StateFolder, written: ReadonlySet<string>): RunLine[] {
  return runNames(runs).flatMap((run) => {
    const path = join(runs, run);
    if (written.has(run) || purposeOf(path) !== 'components' || !isRun(path)) return [];
    const unfinished = readUnfinishedRun(runs, run);
    return unfinished === undefined || unfinished.life === 'dead' ? (lineOf(path) ?? []) : [];
  });
}

/**
 * The runs that others are compared with, as far back as the history goes, and those of which only a journal is left. One that
 * goes on does not count.
 *
 * @param root absolute path of the folder that contains `.shakedown/`
 * @param suite as `suiteIn` names it
 * @returns in the order in which they started
 */
export function pastRuns(root: string, suite: string): RunLine[] {
  return knownStates(root)
    .states.flatMap((state) => {
      const { lines } = readHistory(state);
      const written = new Set(lines.flatMap(({ run, merges = [] }) => [run, ...merges]));
      return [...lines, ...unwrittenRuns(state, written)];
    })
    .filter((line) => line.suite === suite)
    .sort((one, other) => (one.startedAt < other.startedAt ? -1 : 1));
}
