import type { Consequence } from './finding.ts';

/** The result of a component, or of a run. */
export type Verdict = 'passed' | 'failed' | 'inconclusive' | 'skipped';

/** The verdict of a component that ran: the worst of its findings. */
export function worstOf(consequences: readonly Consequence[]): Exclude<Verdict, 'skipped'> {
  if (consequences.includes('failed')) return 'failed';
  if (consequences.includes('inconclusive')) return 'inconclusive';
  return 'passed';
}

/** The verdict of a whole run. If everything was skipped, or there was nothing, it is `skipped`: never green. */
export function foldVerdicts(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('failed')) return 'failed';
  if (verdicts.includes('inconclusive')) return 'inconclusive';
  return verdicts.includes('passed') ? 'passed' : 'skipped';
}

/** The exit code for each verdict of a run. 2 is reserved for errors of usage and configuration. */
export const EXIT_CODES = { passed: 0, failed: 1, inconclusive: 3, skipped: 4 } as const satisfies Record<
  Verdict,
  number
>;

export const EXIT_USAGE = 2;

/** Shakedown itself has failed, and what it reports may be incomplete. */
export const EXIT_CRASHED = 5;

/** The exit code of a process ended by a signal, as shells report it. */
export const SIGNAL_EXIT_CODES: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
