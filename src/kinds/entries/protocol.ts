/** The journal of the process that loads entry points. */

/** A serialized error. */
export interface ThrownError {
  readonly name: string;
  readonly code: string | null;
  readonly message: string;
  /** The first lines of its stack. */
  readonly stack: readonly string[];
  /** Absolute path of the module with the import that failed, if the error names it. */
  readonly importer: string | null;
}

/** Lines of the journal. An entry point that has begun and neither loaded nor thrown ended the process. */
export type LoadEvent =
  | { readonly type: 'begun'; readonly index: number }
  | { readonly type: 'loaded'; readonly index: number }
  | { readonly type: 'threw'; readonly index: number; readonly error: ThrownError };
