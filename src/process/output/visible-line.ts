/** Lines of output as a person gets to see them. */
import { spokenIn } from '../../core/log-line.ts';
import { secrets } from '../../core/secrets.ts';
import { shownText } from '../../text/terminal-text.ts';

const SHOWN_LINE_LENGTH = 300;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const CONTROLS = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g;

/**
 * The same as `visibleLine`, however long: what is known of a line is known before it is cut.
 *
 * @param isOpen more of it may come
 */
export const uncutLine = (raw: string, isOpen = false): string =>
  secrets.conceal(shownText(raw).replace(CONTROLS, ''), isOpen);

/**
 * A line for a person to read: as a terminal finally shows it, without control characters but tabs, without secrets,
 * and not too long.
 *
 * @param isOpen more of it may come
 */
export function visibleLine(raw: string, isOpen = false): string {
  const whole = uncutLine(raw, isOpen);
  if (whole.length <= SHOWN_LINE_LENGTH) return whole;
  // Of a structured line what it says is worth more than how it begins.
  const plain = spokenIn(whole);
  return plain.length > SHOWN_LINE_LENGTH ? `${plain.slice(0, SHOWN_LINE_LENGTH - 1)}…` : plain;
}
