/** What pip and uv say of a requirement that they cannot satisfy. Pure. */

export type Answer =
  /** Requirements exclude each other. */
  | { readonly type: 'conflict'; readonly because: string }
  /** There is none that fits here; of another Python or another system nothing is said. */
  | { readonly type: 'absent'; readonly requirement: string }
  /** Anything else, such as a requirement that would have to be built and cannot be. */
  | { readonly type: 'unclear'; readonly because: string };

const CONFLICTS = [
  /^ERROR: (Cannot install .* because these package versions have conflicting dependencies)/,
  /(ResolutionImpossible)/,
];
const NOT_FOUND = /^ERROR: No matching distribution found for (.+)$/;
/** uv: `Because nosuch was not found in the package registry and …`, in lines of any length. */
const UV_FAILS = /No solution found when resolving dependencies/;
const UV_ABSENT = /[Bb]ecause (\S+) was not found in the package registry/;
const UV_NO_VERSION = /there (?:is|are) no versions? of (\S+)(?: and|,|\.| that)/;

const lastError = (lines: readonly string[]): string =>
  lines.findLast((line) => /^\s*(?:ERROR|error|×|╰)/.test(line))?.trim() ??
  lines.at(-1)?.trim() ??
  'it says nothing';

/** @param lines what pip or uv has printed before it failed */
export function answerIn(lines: readonly string[]): Answer {
  for (const line of lines) {
    const requirement = NOT_FOUND.exec(line)?.[1];
    if (requirement !== undefined) return { type: 'absent', requirement };
    const because = CONFLICTS.map((pattern) => pattern.exec(line)?.[1]).find((each) => each !== undefined);
    if (because !== undefined) return { type: 'conflict', because };
  }
  const text = lines.join(' ').replaceAll(/\s+/g, ' ');
  if (!UV_FAILS.test(text)) return { type: 'unclear', because: lastError(lines) };
  const absent = UV_ABSENT.exec(text)?.[1] ?? UV_NO_VERSION.exec(text)?.[1];
  if (absent !== undefined) return { type: 'absent', requirement: absent };
  // A wheel for another Python or another system.
  if (/no wheels with a matching|requires Python|does not satisfy Python/.test(text))
    return { type: 'unclear', because: lastError(lines) };
  return { type: 'conflict', because: 'its requirements exclude each other' };
}
