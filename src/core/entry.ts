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
