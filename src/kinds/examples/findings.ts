import { type DetailsOf, note } from '../../core/finding.ts';

export const EXAMPLES_FINDINGS = {
  'examples-left-out': note<{ readonly count: number; readonly total: number }>(),
  'no-examples': note(),
};

declare module '../../core/finding.ts' {
  interface FindingDetails extends DetailsOf<typeof EXAMPLES_FINDINGS> {}
}
