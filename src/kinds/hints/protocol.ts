/** What the program in the environment of a package reports. */

/** What people may import from a module. */
export type NamesOfModule =
  | {
      readonly module: string;
      /** It has an `__all__`. */
      readonly isPromised: boolean;
      /** There is no source of it in Python. */
      readonly isCompiled: boolean;
      readonly names: readonly string[];
      /** Of a package without `__all__`: what comes from private modules below it. */
      readonly lifted: readonly string[];
    }
  | { readonly module: string; readonly error: string };

/** A difference that stubtest sees. */
export interface Difference {
  readonly module: string;
  /** Within the module: `Session`, `get`. */
  readonly path: readonly string[];
  readonly message: string;
  /** As what it is declared; `type`: only for annotations; null: it is not. */
  readonly stub: 'function' | 'class' | 'variable' | 'type' | null;
  /** It does not exist. */
  readonly isMissing: boolean;
  /** Objects of its class have it all the same: it answers to any name, or a class below it has it. */
  readonly isElsewhere: boolean;
  /** The parameters that must be given; null if it takes any, or if that is not certain. */
  readonly needed: readonly string[] | null;
  /** Where it is declared. */
  readonly file: string | null;
  readonly line: number | null;
}

export interface StubsResult {
  /** Why mypy gave up. */
  readonly refused: readonly string[];
  /** What mypy says of the stubs themselves. */
  readonly errors: readonly string[];
  readonly differences: readonly Difference[];
}
