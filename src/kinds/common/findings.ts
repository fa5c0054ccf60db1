/** Findings that several kinds share. */
import type { Consequences } from '../../core/finding.ts';

export interface CommonFindings {
  'other-runtime': unknown;
  'lost-error': { readonly count: number };
  'entries-left-out': { readonly count: number };
  'entries-untried': { readonly count: number };
}

declare module '../../core/finding.ts' {
  interface FindingDetails extends CommonFindings {}
}

export const COMMON_CONSEQUENCES = {
  'other-runtime': 'inconclusive',
  'lost-error': 'failed',
  'entries-left-out': 'note',
  'entries-untried': 'inconclusive',
} as const satisfies Consequences<CommonFindings>;
