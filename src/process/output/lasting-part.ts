/** The part of a line that a program will print again next time: not how long something took. */

const BREAK = /\t|…|\b\d+(?:\.\d+)? ?(?:ns|µs|us|ms|s|secs?|seconds?|m|min|minutes?)\b/;
/** What may surround a time, and the words before one: `1 skipped in 0.03s`. */
const APART = ' ([,;:=-';
const LEADING = ['finished in', 'in', 'Duration', 'took'];
const AFTER = /^[\s)\],;=]+/;

function trimmed(part: string): string {
  let text = part.replace(AFTER, '');
  for (;;) {
    const word = LEADING.find((each) => text === each || text.endsWith(` ${each}`));
    if (word !== undefined) text = text.slice(0, -word.length);
    else if (text !== '' && APART.includes(text.at(-1) ?? '')) text = text.slice(0, -1);
    else return text;
  }
}

/**
 * @param line as it was shown to the user
 * @param telling texts that distinguish such a line from others
 * @returns its longest part without a time or a tab, preferably one that contains such a text
 */
export function lastingPart(line: string, telling: readonly string[]): string {
  const parts = line.split(BREAK).map(trimmed);
  const tell = parts.filter((part) => telling.some((text) => part.includes(text.trim())));
  const [longest] = (tell.length > 0 ? tell : parts).sort((a, b) => b.length - a.length);
  return longest ?? '';
}
