import type { EntryLoad } from '../../core/entry.ts';
import type { ComponentBase } from '../../core/suite.ts';

/** Loads every entry point of an installed package; made by `shakedown package`. */
export interface EntriesComponent extends ComponentBase {
  readonly kind: 'entries';
  readonly package: {
    readonly name: string;
    /** Absolute path of the package's own folder. */
    readonly folder: string;
    /** Packages that its manifest names as dependencies of any sort. */
    readonly declared: readonly string[];
    /** Its `engines` name versions of Node, and the one in use is among them. */
    readonly isForThisNode: boolean;
  };
  readonly loads: readonly EntryLoad[];
  /** How many loads there would be if none had been left out. */
  readonly total: number;
  /** Files that the manifest promises and that are not there. */
  readonly missing: readonly { readonly promise: string; readonly file: string }[];
}
