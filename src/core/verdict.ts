import type { Consequence } from './finding.ts';

/** What a component, or a run, comes to. */
export type Verdict = 'passed' | 'failed' | 'inconclusive' | 'skipped';

/** The verdict of what did execute: the worst that its findings say. */
export function worstOf(consequences: readonly Consequence[]): Exclude<Verdict, 'skipped'> {
  if (consequences.includes('failed')) return 'failed';
  if (consequences.includes('inconclusive')) return 'inconclusive';
  return 'passed';
}

/** The verdict of a whole run. All skipped, or nothing there at all, is `skipped`: never green. */
export function foldVerdicts(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('failed')) return 'failed';
  if (verdicts.includes('inconclusive')) return 'inconclusive';
  return verdicts.includes('passed') ? 'passed' : 'skipped';
}

/** The process exit code of each verdict of a run. 2 is kept for errors of usage and configuration. */
export const EXIT_CODES = { passed: 0, failed: 1, inconclusive: 3, skipped: 4 } as const satisfies Record<
  Verdict,
  number
>;

export const EXIT_USAGE = 2;

/** Shakedown itself has failed, and what it says of the rest may not be all. */
export const EXIT_CRASHED = 5;

/** Exit code of a process that a signal ended, as shells report it. */
export const SIGNAL_EXIT_CODES: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
