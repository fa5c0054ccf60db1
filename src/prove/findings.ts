/** Findings of a proof about itself: what was not tried, and controls that have failed. */
import type { Finding } from '../core/finding.ts';
import type { FaultName } from '../core/proof.ts';
import { consequenceOf } from '../kinds/index.ts';
import type { TrialRecord } from '../kinds/sabotage.ts';

/** A fault that the budget did not allow. */
export const notTried = ({ fault, subject }: FaultName): Finding => ({
  code: 'not-tried',
  message: 'the budget was used up before its turn',
  hint: 'give it more time with --budget, or choose faults with --fault',
  ...{ fault, subject },
});

/** Whether a finding decides. */
export const isTelling = (finding: Finding): boolean => consequenceOf(finding) !== 'note';
export const hasPassed = ({ findings }: Pick<TrialRecord, 'findings'>): boolean => !findings.some(isTelling);

/** The control has failed: its finding, blamed on the instruments unless it is about the machine. */
export const blamed = (finding: Finding): Finding => {
  const { code, message, evidence } = finding;
  if (code === 'machine-trouble') return finding;
  return {
    code: 'instrument-disturbs',
    message: `it passes as it is, but not with the instruments in place and no fault: ${message}`,
    hint: 'see its log for what the instruments disturb; a suite that is flaky by itself looks the same',
    ...(evidence === undefined ? {} : { evidence }),
  };
};
