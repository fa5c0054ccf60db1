/** What a process that runs the examples of a Python package is told. */

/** What one statement has printed, and the words of its error. */
export type Outcome = readonly [printed: string, error: string | null];

/** An example that is for threads, with what it comes to alone. */
export interface Kept {
  readonly name: string;
  /** How long it takes, in seconds. */
  readonly cost: number;
  readonly outcomes: readonly Outcome[];
}

export interface ExamplesJob {
  /** Modules, as an import writes them. */
  readonly modules: readonly string[];
  /** For all of them together, by the clock on the wall. */
  readonly seconds: number;
  /** Names of examples, which are only run once more; null: all, and in every way. */
  readonly only: readonly string[] | null;
  /** By module, what threads are to run. */
  readonly kept: Readonly<Record<string, readonly Kept[]>>;
  readonly threads: number;
  /** Seconds for the runs of each example. */
  readonly each: number;
  /** Whole seconds that the import of a module may take. */
  readonly import: number;
  /** Seconds without any work after which a process is stuck. */
  readonly stall: number;
  /** The file that it writes events into. */
  readonly events: string;
  /** A folder for what is needed on the way. */
  readonly scratch: string;
}
