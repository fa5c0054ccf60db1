/** How Node loads a module. */
export type Form = 'require' | 'import';

/** One entry point of a package, to be loaded in one form. */
export interface EntryLoad {
  /** As in an import: `lodash`, `lodash/fp`. */
  readonly specifier: string;
  readonly form: Form;
  /** The file that it resolves to, relative to the package's folder. */
  readonly file: string;
}

/** What a program that loads entry points is told, in a file; its path is the only argument. */
export interface LoadJob {
  readonly loads: readonly EntryLoad[];
  /** Index of the first load. */
  readonly from: number;
  /** Absolute path of the journal, to which the program appends a `begun` event before each load. */
  readonly journal: string;
}
