import type { Form } from '../../core/entry.ts';
import { type DetailsOf, failed, note } from '../../core/finding.ts';

export const ENTRIES_FINDINGS = {
  'missing-file': failed<{ readonly promise: string; readonly file: string }>(),
  'unloadable-entry': failed<{
    readonly specifier: string;
    readonly form: Form;
    /** All the forms of that entry point that fail for the same reason; absent for Python, which has one. */
    readonly forms?: readonly Form[];
    /** How many loads fail for the same reason. */
    readonly count: number;
  }>(),
  'record-mismatch': failed<{ readonly count: number }>(),
  'wrong-tag': failed<{ readonly tag: string }>(),
  'stray-module': failed<{ readonly module: string }>(),
  'loose-files': note<{ readonly files: readonly string[] }>(),
  'unmarked-types': note(),
};

declare module '../../core/finding.ts' {
  interface FindingDetails extends DetailsOf<typeof ENTRIES_FINDINGS> {}
}
