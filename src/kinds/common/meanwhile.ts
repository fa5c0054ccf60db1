/** Tells with a failure what the services in use had to say about it. */
import type { Finding, Meanwhile } from '../../core/finding.ts';
import type { Verdict } from '../../core/verdict.ts';

/** What a command left behind is reported even if a service is to blame for its failure. */
export const isLeak = (finding: Finding): boolean => finding.code === 'leaked-process';

/**
 * Adds to the first failure what services printed meanwhile.
 *
 * @param meanwhile the first error of each that printed one
 * @param hint given if the failure has none of its own
 */
export function toldMeanwhile(
  findings: readonly Finding[],
  meanwhile: readonly Meanwhile[],
  verdictOf: (findings: readonly Finding[]) => Verdict,
  hint?: string,
): Finding[] {
  const failure = findings.find((finding) => verdictOf([finding]) === 'failed' && !isLeak(finding));
  if (failure === undefined) return [...findings];
  const said = [...(failure.meanwhile ?? []), ...meanwhile];
  const told: Finding = {
    ...failure,
    ...(said.length === 0 ? {} : { meanwhile: said }),
    ...(failure.hint !== undefined || hint === undefined ? {} : { hint }),
  };
  return findings.map((finding) => (finding === failure ? told : finding));
}
