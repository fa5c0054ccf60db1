/** Lines of output as they are shown to people. */
import { spokenIn } from '../../core/log-line.ts';
import { secrets } from '../../core/secrets.ts';
import { shorten } from '../../core/shorten.ts';
import { shownText } from '../../text/terminal-text.ts';

const SHOWN_LINE_LENGTH = 300;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const CONTROLS = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g;

/**
 * Like `visibleLine`, but not shortened: secrets have to be recognised before a line is cut.
 *
 * @param isOpen more of it may come
 */
export const uncutLine = (raw: string, isOpen = false): string =>
  secrets.conceal(shownText(raw).replace(CONTROLS, ''), isOpen);

/**
 * A line for people to read: as a terminal finally shows it, without secrets or control characters other than tabs, and
 * not too long.
 *
 * @param isOpen more of it may come
 */
export function visibleLine(raw: string, isOpen = false): string {
  const whole = uncutLine(raw, isOpen);
  if (whole.length <= SHOWN_LINE_LENGTH) return whole;
  // The message of a structured line is worth more than its beginning.
  const plain = spokenIn(whole);
  return shorten(plain, SHOWN_LINE_LENGTH);
}
