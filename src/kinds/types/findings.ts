import type { Form } from '../../core/entry.ts';
import { type DetailsOf, failed, inconclusive, note } from '../../core/finding.ts';

/** The exports of an entry point that a finding is about. */
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

/** Type errors in the files of one package, or of the sample. */
export interface TypeErrors {
  readonly culprit: string;
  /** The versions of TypeScript that report any; undefined if all that were tried do. */
  readonly onlyWith?: readonly string[];
  readonly errors: readonly {
    readonly file: string;
    /** From 1; null: it concerns no line. */
    readonly line: number | null;
    /** The checker's error code: `TS2307`. */
    readonly number: string;
    readonly text: string;
    /** The compilers and settings that report it: `typescript 5.7 node16`. */
    readonly where: readonly string[];
  }[];
}

export const TYPES_FINDINGS = {
  'missing-export': failed<ExportSighting>(),
  'unimportable-export': failed<ExportSighting>(),
  'wrong-default': failed<ExportSighting>(),
  'undeclared-export': note<ExportSighting>(),
  'forms-differ': note<ExportSighting>(),
  'module-format': note<ExportSighting>(),
  'unresolved-types': failed<ExportSighting>(),
  untyped: note<ExportSighting>(),
  'third-party-types': note<ExportSighting>(),
  'type-error': failed<TypeErrors>(),
  'foreign-type-error': note<TypeErrors>(),
  'accepted-misuse': failed<{ readonly file: string; readonly where: readonly string[] }>(),
  'no-compiler': inconclusive(),
};

declare module '../../core/finding.ts' {
  interface FindingDetails extends DetailsOf<typeof TYPES_FINDINGS> {}
}
