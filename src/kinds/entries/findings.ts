import type { Form } from '../../core/entry.ts';
import type { Consequences } from '../../core/finding.ts';

export interface EntriesFindings {
  'missing-file': { readonly promise: string; readonly file: string };
  'unloadable-entry': {
    readonly specifier: string;
    readonly form: Form;
    /** How many entry points and forms there are that do not work for the same reason. */
    readonly count: number;
  };
}

declare module '../../core/finding.ts' {
  interface FindingDetails extends EntriesFindings {}
}

export const ENTRIES_CONSEQUENCES = {
  'missing-file': 'failed',
  'unloadable-entry': 'failed',
} as const satisfies Consequences<EntriesFindings>;
