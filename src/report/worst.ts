/** Which findings weigh more. */
import type { Finding } from '../core/finding.ts';
import { consequenceOf } from '../kinds/index.ts';
import type { ComponentState } from './state.ts';

/** The finding that a summary names: the first that decides the verdict. */
export function decisive(findings: readonly Finding[]): Finding | undefined {
  return (
    findings.find((finding) => consequenceOf(finding) === 'failed') ??
    findings.find((finding) => consequenceOf(finding) === 'inconclusive')
  );
}

/** Higher is worse; findings that are equally bad keep their order. */
const BADNESS = { failed: 2, inconclusive: 1, note: 0 } as const;
export const badness = (finding: Finding): number => BADNESS[consequenceOf(finding)];
/** How bad the worst finding of a component is; 0 without one. */
export const worst = ({ findings }: ComponentState): number => Math.max(0, ...findings.map(badness));
