/** What the results come to: which trials failed, and how each tier did with each behaviour and each event. Pure. */
import type { Survivor } from './survey.ts';
import type { TrialResult } from './trial.ts';

/** Whether something was not as it should be; a survivor that no promise covers is only counted. */
export function hasFailed(result: TrialResult): boolean {
  return (
    (result.claimed && result.survivors.length > 0) ||
    result.innocents.hurt.length > 0 ||
    result.faults.length > 0
  );
}

const showSurvivor = ({ pid, command, by }: Survivor): string =>
  `survived: ${pid} ${command.slice(0, 100)} (${by.join(', ')})`;

const SHOWN = 4;

/** Everything that speaks against Shakedown in a trial, a line each. */
export function complaints({ survivors, innocents, faults }: TrialResult): string[] {
  return [
    ...survivors.slice(0, SHOWN).map(showSurvivor),
    ...(survivors.length > SHOWN ? [`and ${survivors.length - SHOWN} more`] : []),
    ...innocents.hurt.map((hurt) => `an innocent was hurt: ${hurt}`),
    ...faults,
  ];
}

const NOT_ENDED = 'could not be stopped';
const ENDED = 'were stopped';

/**
 * What is wrong with the words of a run that left, or may have left, somebody who may not be ended, and went on to a
 * component that has nothing to do with it.
 *
 * @param output of the run, with `--keep-going`
 * @param isLeft whether somebody lives whom it could not end
 */
export function faultsOfWords(output: string, isLeft: boolean): string[] {
  const faults: string[] = [];
  if (output.includes(NOT_ENDED) !== isLeft)
    faults.push(`the output ${isLeft ? 'does not say' : 'says'} that somebody ${NOT_ENDED}`);
  if (isLeft && output.includes(ENDED)) faults.push(`the output says of who lives that they ${ENDED}`);
  if (!/\b1 passed\b/.test(output)) faults.push('the component after it did not pass');
  return faults;
}

/** How one tier did with one behaviour or event. */
export interface Cell {
  readonly trials: number;
  /** How many of them left somebody. */
  readonly left: number;
  /** And in how many of these the tier had promised otherwise. */
  readonly broken: number;
  /** Whether the promise covers all of them, or none. */
  readonly claimed: boolean;
  /** Worst time to clean up, in ms, where it was done. */
  readonly worst: number;
}

export function cellOf(results: readonly TrialResult[]): Cell {
  const left = results.filter(({ survivors }) => survivors.length > 0);
  return {
    trials: results.length,
    left: left.length,
    broken: left.filter(({ claimed }) => claimed).length,
    claimed: results.some(({ claimed }) => claimed),
    worst: Math.max(0, ...results.map(({ cleanUpMs }) => cleanUpMs ?? 0)),
  };
}

export interface Grid {
  readonly what: 'behaviour' | 'event';
  readonly tiers: readonly string[];
  readonly rows: readonly { readonly name: string; readonly cells: readonly Cell[]; readonly hurt: number }[];
}

/** @param names in the order of the rows; those without a trial are left out */
export function gridOf(
  what: Grid['what'],
  results: readonly TrialResult[],
  names: readonly string[],
  tiers: readonly string[],
): Grid {
  const rows = names.flatMap((name) => {
    const own = results.filter(({ trial }) => trial[what] === name);
    if (own.length === 0) return [];
    const cells = tiers.map((tier) => cellOf(own.filter(({ trial }) => trial.tier === tier)));
    return [{ name, cells, hurt: own.reduce((sum, { innocents }) => sum + innocents.hurt.length, 0) }];
  });
  return { what, tiers, rows };
}

export interface Summary extends Cell {
  readonly failed: number;
  readonly watched: number;
  readonly hurt: number;
  readonly faults: number;
  readonly seconds: number;
}

export function summarise(results: readonly TrialResult[], seconds: number): Summary {
  const count = (of: (result: TrialResult) => number): number =>
    results.reduce((sum, result) => sum + of(result), 0);
  return {
    ...cellOf(results),
    failed: results.filter(hasFailed).length,
    watched: count(({ innocents }) => innocents.watched),
    hurt: count(({ innocents }) => innocents.hurt.length),
    faults: count(({ faults }) => faults.length),
    seconds,
  };
}
