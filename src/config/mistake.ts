/** What a builder throws when it is called with the wrong arguments, to be reported at its place in the config. */
export interface ConfigMistake extends Error {
  readonly name: 'ConfigMistake';
  /** The builder. */
  readonly culprit: string;
  readonly hint: string;
}

/** By its name: a config may have the builder from another copy of the library. */
export const isConfigMistake = (error: unknown): error is ConfigMistake =>
  error instanceof Error && error.name === 'ConfigMistake' && 'culprit' in error && 'hint' in error;
