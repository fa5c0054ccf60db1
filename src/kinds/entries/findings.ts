import type { Form } from '../../core/entry.ts';
import { type DetailsOf, failed } from '../../core/finding.ts';

export const ENTRIES_FINDINGS = {
  'missing-file': failed<{ readonly promise: string; readonly file: string }>(),
  'unloadable-entry': failed<{
    readonly specifier: string;
    readonly form: Form;
    /** How many loads fail for the same reason. */
    readonly count: number;
  }>(),
};

declare module '../../core/finding.ts' {
  interface FindingDetails extends DetailsOf<typeof ENTRIES_FINDINGS> {}
}
