import type { Finding } from '../core/finding.ts';
import { leftBehind, notEnded } from '../core/leftovers.ts';
import type { Ending } from '../process/ownership/ending.ts';

/** Whoever no mark gives away, and whom only the enclosure holds: it was ended if it could be, and is named like any other leftover. */
export function strayFindings(name: string, { killed, survivors }: Ending): Finding[] {
  const ended = killed.length === 0 ? [] : [leftBehind(name, killed)];
  return [...ended, ...notEnded(name, survivors)];
}
