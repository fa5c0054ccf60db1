/** What a module really exports, and what its declarations say it exports, as the programs of `types` report it. */
import type { EntryLoad, Form } from '../../core/entry.ts';

/** A value, as far as importers are concerned. */
export interface ValueShape {
  /** As `typeof` says it. */
  readonly kind: string;
  /** Names of its own enumerable properties. */
  readonly own: readonly string[];
  /** Names of all its properties, inherited ones included. */
  readonly all: readonly string[];
  /** It has the mark `__esModule`, by which compilers recognise a translated ES module. */
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

/** Lines of the journal of the program that loads them. */
export type RealEvent =
  | { readonly type: 'begun'; readonly index: number }
  | { readonly type: 'loaded'; readonly index: number; readonly real: RealExports }
  | { readonly type: 'threw'; readonly index: number; readonly message: string };

export interface RealJob {
  /** Absolute path of the package's folder, links resolved: what it is known by once it is loaded. */
  readonly folder: string;
  readonly loads: readonly EntryLoad[];
  /** Index of the first load. */
  readonly from: number;
  /** Absolute path of the journal. */
  readonly journal: string;
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
  /** Absolute path of the result. */
  readonly result: string;
}

/** For each specifier of the job, in its order: `node16`, which stands for `nodenext` as well, and `bundler`. */
export type DeclaredResult = readonly {
  readonly import: Declared;
  readonly require: Declared;
  readonly bundler: Declared;
}[];

/** One entry point, with everything known about it. */
export interface ComparedEntry {
  /** As an import writes it: `lodash`, `lodash/fp`. */
  readonly specifier: string;
  /** Whether the package's name alone leads to it. */
  readonly isMain: boolean;
  /** What each form of loading gave; null if it was not, or could not be, loaded this way. */
  readonly real: Readonly<Record<Form, RealExports | null>>;
  readonly declared: DeclaredResult[number];
}
