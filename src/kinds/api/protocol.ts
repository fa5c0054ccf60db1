/** What the program that compares declarations is told, and what it reports. */

export interface ApiJob {
  /** Absolute path of the TypeScript package whose API is used. */
  readonly typescript: string;
  /** Absolute path of an `@types` folder with Node's types. */
  readonly typeRoot: string;
  /** Of the package. */
  readonly name: string;
  readonly specifiers: readonly string[];
  /** Absolute paths of writable folders in the consumers of the last release and of the new one. */
  readonly before: string;
  readonly after: string;
  /** Absolute path of the result. */
  readonly result: string;
}

/** An export of an entry point. */
export interface Place {
  readonly specifier: string;
  readonly name: string;
}

/** A change in the declarations of an entry point. */
export interface DeclaredChange extends Place {
  readonly type: 'removed' | 'narrowed' | 'added';
  /** The end of a sentence that begins with the name; empty if it is the whole export. */
  readonly how: string;
  /** The same where it is the same declaration that has changed, whatever exports it, and as what. */
  readonly cause: string;
  /** Of what is gone: it was declared as a value, and not as a type. */
  readonly isOnlyValue?: boolean;
}
