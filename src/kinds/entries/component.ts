import type { EntryLoad } from '../../core/entry.ts';
import type { ComponentBase } from '../../core/suite.ts';

/** Loads every entry point of an installed package; created by `shakedown package`. */
export interface EntriesComponent extends ComponentBase {
  readonly kind: 'entries';
  readonly package: {
    readonly name: string;
    /** Absolute path of the package's own folder. */
    readonly folder: string;
    /** Its own name and its dependencies of any sort. */
    readonly declared: readonly string[];
    /** Those of them that are optional and not installed. */
    readonly absent: readonly string[];
    /** Its `engines` covers the Node in use. */
    readonly isForThisNode: boolean;
  };
  readonly loads: readonly EntryLoad[];
  /** How many loads there are, including those left out. */
  readonly total: number;
  /** Files that the manifest names and that do not exist. */
  readonly missing: readonly { readonly promise: string; readonly file: string }[];
}
