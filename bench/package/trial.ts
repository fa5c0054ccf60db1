/** What came of trying one package. */
import type { Finding } from '../../src/core/finding.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import type { Testimony } from './testimony.ts';

/** The parts of the JSON report that are told. */
export interface TrialReport {
  readonly suite: string;
  readonly startedAt: string;
  readonly verdict: Verdict;
  readonly durationMs: number;
  readonly setup: readonly { readonly durationMs: number; readonly findings: readonly Finding[] }[];
  readonly components: readonly {
    readonly name: string;
    readonly verdict: Verdict;
    readonly durationMs: number;
    readonly findings: readonly Finding[];
  }[];
}

export interface Trial {
  readonly spec: string;
  readonly code: number | null;
  /** From the start of the command to its end, with the installation. */
  readonly wholeMs: number;
  /** null when there was nothing to report. */
  readonly report: TrialReport | null;
  /** What was said on standard error. */
  readonly said: string;
  /** What the oracles say of it; null if it cannot be fetched for them. */
  readonly testimony: Testimony | null;
  /** The commit that Shakedown was built of. */
  readonly commit: string;
}
