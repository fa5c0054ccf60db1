/** Findings that several kinds share. */
import { type DetailsOf, failed, inconclusive, note } from '../../core/finding.ts';

export const COMMON_FINDINGS = {
  'other-runtime': inconclusive(),
  'lost-error': failed<{ readonly count: number }>(),
  'entries-left-out': note<{ readonly count: number }>(),
  'entries-untried': inconclusive<{ readonly count: number }>(),
};

declare module '../../core/finding.ts' {
  interface FindingDetails extends DetailsOf<typeof COMMON_FINDINGS> {}
}
