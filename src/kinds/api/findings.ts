import { type DetailsOf, failed, note } from '../../core/finding.ts';

/** A change since the last release. */
export interface ApiChange {
  /** The version that it is compared with. */
  readonly since: string;
  /** The lowest version that would be right. */
  readonly right: string;
  /** Each as one sentence. */
  readonly changes: readonly string[];
}

export const API_FINDINGS = {
  'breaking-change': failed<ApiChange>(),
  'added-in-patch': note<ApiChange>(),
  'not-compared': note(),
  'since-release': note<{ readonly since: string }>(),
};

declare module '../../core/finding.ts' {
  interface FindingDetails extends DetailsOf<typeof API_FINDINGS> {}
}
