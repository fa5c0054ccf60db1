/**
 * How many columns of a terminal a text takes. Terminals disagree about some emoji: what is counted is the most that any of
 * them takes, so that a line that fits by this count fits everywhere.
 */

/** Our own colours; everything else that is invisible has been escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters
const COLOR = /\u001b\[[\d;]*m/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters
const TOKENS = /\u001b\[[\d;]*m|[\s\S]/gu;
/** Each character takes a column. */
const PLAIN = /^[ -~]*$/;

const NOTHING = /^[\p{Mn}\p{Me}\u00ad\u1160-\u11ff\u200b-\u200f\u2060-\u2064\ufeff]$/u;
/** Text that is shown as an emoji if this follows takes one column more, at most. */
const AS_EMOJI = '\ufe0f';
const WIDE =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1d300}-\u{1d37f}\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]$/u;

/** @param character one code point */
function columnsOfCharacter(character: string): number {
  if (PLAIN.test(character)) return 1;
  if (character === AS_EMOJI) return 1;
  if (NOTHING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

const tokensOf = (line: string): string[] => line.match(TOKENS) ?? [];

/** @param token a colour, or one code point */
const columnsOf = (token: string): number => (COLOR.test(token) ? 0 : columnsOfCharacter(token));

/** @param text in one line; it may contain our colours, but no tabs */
export const widthOf = (text: string): number =>
  PLAIN.test(text) ? text.length : tokensOf(text).reduce((width, token) => width + columnsOf(token), 0);

/** Fills up with spaces, as `padEnd` does. */
export const padTo = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - widthOf(text)));

const CUT = '…';

/**
 * @param line may contain our colours, which are kept, and tabs, which become spaces
 * @returns at most so many columns of it; where it was cut, the last is an ellipsis
 */
export function fitTo(line: string, columns: number): string {
  if (line.length <= columns && PLAIN.test(line)) return line;
  const tokens = tokensOf(line.replaceAll('\t', ' '));
  const widths = tokens.map(columnsOf);
  const whole = widths.reduce((sum, width) => sum + width, 0);
  const room = whole <= columns ? columns : columns - 1;
  let used = 0;
  let isCut = false;
  return tokens
    .map((token, index) => {
      if (COLOR.test(token)) return token;
      used += widths[index] ?? 0;
      if (used <= room) return token;
      if (isCut) return '';
      isCut = true;
      return CUT;
    })
    .join('');
}
