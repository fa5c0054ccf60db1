/** The requests to the programs of `types`, and their reports: the real and the declared exports of a module. */
import type { Form, LoadJob } from '../../core/entry.ts';

/** A value as importers see it. */
export interface ValueShape {
  /** Its `typeof`, or `null`, or `component`: an object that stands for a function, as JSX has it. */
  readonly kind: string;
  /** Names of its own enumerable properties. */
  readonly own: readonly string[];
  /** Names of all its properties, including inherited ones. */
  readonly all: readonly string[];
  /** It has `__esModule`, by which compilers mark a transpiled ES module. */
  readonly isTranslated: boolean;
  /** What its property `default` is, in the same words; null if it has none. */
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

/** A change of a file. */
export interface Edit {
  /** Absolute path. */
  readonly file: string;
  /** In UTF-16 code units, without a byte order mark. */
  readonly start: number;
  readonly end: number;
  /** What stands there instead. */
  readonly text: string;
}

/** The names of what may happen to a declaration. */
export const DECLARATION_CHANGES = [
  'removed',
  'wrong-return-type',
  'wrong-type',
  'loses-parameter',
  'loses-types',
] as const;
export type DeclarationChange = (typeof DECLARATION_CHANGES)[number];

/** A declaration that samples use. */
export interface DeclarationUse {
  /** As an importer names it: `parse`, `Parser.parse`. */
  readonly subject: string;
  /** A file that must be refused uses it. */
  readonly isMisused: boolean;
  /** What can happen to it, and the edits that make it happen. */
  readonly changes: Partial<Readonly<Record<DeclarationChange, readonly Edit[]>>>;
}

/** A file that is copied. */
export interface CopiedFile {
  /** Absolute path. */
  readonly file: string;
  /** Relative path of the copy among the stubs; null: it has the original's place, in a mirror of its folders. */
  readonly at: string | null;
  /** Edits that keep a checker from complaining about the changed file itself. */
  readonly muted: readonly Edit[];
}

/** Which declarations samples use, and what can happen to them. */
export interface DeclarationSurvey {
  readonly copies: readonly CopiedFile[];
  /** Absolute paths of further folders that a mirror must have. */
  readonly folders: readonly string[];
  readonly uses: readonly DeclarationUse[];
  /** Exports of the modules in use that no sample uses. */
  readonly unused: readonly string[];
}

export interface SurveyedFile {
  /** Absolute path. */
  readonly path: string;
  /** It must be refused. */
  readonly isNegative: boolean;
}

export interface SurveyJob {
  readonly files: readonly SurveyedFile[];
  /** The modules under test, as an import writes them; empty: the project's own, or if none is used, all that are imported. */
  readonly modules: readonly string[];
  /** Absolute path of the result. */
  readonly result: string;
}

export interface TypescriptSurveyJob extends SurveyJob {
  /** Absolute path of the TypeScript package whose API is used. */
  readonly typescript: string;
  /** Absolute path of a tsconfig.json; null: the defaults. */
  readonly config: string | null;
}

export interface PythonSurveyJob extends SurveyJob {
  /** Absolute path: what lies below it, and is not installed there, is the project's own. */
  readonly root: string;
  /** Absolute paths of folders with modules and stubs, which come before all others. */
  readonly paths: readonly string[];
}
