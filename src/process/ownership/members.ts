import type { ProcessInfo } from '../system/proc.ts';

/** Who is inside a part of an enclosure, and their end. */
export interface Members {
  /** Those of the candidates, whom no mark gives away, that are inside all the same. */
  strays(candidates: readonly ProcessInfo[]): readonly ProcessInfo[];
  /** Kills all of them at once, where the system can. */
  kill?(): void;
  /** Whether the system itself says that nobody is left. Who forks on and on may be missed by any number of looks. */
  isEmpty?(): boolean;
}
