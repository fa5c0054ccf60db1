/** Ends a run, for whatever reason: every component gets a final event, and the run its verdict. */
import type { RunEvent } from '../core/event.ts';
import type { Finding } from '../core/finding.ts';
import { stopReason } from '../core/stop-reason.ts';
import { EXIT_CODES, EXIT_CRASHED, EXIT_USAGE, SIGNAL_EXIT_CODES, type Verdict } from '../core/verdict.ts';
import type { Ledger, Unfinished } from './ledger.ts';
import type { RunControl } from './run-context.ts';

export interface RunEnd {
  readonly verdict: Verdict;
  readonly exitCode: number;
}

/** Why a run was stopped, if it was. */
type Control = Pick<RunControl, 'stop' | 'hurry' | 'crash'>;

type Emit = (event: RunEvent) => void;

/** Why a run was stopped: the reason given for skipped components. */
export function whyStopped(control: Pick<RunControl, 'stop'>): string {
  const reason = stopReason(control.stop);
  return reason?.type === 'crashed' ? 'Shakedown could not go on' : 'interrupted';
}

/** A component that was ended because Shakedown could not go on: its outcome is unknown. */
export const endedEarly = (name: string): Finding => ({
  code: 'ended-early',
  message: `${name} was stopped early: Shakedown could not go on`,
});

export interface Conclusion {
  /** Of the whole run. */
  readonly elapsedMs: number;
  /** Whether it was to go on until the user ends it, which is then its ordinary end. */
  readonly isHold: boolean;
  /** Whether it is no fault that nothing ran: there are more shards than there is to run. */
  readonly mayBeEmpty?: boolean;
  /** Writes the run down before its last event; returns why it could not. */
  readonly keep?:
    | ((end: Pick<RunEnd, 'verdict'> & { readonly durationMs: number }) => Finding | undefined)
    | undefined;
}

/** @returns the verdict of the run, and its exit code */
export function conclude(
  ledger: Ledger,
  control: Control,
  emit: Emit,
  { elapsedMs, isHold, mayBeEmpty = false, keep }: Conclusion,
): RunEnd {
  const crash = control.crash();
  for (const component of ledger.unfinished()) lastWord(component, control, emit, elapsedMs);
  if (crash !== undefined) emit({ type: 'run-note', finding: crash });
  const verdict = isHold && ledger.verdict === 'skipped' ? 'passed' : ledger.verdict;
  const isOrderly = isHold && !control.hurry.aborted && verdict !== 'inconclusive';
  const code = isOrderly && crash === undefined ? EXIT_CODES[verdict] : exitCodeOf(ledger, control, crash);
  const exitCode = mayBeEmpty && code === EXIT_CODES.skipped ? EXIT_CODES.passed : code;
  const unkept = keep?.({ verdict, durationMs: elapsedMs });
  if (unkept !== undefined) emit({ type: 'run-note', finding: unkept });
  emit({ type: 'run-finished', verdict, exitCode, durationMs: elapsedMs });
  return { verdict, exitCode };
}

function lastWord(
  { name, attempt, sinceMs }: Unfinished,
  control: Control,
  emit: Emit,
  elapsedMs: number,
): void {
  if (attempt === 0) {
    emit({ type: 'component-skipped', component: name, kind: null, reason: whyStopped(control) });
    return;
  }
  emit({ type: 'finding', component: name, attempt, finding: endedEarly(name) });
  const durationMs = elapsedMs - sinceMs;
  emit({
    type: 'component-finished',
    component: name,
    verdict: 'inconclusive',
    flaky: false,
    attempts: attempt,
    durationMs,
  });
}

function exitCodeOf(ledger: Ledger, control: Control, crash: Finding | undefined): number {
  if (crash?.code === 'internal-error') return EXIT_CRASHED;
  const reason = stopReason(control.stop);
  if (reason?.type === 'interrupted') return SIGNAL_EXIT_CODES[reason.signal] ?? EXIT_CODES.inconclusive;
  const { verdict } = ledger;
  if (verdict !== 'failed' && ledger.isMisused) return EXIT_USAGE;
  // A failure of the suite counts, even if Shakedown itself failed elsewhere.
  return verdict === 'failed' && ledger.allOurs ? EXIT_CRASHED : EXIT_CODES[verdict];
}
