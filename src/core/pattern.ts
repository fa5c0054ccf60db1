/**
 * What to look for in output. Serialisable, because a plan is; a line is matched at a time.
 * A text is looked for as it stands, a regex is a JavaScript regular expression.
 */
export type Pattern =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'regex';
      readonly source: string;
      readonly flags: string;
      /** What it finds, in words, for messages. */
      readonly name?: string;
    };

/** Compiles a pattern for repeated use on whole blocks of lines: `^` and `$` are the ends of a line. */
export function toRegExp(pattern: Pattern): RegExp {
  if (pattern.type === 'text') return new RegExp(pattern.text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'm');
  const flags = new Set(pattern.flags);
  flags.add('m');
  flags.delete('g');
  flags.delete('y');
  return new RegExp(pattern.source, [...flags].join(''));
}

/** A pattern as the user would write it. */
export function showPattern(pattern: Pattern): string {
  if (pattern.type === 'regex' && pattern.name !== undefined) return pattern.name;
  return pattern.type === 'text' ? JSON.stringify(pattern.text) : `/${pattern.source}/${pattern.flags}`;
}

/** What to do about a pattern that had to be given up. */
export const SLOW_PATTERN_HINT =
  'avoid repetitions within repetitions, such as (a+)+, and several .* in a row; plain text is always fast';
