/** What the process that loads entry points is told, and what it reports. */
import type { EntryLoad } from '../../core/entry.ts';

/** An error as it left its process. */
export interface ThrownError {
  readonly name: string;
  readonly code: string | null;
  readonly message: string;
  /** Where it came from: the first lines of its stack. */
  readonly stack: readonly string[];
  /** Absolute path of the module whose import was not found, if the error says so. */
  readonly importer: string | null;
}

/** Lines of the journal: an entry point is begun, then loaded, or it throws. One that is only begun ended the process. */
export type LoadEvent =
  | { readonly type: 'begun'; readonly index: number }
  | { readonly type: 'loaded'; readonly index: number }
  | { readonly type: 'threw'; readonly index: number; readonly error: ThrownError };

/** What the process is told, in a file that its only argument names. */
export interface EntriesJob {
  readonly loads: readonly EntryLoad[];
  /** Index of the first load. */
  readonly from: number;
  /** Absolute path of the journal. */
  readonly journal: string;
}
