/** What is found in a load, and what it does to the verdict. */
import {
  CORE_CONSEQUENCES,
  type Consequence,
  type Consequences,
  type CoreFindings,
  type FindingOf,
} from '../core/finding.ts';
import { type Verdict, worstOf } from '../core/verdict.ts';

export interface LoadFindings {
  'unexpected-response': { readonly count: number };
  'protocol-error': { readonly count: number };
  'request-failed': { readonly count: number };
  threshold: {
    readonly expression: string;
    /** In the unit of the threshold; null: there was nothing to measure. */
    readonly actual: number | null;
    readonly atLeast: boolean;
  };
  'threshold-undecided': { readonly expression: string };
  'generator-saturated': unknown;
  'saturation-refused': unknown;
}

declare module '../core/finding.ts' {
  interface FindingDetails extends LoadFindings {}
}

export const LOAD_CONSEQUENCES = {
  'unexpected-response': 'failed',
  'protocol-error': 'failed',
  'request-failed': 'failed',
  threshold: 'failed',
  'threshold-undecided': 'inconclusive',
  'generator-saturated': 'note',
  'saturation-refused': 'inconclusive',
} as const satisfies Consequences<LoadFindings>;

export type LoadFinding = FindingOf<keyof CoreFindings | keyof LoadFindings>;

const CONSEQUENCES = { ...CORE_CONSEQUENCES, ...LOAD_CONSEQUENCES };

export const consequenceOf = (code: LoadFinding['code']): Consequence => CONSEQUENCES[code];

export const verdictOf = (findings: readonly LoadFinding[]): Exclude<Verdict, 'skipped'> =>
  worstOf(findings.map(({ code }) => CONSEQUENCES[code]));
