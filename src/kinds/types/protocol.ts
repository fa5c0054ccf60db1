/** What the programs of `types` are told, and what they report: the real and the declared exports of a module. */
import type { Form, LoadJob } from '../../core/entry.ts';

/** A value as importers see it. */
export interface ValueShape {
  /** Its `typeof`, or `null`. */
  readonly kind: string;
  /** Names of its own enumerable properties. */
  readonly own: readonly string[];
  /** Names of all its properties, including inherited ones. */
  readonly all: readonly string[];
  /** It has `__esModule`, by which compilers mark a transpiled ES module. */
  readonly isTranslated: boolean;
  /** The `typeof` of its property `default`; null if it has none. */
  readonly default: string | null;
  /** Its property `default` is the value itself. */
  readonly isOwnDefault: boolean;
}

/** The result of loading an entry point once. */
export interface RealExports {
  /** Names in the namespace (`import`) or on `module.exports` (`require`). */
  readonly names: readonly string[];
  /** The default export of an import; null if there is none. */
  readonly default: ValueShape | null;
  /** `module.exports` of a CommonJS module; null for an ES module. */
  readonly module: ValueShape | null;
}

/** Lines of the journal of the program that loads entry points. */
export type RealEvent =
  | { readonly type: 'begun'; readonly index: number }
  | { readonly type: 'loaded'; readonly index: number; readonly real: RealExports }
  | { readonly type: 'threw'; readonly index: number; readonly message: string };

export interface RealJob extends LoadJob {
  /** Absolute path of the package's folder, symlinks resolved, as the loaders know it. */
  readonly folder: string;
}

/** A value that declarations promise. */
export interface DeclaredExport {
  readonly name: string;
  /** It can be called or constructed, whatever else it is. */
  readonly isCallable: boolean;
  /** The declarations allow it to be absent or undefined. */
  readonly isOptional: boolean;
  /** Absolute path of the declaration file. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What TypeScript resolved for one entry point under one setting. */
export type Declared =
  | { readonly type: 'none' }
  /** Declarations without content, such as `declare module 'x'`, or a module of another kind, such as JSON. */
  | { readonly type: 'silent'; readonly file: string }
  | {
      readonly type: 'declared';
      readonly file: string;
      readonly format: 'module' | 'commonjs';
      /** `export =`: the whole module is one value. */
      readonly whole: DeclaredExport | null;
      readonly exports: readonly DeclaredExport[];
    };

export interface DeclaredJob {
  /** Absolute path of a writable folder in the consumer. */
  readonly folder: string;
  /** Absolute path of the TypeScript package whose API is used. */
  readonly typescript: string;
  readonly specifiers: readonly string[];
  /** Absolute path of the result. */
  readonly result: string;
}

/** For each specifier, in the job's order: the two forms under `node16`, which covers `nodenext`, and `bundler`. */
export type DeclaredResult = readonly {
  readonly import: Declared;
  readonly require: Declared;
  readonly bundler: Declared;
}[];

/** An entry point with everything known about it. */
export interface ComparedEntry {
  /** As an import writes it: `lodash`, `lodash/fp`. */
  readonly specifier: string;
  readonly isMain: boolean;
  /** The exports in each form; null if it was not, or could not be, loaded that way. */
  readonly real: Readonly<Record<Form, RealExports | null>>;
  readonly declared: DeclaredResult[number];
}
