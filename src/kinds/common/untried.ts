/** Entry points that it never came to: a trial that goes on after what ended its process does so within a bound. */

import type { EntryLoad } from '../../core/entry.ts';
import { firstFew, nameFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import { plural } from '../../core/units.ts';

/** Entry points that end the process as they are loaded (programs, most often) are passed by so many times. */
export const MOST_RESTARTS = 20;

const NAMED = 3;
const SHOWN = 8;

/** As source code writes it. */
export function showLoad({ form, specifier }: EntryLoad): string {
  const name = JSON.stringify(specifier);
  return form === 'import' ? `import ${name}` : `require(${name})`;
}

/**
 * @param loads all that were to be tried, in their order
 * @param reached how many of them were begun, whatever they came to
 * @param restarts how many processes were started after the first
 * @returns nothing when none is left
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
