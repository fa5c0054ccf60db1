import { type DetailsOf, failed, inconclusive, note } from '../../core/finding.ts';

/** What becomes of a server that is told to stop, or to restart, in mid-load. */
export const DRAIN_FINDINGS = {
  'request-lost': failed<{ readonly count: number }>(),
  'not-drained': failed<{ readonly withinMs: number }>(),
  'not-restarted': failed<{ readonly withinMs: number }>(),
  'connection-kept': failed<{ readonly count: number }>(),
  'drain-unproven': inconclusive(),
  'request-crossed': note<{ readonly count: number }>(),
  'backlog-reset': note<{ readonly count: number }>(),
};

declare module '../../core/finding.ts' {
  interface FindingDetails extends DetailsOf<typeof DRAIN_FINDINGS> {}
}
