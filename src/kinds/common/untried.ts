/** Entry points that were not reached. When one ends the process, the trial goes on in a new one, but not forever. */

import type { EntryLoad } from '../../core/entry.ts';
import { firstFew, nameFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import { plural } from '../../core/units.ts';

/** How many entry points may end their process (most of those are programs) before the trial gives up. */
export const MOST_RESTARTS = 20;

const NAMED = 3;
const SHOWN = 8;

/** As source code writes it. */
export function showLoad({ form, specifier }: EntryLoad): string {
  const name = JSON.stringify(specifier);
  return form === 'import' ? `import ${name}` : `require(${name})`;
}

/**
 * @param loads all that should be tried, in order
 * @param reached how many of them were begun, whatever the outcome
 * @param restarts how many processes were started after the first
 * @returns nothing if all were reached
 */
export function untried(loads: readonly EntryLoad[], reached: number, restarts: number): Finding[] {
  const left = loads.slice(reached).map(showLoad);
  if (left.length === 0) return [];
  const isWornOut = restarts >= MOST_RESTARTS;
  return [
    {
      code: 'entries-untried',
      message: `of ${plural(loads.length, 'way', 'ways')} to load it ${left.length.toLocaleString('en-US')} ${left.length === 1 ? 'was' : 'were'} not tried: ${nameFew(left, NAMED)}`,
      evidence: firstFew(left, SHOWN),
      ...(isWornOut
        ? {
            hint: `${MOST_RESTARTS + 1} others ended the process that loaded them, and no more are passed by; programs are known by #! as their first characters, or by \`bin\``,
          }
        : {}),
      count: left.length,
    },
  ];
}
