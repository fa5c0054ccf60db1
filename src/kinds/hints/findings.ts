import { type DetailsOf, failed, note } from '../../core/finding.ts';

/** Names of one package, each with its module: `attr.asdict`. */
export interface Named {
  readonly names: readonly string[];
}

export const HINTS_FINDINGS = {
  /** `isOffered`: the package has said, or shows, that they are for others. */
  'undeclared-name': failed<Named & { readonly isOffered: boolean }>(),
  'unexported-name': failed<Named>(),
  'missing-name': failed<Named>(),
  'wrong-signature': failed<Named>(),
  'refused-declarations': failed<{ readonly files: readonly string[] }>(),
  'undeclared-module': note<Named>(),
  'stub-differs': note<{ readonly count: number }>(),
};

declare module '../../core/finding.ts' {
  interface FindingDetails extends DetailsOf<typeof HINTS_FINDINGS> {}
}
