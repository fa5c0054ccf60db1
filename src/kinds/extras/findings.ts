import { type DetailsOf, failed, inconclusive, note } from '../../core/finding.ts';

export interface Extra {
  readonly extra: string;
}

export const EXTRAS_FINDINGS = {
  'unresolvable-extra': failed<Extra>(),
  'extra-elsewhere': note<Extra>(),
  'extras-untried': inconclusive<{ readonly extras: readonly string[] }>(),
};

declare module '../../core/finding.ts' {
  interface FindingDetails extends DetailsOf<typeof EXTRAS_FINDINGS> {}
}
