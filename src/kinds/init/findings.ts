import type { Consequences } from '../../core/finding.ts';
import type { StartPair } from './protocol.ts';

/** Start time relative to the bare interpreter: the median over pairs, with its 95 % interval. */
interface StartRatio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

export interface InitFindings {
  'init-failed': {
    /** What the process was doing; null if everything was done and it was exiting. */
    readonly doing: string | null;
    readonly exitCode: number | null;
    readonly signal: string | null;
  };
  'init-hang': { readonly doing: string | null; readonly waitedMs: number };
  'init-unsupported': unknown;
  'two-instances': { readonly differing: readonly string[] };
  'singleton-differs': { readonly differing: readonly string[] };
  'cold-start': { readonly budget: number } & StartRatio;
  'cold-start-undecided': { readonly budget: number } & StartRatio;
  'denied-module': { readonly denied: string; readonly modules: readonly string[] };
  'start-profile': { readonly pairs: readonly StartPair[]; readonly modules: readonly string[] } & StartRatio;
}

declare module '../../core/finding.ts' {
  interface FindingDetails extends InitFindings {}
}

export const INIT_CONSEQUENCES = {
  'init-failed': 'failed',
  'init-hang': 'failed',
  'init-unsupported': 'note',
  'two-instances': 'note',
  'singleton-differs': 'failed',
  'cold-start': 'failed',
  'cold-start-undecided': 'inconclusive',
  'denied-module': 'failed',
  'start-profile': 'note',
} as const satisfies Consequences<InitFindings>;
