import { type Finding, type ProcessSighting, showProcess } from '../domain/finding.ts';
import { plural } from '../domain/units.ts';

/** Whoever no mark gives away, and whom only the enclosure holds: it was ended, and is named like any other leftover. */
export function strayFinding(name: string, strays: readonly ProcessSighting[]): Finding {
  return {
    code: 'leaked-process',
    message: `${name} has ended and left ${plural(strays.length, 'process', 'processes')} behind: ${strays.map(showProcess).join(', ')}`,
    hint: 'they were ended; what a script starts it must end, or wait for',
    processes: strays,
  };
}
