import type { Consequences } from '../../core/finding.ts';
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

export interface ThreadsFindings {
  'thread-crash': {
    readonly exitCode: number | null;
    readonly signal: string | null;
  } & Partial<ThreadCircumstances>;
  'thread-hang': { readonly waitedMs: number } & Partial<ThreadCircumstances>;
  'thread-load': ThreadCircumstances;
  'wrong-result': { readonly count: number } & Partial<ThreadCircumstances>;
  'memory-leak': { readonly bytesPerCall: number; readonly samples: readonly MemorySample[] };
  'memory-unwatched': unknown;
  'cannot-load': unknown;
  'gil-enabled': { readonly module: string | null };
  'not-repeatable': { readonly operations: readonly string[] };
  'nothing-compared': unknown;
  'control-failed': { readonly cells: readonly Cell[] };
  'preset-not-in-force': { readonly preset: string };
}

declare module '../../core/finding.ts' {
  interface FindingDetails extends ThreadsFindings {}
}

export const THREADS_CONSEQUENCES = {
  'thread-crash': 'failed',
  'thread-hang': 'failed',
  'thread-load': 'failed',
  'wrong-result': 'failed',
  'memory-leak': 'failed',
  'memory-unwatched': 'note',
  'cannot-load': 'failed',
  'gil-enabled': 'failed',
  'not-repeatable': 'note',
  'nothing-compared': 'inconclusive',
  'control-failed': 'inconclusive',
  'preset-not-in-force': 'inconclusive',
} as const satisfies Consequences<ThreadsFindings>;
