import type { Form } from '../../core/entry.ts';
import type { Consequences } from '../../core/finding.ts';

/** Exports of an entry point that a finding is about. */
export interface ExportSighting {
  /** As an import writes it: `lodash/fp`. */
  readonly specifier: string;
  /** How it was loaded. */
  readonly forms: readonly Form[];
  /** Where it is declared: file relative to `node_modules`, line from 1; null if nowhere. */
  readonly exports: readonly {
    readonly name: string;
    readonly file: string | null;
    readonly line: number | null;
  }[];
}

/** What type checkers object to, in the files of one package or of the sample. */
export interface TypeErrors {
  readonly culprit: string;
  readonly errors: readonly {
    readonly file: string;
    /** From 1; null: no line of the file. */
    readonly line: number | null;
    /** As the checker numbers it: `TS2307`. */
    readonly number: string;
    readonly text: string;
    /** Under which checkers and settings: `typescript 5.7 node16`. */
    readonly where: readonly string[];
  }[];
}

export interface TypesFindings {
  'missing-export': ExportSighting;
  'unimportable-export': ExportSighting;
  'wrong-default': ExportSighting;
  'undeclared-export': ExportSighting;
  'forms-differ': ExportSighting;
  'module-format': ExportSighting;
  'unresolved-types': ExportSighting;
  untyped: ExportSighting;
  'third-party-types': ExportSighting;
  'type-error': TypeErrors;
  'foreign-type-error': TypeErrors;
  'accepted-misuse': { readonly file: string; readonly where: readonly string[] };
  'no-compiler': unknown;
}

declare module '../../core/finding.ts' {
  interface FindingDetails extends TypesFindings {}
}

export const TYPES_CONSEQUENCES = {
  'missing-export': 'failed',
  'unimportable-export': 'failed',
  'wrong-default': 'failed',
  'undeclared-export': 'note',
  'forms-differ': 'note',
  'module-format': 'note',
  'unresolved-types': 'failed',
  untyped: 'note',
  'third-party-types': 'note',
  'type-error': 'failed',
  'foreign-type-error': 'note',
  'accepted-misuse': 'failed',
  'no-compiler': 'inconclusive',
} as const satisfies Consequences<TypesFindings>;
