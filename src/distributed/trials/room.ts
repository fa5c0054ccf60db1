/** How much of a trial the history of its run has room for. */
import type { Finding } from '../../core/finding.ts';
import { sizeAtOnce } from '../codec.ts';
import type { Trial } from './protocol.ts';

/** A list for agents has at most so many packages. */
export const MOST_PACKAGES = 2000;
/** In bytes, when compressed: the server ends a run of which it would have to keep more than 50 MB. */
export const ROOM_OF_TRIAL = 20_000;

const LEFT_OUT = 'left out here: it is in the logs, which the agent has';

const without = (finding: Finding): Finding =>
  finding.evidence === undefined ? finding : { ...finding, evidence: [LEFT_OUT] };

/** Leaves out evidence where it is too much, that of the worst findings last. */
export function roomy(trial: Trial): Trial {
  let { findings } = trial;
  for (let kept = findings.length; kept > 0 && sizeAtOnce({ ...trial, findings }) > ROOM_OF_TRIAL; kept -= 1)
    findings = [...findings.slice(0, kept - 1), ...findings.slice(kept - 1).map(without)];
  return { ...trial, findings };
}
