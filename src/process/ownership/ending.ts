import type { ProcessSighting } from '../../core/finding.ts';
import type { Survivor } from '../../core/leftovers.ts';

/** What happened to processes that were to end. */
export interface Ending {
  /** Did not end in the time they were given, and were killed. */
  readonly killed: readonly ProcessSighting[];
  /** Survived even SIGKILL: stuck in the kernel, or not ours to signal. */
  readonly survivors: readonly Survivor[];
}

export const NOBODY: Ending = { killed: [], survivors: [] };
