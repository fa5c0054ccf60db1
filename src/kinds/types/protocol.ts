/** What a module really exports, and what its declarations say that it exports: as the programs of `types` tell it. */
import type { EntryLoad, Form } from '../../core/entry.ts';

/** A value, as far as it matters to whoever imports it. */
export interface ValueShape {
  /** As `typeof` says it. */
  readonly kind: string;
  /** Names of its own properties that can be enumerated. */
  readonly own: readonly string[];
  /** Names of all its properties, inherited ones included. */
  readonly all: readonly string[];
  /** It has the mark `__esModule`, by which compilers tell a translated ES module. */
  readonly isTranslated: boolean;
  /** What `typeof` says of its property `default`; null when it has none. */
  readonly default: string | null;
  /** Its property `default` is it itself. */
  readonly isOwnDefault: boolean;
}

/** What one load of an entry point gave. */
export interface RealExports {
  /** Names in the namespace of an import; of a require those of `module.exports`. */
  readonly names: readonly string[];
  /** The default export of an import; null when there is none. */
  readonly default: ValueShape | null;
  /** `module.exports`, where the module is a CommonJS module; null: it is an ES module. */
  readonly module: ValueShape | null;
}

/** Lines of the journal of the program that loads them. */
export type RealEvent =
  | { readonly type: 'begun'; readonly index: number }
  | { readonly type: 'loaded'; readonly index: number; readonly real: RealExports }
  | { readonly type: 'threw'; readonly index: number; readonly message: string };

export interface RealJob {
  /** Absolute path of the package's folder, links resolved: what it is known by once it is loaded. */
  readonly folder: string;
  readonly loads: readonly EntryLoad[];
  /** Index of the load to begin with. */
  readonly from: number;
  /** Absolute path of the file that the journal goes to. */
  readonly journal: string;
}

/** A value that declarations promise. */
export interface DeclaredExport {
  readonly name: string;
  /** It can be called or constructed, whatever else it is. */
  readonly isCallable: boolean;
  /** It may be absent, or undefined, without the declarations being wrong. */
  readonly isOptional: boolean;
  /** Absolute path of the declaration file. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What TypeScript found for one entry point, looked for in one way. */
export type Declared =
  | { readonly type: 'none' }
  /** Declarations that say nothing, such as `declare module 'x'`, or a module of another kind, such as JSON. */
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
  /** Absolute path of a folder in the consumer, to be written to. */
  readonly folder: string;
  /** Absolute path of the folder of the TypeScript package whose API is used. */
  readonly typescript: string;
  readonly specifiers: readonly string[];
  /** Absolute path of the file that the result goes to. */
  readonly result: string;
}

/** For each specifier of the job, in its order: `node16`, which stands for `nodenext` as well, and `bundler`. */
export type DeclaredResult = readonly {
  readonly import: Declared;
  readonly require: Declared;
  readonly bundler: Declared;
}[];

/** One entry point, with all that is known of it. */
export interface ComparedEntry {
  /** As an import writes it: `lodash`, `lodash/fp`. */
  readonly specifier: string;
  /** Whether it is the one that the package's name alone leads to. */
  readonly isMain: boolean;
  /** What each form of loading gave; null when it was not loaded so, or could not be. */
  readonly real: Readonly<Record<Form, RealExports | null>>;
  readonly declared: DeclaredResult[number];
}
