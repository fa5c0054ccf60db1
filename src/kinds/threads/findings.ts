import { type DetailsOf, failed, inconclusive, note } from '../../core/finding.ts';
import type { Cell, MemorySample } from './protocol.ts';

/** The smallest trial that still failed. */
export interface SmallestFailure {
  readonly workers: number;
  /** The calls that are made; none: the module is only loaded. */
  readonly operations: readonly string[];
  readonly callsEach: number;
}

/** The circumstances in which threads of a module failed. */
export interface ThreadCircumstances {
  /** The first combination that failed: who loads, how the threads end, what they do meanwhile. */
  readonly cell: Cell;
  readonly failedCells: number;
  readonly triedCells: number;
  /** From 1; 0 is the main thread; null if unknown. */
  readonly worker: number | null;
  /** The call that was under way, or was wrong. */
  readonly operation: string | null;
  readonly seed: number;
  readonly smallest: SmallestFailure | null;
}

export const THREADS_FINDINGS = {
  'thread-crash': failed<
    {
      readonly exitCode: number | null;
      readonly signal: string | null;
    } & Partial<ThreadCircumstances>
  >(),
  'thread-hang': failed<{ readonly waitedMs: number } & Partial<ThreadCircumstances>>(),
  'thread-load': failed<ThreadCircumstances>(),
  'wrong-result': failed<{ readonly count: number } & Partial<ThreadCircumstances>>(),
  'memory-leak': failed<{ readonly bytesPerCall: number; readonly samples: readonly MemorySample[] }>(),
  'memory-unwatched': note(),
  'cannot-load': failed(),
  'gil-enabled': failed<{ readonly module: string | null }>(),
  'not-repeatable': note<{ readonly operations: readonly string[] }>(),
  'nothing-compared': inconclusive(),
  'control-failed': inconclusive<{ readonly cells: readonly Cell[] }>(),
  'preset-not-in-force': inconclusive<{ readonly preset: string }>(),
};

declare module '../../core/finding.ts' {
  interface FindingDetails extends DetailsOf<typeof THREADS_FINDINGS> {}
}
