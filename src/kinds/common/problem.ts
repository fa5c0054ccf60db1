/** A place in a config: names of options and positions in lists, from the outside in. */
export type Path = readonly (string | number)[];

/** A mistake in a config, with the path to it; it becomes a diagnostic once its line and column are known. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
  readonly hint?: string;
  /** Point at the name of the option, not at its value. */
  readonly atKey?: boolean;
  /** Point at a part of the value, which is this text. */
  readonly within?: { readonly text: string; readonly offset: number; readonly length: number };
}
