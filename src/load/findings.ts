/** The findings of a load, and their effect on the verdict. */
import {
  CORE_FINDINGS,
  type Consequence,
  type DetailsOf,
  type FindingOf,
  failed,
  inconclusive,
  note,
} from '../core/finding.ts';
import { type Verdict, worstOf } from '../core/verdict.ts';

export const LOAD_FINDINGS = {
  'unexpected-response': failed<{ readonly count: number }>(),
  'protocol-error': failed<{ readonly count: number }>(),
  'request-failed': failed<{ readonly count: number }>(),
  'users-locked-out': failed<{ readonly count: number }>(),
  'steps-broken': failed<{ readonly count: number }>(),
  'channel-trouble': failed<{ readonly count: number }>(),
  threshold: failed<{
    readonly expression: string;
    /** In the unit of the threshold; null if nothing was measured. */
    readonly actual: number | null;
    readonly atLeast: boolean;
  }>(),
  'threshold-undecided': inconclusive<{ readonly expression: string }>(),
  'failures-not-saved': note(),
  'no-rate-holds': failed(),
  'overload-not-survived': failed(),
  'capacity-unconfirmed': inconclusive(),
  'generator-saturated': note(),
  'saturation-refused': inconclusive(),
  'agents-refused': inconclusive(),
  'agents-missing': inconclusive<{ readonly count: number }>(),
  'agent-late': inconclusive<{ readonly lateMs: number }>(),
  'agent-ended-early': inconclusive(),
  'result-shortened': note(),
};

declare module '../core/finding.ts' {
  interface FindingDetails extends DetailsOf<typeof LOAD_FINDINGS> {}
}

export type LoadFinding = FindingOf<keyof typeof CORE_FINDINGS | keyof typeof LOAD_FINDINGS>;

const FINDINGS = { ...CORE_FINDINGS, ...LOAD_FINDINGS };

export const consequenceOf = (code: LoadFinding['code']): Consequence => FINDINGS[code].consequence;

export const verdictOf = (findings: readonly LoadFinding[]): Exclude<Verdict, 'skipped'> =>
  worstOf(findings.map(({ code }) => consequenceOf(code)));
