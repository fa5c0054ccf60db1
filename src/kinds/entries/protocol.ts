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

/** How an exception of Python is told. It comes from a process of the package: nothing of it is believed to be so. */
export interface PythonError {
  /** The name of its class, and the module of that. */
  readonly type: string;
  readonly module: string;
  readonly message: string;
  /** What could not be imported, if the error names it. */
  readonly name: string | null;
  /** The file that it could not be imported from. */
  readonly path: string | null;
  /** The files in which it was raised, the outermost first. */
  readonly files: readonly string[];
  /** The last lines of its traceback. */
  readonly stack: readonly string[];
}

/** What a process says of the module that it was to import; it says nothing if the module has ended it. */
export type ImportOutcome =
  | { readonly type: 'imported' }
  | { readonly type: 'threw'; readonly error: PythonError }
  /** The module is there, and what a program is to call in it is not. */
  | { readonly type: 'lacks' };

/** Lines of the journal of whoever starts these processes. */
export type ImportEvent =
  | { readonly type: 'begun'; readonly index: number }
  /** It came with the import of another. */
  | { readonly type: 'loaded'; readonly index: number }
  | { readonly type: 'ended'; readonly index: number; readonly code: number; readonly signal: number };
