/** What of a suite is to be run again. */
import type { RunLine } from './run-line.ts';

/** A component that was to be run and did not pass, and has not passed since. */
export interface Due {
  readonly name: string;
  /** The run that it did not pass in. */
  readonly run: string;
  /** Or else it was not reached: something else had failed, or the run was interrupted or killed. */
  readonly hasFailed: boolean;
}

/** Whether a run has failed and no component is to blame: a setup step, say, or a process that was left behind. */
function isNobodysFault({ verdict, components }: RunLine): boolean {
  const isThere = (...verdicts: string[]): boolean =>
    components.some((each) => verdicts.includes(each.verdict));
  if (verdict === 'passed' || isThere('failed', 'inconclusive')) return false;
  // Of one that was interrupted, what was not reached is known.
  return verdict === 'failed' || !isThere('skipped');
}

/**
 * A run that leaves out what had not passed before carries it on.
 *
 * @param runs in the order in which they started
 * @returns what has failed or came to no verdict, then what was not reached
 */
export function dueAfter(runs: readonly RunLine[]): Due[] {
  const due = new Map<string, Due>();
  for (const line of runs) {
    const isEach = isNobodysFault(line);
    for (const { name, verdict } of line.components) {
      if (verdict === 'passed' && !isEach) due.delete(name);
      // That it was not reached again takes nothing from its failure.
      else if (verdict !== 'skipped' || due.get(name)?.hasFailed !== true)
        due.set(name, { name, run: line.run, hasFailed: verdict !== 'skipped' });
    }
  }
  const all = [...due.values()];
  return [...all.filter(({ hasFailed }) => hasFailed), ...all.filter(({ hasFailed }) => !hasFailed)];
}
