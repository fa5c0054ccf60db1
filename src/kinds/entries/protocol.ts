/** What it came to that the entry points of a package were loaded, one after the other. */
import type { EntryLoad } from '../../core/entry.ts';

/** An error as it left its process. */
export interface ThrownError {
  readonly name: string;
  readonly code: string | null;
  readonly message: string;
  /** Where it came from: the first lines of its stack. */
  readonly stack: readonly string[];
  /** Absolute path of the module that asked for what could not be found, where the error tells. */
  readonly importer: string | null;
}

/** Lines of the journal: an entry point is begun, then it is loaded or throws; one that is only begun ended the process. */
export type LoadEvent =
  | { readonly type: 'begun'; readonly index: number }
  | { readonly type: 'loaded'; readonly index: number }
  | { readonly type: 'threw'; readonly index: number; readonly error: ThrownError };

/** What a process that loads entry points is told, in a file that its only argument names. */
export interface EntriesJob {
  readonly loads: readonly EntryLoad[];
  /** Index of the load to begin with. */
  readonly from: number;
  /** Absolute path of the file that the journal goes to. */
  readonly journal: string;
}
