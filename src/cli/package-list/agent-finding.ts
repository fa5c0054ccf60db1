/** Who has tried a package of a list, in words. */
import type { Finding } from '../../core/finding.ts';
import { plural } from '../../core/units.ts';

/** `retried after a and b were lost`; empty if none was. */
export function retriedText(lost: readonly string[]): string {
  if (lost.length === 0) return '';
  return `retried after ${lost.join(' and ')} ${lost.length === 1 ? 'was' : 'were'} lost`;
}

/** @param lost the agents that had it before, in order */
export const agentFinding = (agent: string, lost: readonly string[]): Finding => ({
  ...{ code: 'package-agent', agent, lost },
  message: lost.length === 0 ? `tried by ${agent}` : `tried by ${agent}, ${retriedText(lost)}`,
});

/** Nobody has brought it to its end. */
export const allLost = (name: string, lost: readonly string[]): Finding => ({
  code: 'package-untried',
  message: `${name}: each of the ${plural(lost.length, 'agent')} that had it was lost: ${lost.join(', ')}`,
  hint: 'if they are lost by this package alone, it may use up the memory of a machine: try it by itself',
});
