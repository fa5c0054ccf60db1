import { type DetailsOf, failed, inconclusive, note } from '../../core/finding.ts';

/** Which of the findings of its trial it stands for. */
export interface Cause {
  /** The component of the trial, or the setup step; null for the trial as a whole. */
  readonly part: string | null;
  /** The code of the finding there. */
  readonly cause: string;
}

export const PACKAGE_FINDINGS = {
  'package-failed': failed<Cause>(),
  'package-unclear': inconclusive<Cause>(),
  'package-untried': inconclusive(),
  'package-tried': note<{
    /** With its version: `express@5.1.0`. */
    readonly package: string;
    /** How many things of it were tried. */
    readonly parts: number;
    /** How many findings there is no room for. */
    readonly leftOut: number;
  }>(),
  'package-agent': note<{
    /** Who has tried it. */
    readonly agent: string;
    /** Who had it before, and was lost. */
    readonly lost: readonly string[];
  }>(),
};

declare module '../../core/finding.ts' {
  interface FindingDetails extends DetailsOf<typeof PACKAGE_FINDINGS> {}
}
