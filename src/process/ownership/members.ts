import type { ProcessInfo } from '../system/proc.ts';
import type { Crowd } from './crowd.ts';

/** The processes inside part of an enclosure, and how to kill them. */
export interface Members {
  /** Those of a crowd that are inside, whether or not a mark shows it. @param isKnown whether one is known to be */
  strays(crowd: Crowd, isKnown: (info: ProcessInfo) => boolean): readonly ProcessInfo[];
  /** Kills them all at once, where the system can. */
  kill?(): void;
  /** Whether the system itself reports that nothing is left. Scans may miss what forks without pause. */
  isEmpty?(): boolean;
}
