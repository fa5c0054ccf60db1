import { type DetailsOf, failed, inconclusive, note } from '../../core/finding.ts';
import type { RatioInterval } from './interval.ts';
import type { StartPair } from './protocol.ts';

export const INIT_FINDINGS = {
  'init-failed': failed<{
    /** What the process was doing; null if it was done and only had to exit. */
    readonly doing: string | null;
    readonly exitCode: number | null;
    readonly signal: string | null;
  }>(),
  'init-hang': failed<{ readonly doing: string | null; readonly waitedMs: number }>(),
  'init-unsupported': note(),
  'init-warning': note(),
  'two-instances': note<{ readonly differing: readonly string[] }>(),
  'singleton-differs': failed<{ readonly differing: readonly string[] }>(),
  'cold-start': failed<{ readonly budget: number } & RatioInterval>(),
  'cold-start-undecided': inconclusive<{ readonly budget: number } & RatioInterval>(),
  'too-many-modules': failed<{ readonly budget: number; readonly count: number }>(),
  'denied-module': failed<{ readonly denied: string; readonly modules: readonly string[] }>(),
  'start-profile': note<
    { readonly pairs: readonly StartPair[]; readonly modules: readonly string[] } & RatioInterval
  >(),
};

declare module '../../core/finding.ts' {
  interface FindingDetails extends DetailsOf<typeof INIT_FINDINGS> {}
}
