/** What to look for, line by line: a verbatim text or a JavaScript regex. Serialisable, because a plan is. */
export type Pattern =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'regex';
      readonly source: string;
      readonly flags: string;
      /** A description of the matches, for messages. */
      readonly name?: string;
    };

/** Compiles a pattern for repeated use on blocks of lines: `^` and `$` match at line ends. */
export function toRegExp(pattern: Pattern): RegExp {
  if (pattern.type === 'text') return new RegExp(pattern.text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'm');
  const flags = new Set(pattern.flags);
  flags.add('m');
  flags.delete('g');
  flags.delete('y');
  return new RegExp(pattern.source, [...flags].join(''));
}

/** A pattern in the user's notation. */
export function showPattern(pattern: Pattern): string {
  if (pattern.type === 'regex' && pattern.name !== undefined) return pattern.name;
  return pattern.type === 'text' ? JSON.stringify(pattern.text) : `/${pattern.source}/${pattern.flags}`;
}

/** What to do about a pattern that took too long. */
export const SLOW_PATTERN_HINT =
  'avoid repetitions within repetitions, such as (a+)+, and several .* in a row; plain text is always fast';
