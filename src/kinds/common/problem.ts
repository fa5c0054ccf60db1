/** A place in a config, by the names of options and the places in lists on the way. */
export type Path = readonly (string | number)[];

/** A mistake in a config by the path to the culprit; it becomes a diagnostic once that has a place in the file. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
  readonly hint?: string;
  /** Point at the name of the option, not at its value. */
  readonly atKey?: boolean;
  /** Point at a part of the value, which is this text. */
  readonly within?: { readonly text: string; readonly offset: number; readonly length: number };
}
