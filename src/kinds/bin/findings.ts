import { type DetailsOf, note } from '../../core/finding.ts';

export const BIN_FINDINGS = {
  'needs-extra': note<{ readonly module: string }>(),
};

declare module '../../core/finding.ts' {
  interface FindingDetails extends DetailsOf<typeof BIN_FINDINGS> {}
}
