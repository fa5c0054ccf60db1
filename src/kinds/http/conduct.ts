/** What a server did that was told to stop, or to restart. */
import type { LoadDeparture } from '../../core/load-departure.ts';
import type { Exit } from '../../process/system/exit.ts';
import type { ProcessInfo } from '../../process/system/proc.ts';
import type { Drain } from './component.ts';

/** Times are milliseconds after it was told. */
export interface Conduct {
  /** `server (pid 4711)` */
  readonly told: string;
  /** Milliseconds of load before. */
  readonly afterMs: number;
  /** How its command ended; null: it has not, or is a daemon's. */
  readonly exit: { readonly exit: Exit; readonly atMs: number } | null;
  /** When nothing of it was alive any more, or every process that served had been replaced; null: not in time. */
  readonly doneMs: number | null;
  /** Of a restart: the processes that served before and still live, and those that have begun to. */
  readonly old: readonly ProcessInfo[];
  readonly fresh: readonly ProcessInfo[];
}

/** All that is known of the end of a server. */
export interface DrainFacts {
  readonly drain: Drain;
  readonly server: string;
  readonly conduct: Conduct;
  readonly departure: LoadDeparture;
}
