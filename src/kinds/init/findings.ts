import { type DetailsOf, failed, inconclusive, note } from '../../core/finding.ts';
import type { StartPair } from './protocol.ts';

/** Start time relative to the bare interpreter: the median over pairs, with its 95 % interval. */
export interface StartRatio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

export const INIT_FINDINGS = {
  'init-failed': failed<{
    /** What the process was doing; null if everything was done and it was exiting. */
    readonly doing: string | null;
    readonly exitCode: number | null;
    readonly signal: string | null;
  }>(),
  'init-hang': failed<{ readonly doing: string | null; readonly waitedMs: number }>(),
  'init-unsupported': note(),
  'two-instances': note<{ readonly differing: readonly string[] }>(),
  'singleton-differs': failed<{ readonly differing: readonly string[] }>(),
  'cold-start': failed<{ readonly budget: number } & StartRatio>(),
  'cold-start-undecided': inconclusive<{ readonly budget: number } & StartRatio>(),
  'denied-module': failed<{ readonly denied: string; readonly modules: readonly string[] }>(),
  'start-profile': note<
    { readonly pairs: readonly StartPair[]; readonly modules: readonly string[] } & StartRatio
  >(),
};

declare module '../../core/finding.ts' {
  interface FindingDetails extends DetailsOf<typeof INIT_FINDINGS> {}
}
