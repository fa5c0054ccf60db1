import type { ProcessInfo } from '../system/proc.ts';

/** The processes inside part of an enclosure, and how to kill them. */
export interface Members {
  /** The candidates that are inside although no mark shows it. */
  strays(candidates: readonly ProcessInfo[]): readonly ProcessInfo[];
  /** Kills them all at once, where the system can. */
  kill?(): void;
  /** Whether the system itself reports that nothing is left. Scans may miss what forks without pause. */
  isEmpty?(): boolean;
}
