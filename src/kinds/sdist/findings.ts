import { type DetailsOf, failed, inconclusive, note } from '../../core/finding.ts';

export const SDIST_FINDINGS = {
  'sdist-differs': failed<{
    /** What the wheel has, and one that is built from the sdist has not. */
    readonly missing: readonly string[];
    /** The reverse. */
    readonly added: readonly string[];
    /** Sources that both have, with something else in them. */
    readonly changed: readonly string[];
  }>(),
  'unbuildable-sdist': failed(),
  'sdist-unbuilt': note(),
  'sdist-untried': inconclusive(),
};

declare module '../../core/finding.ts' {
  interface FindingDetails extends DetailsOf<typeof SDIST_FINDINGS> {}
}
