/** Makes a line that a pattern matches from its source. It covers what people usually write, and checks the result. */
import { type Pattern, toRegExp } from '../../core/pattern.ts';

const OF_CLASS: Readonly<Record<string, string>> = {
  d: '1',
  D: 'a',
  w: 'a',
  W: ' ',
  s: ' ',
  S: 'a',
  b: '',
  B: '',
  t: '\t',
};
const QUANTIFIER = /^\{\d+(?:,\d*)?\}/;
const GROUP = /^\(\?(?::|=|<[^=!>][^>]*>)/;

/** @param at the place of a `[` @returns a character of the class, and the place after the class */
function fromClass(source: string, at: number): { text: string; next: number } {
  const end = /^\[(?:\\.|[^\]\\])*\]/s.exec(source.slice(at))?.[0].length ?? source.length - at;
  const inside = source.slice(at + 1, at + end - 1);
  const text = inside.startsWith('^')
    ? 'a'
    : inside.startsWith('\\')
      ? escaped(inside[1])
      : (inside[0] ?? '');
  return { text, next: at + end };
}

const escaped = (char = ''): string => OF_CLASS[char] ?? char;

/** @param at the place of a `|` @returns the place of the parenthesis that closes its group, or the end */
function endOfAlternatives(source: string, at: number): number {
  let depth = 0;
  for (let next = at; next < source.length; next++) {
    const char = source[next];
    if (char === '\\') next += 1;
    else if (char === '[') next = fromClass(source, next).next - 1;
    else if (char === '(') depth += 1;
    else if (char === ')') {
      if (depth === 0) return next;
      depth -= 1;
    }
  }
  return source.length;
}

/** Takes the first of several alternatives, and once whatever is repeated. */
function fromSource(source: string): string {
  let text = '';
  for (let at = 0; at < source.length; ) {
    const char = source[at] ?? '';
    const rest = source.slice(at);
    if (char === '\\') {
      text += escaped(source[at + 1]);
      at += 2;
    } else if (char === '[') {
      const found = fromClass(source, at);
      text += found.text;
      at = found.next;
    } else if (char === '|') at = endOfAlternatives(source, at);
    else if (char === '(') at += GROUP.exec(rest)?.[0].length ?? 1;
    else if (char === '{' && QUANTIFIER.test(rest)) at += QUANTIFIER.exec(rest)?.[0].length ?? 1;
    else {
      if (char === '.') text += 'a';
      else if (!'^$*+?)'.includes(char)) text += char;
      at += 1;
    }
  }
  return text;
}

/** @returns a line that the pattern matches; undefined if none was found */
export function exampleOf(pattern: Pattern): string | undefined {
  const example = pattern.type === 'text' ? pattern.text : fromSource(pattern.source);
  return !/[\r\n\u2028\u2029]/.test(example) && toRegExp(pattern).test(example) ? example : undefined;
}
