/** What of a line a program will print next time too: not the time that something took. */

const BREAK = /\t|…|\b\d+(?:\.\d+)? ?(?:ns|µs|us|ms|s|secs?|seconds?|m|min|minutes?)\b/;
/** What sets a time apart, and the words that lead to one: `1 skipped in 0.03s`. */
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
 * @param line as a person was shown it
 * @param telling texts that tell such a line from others
 * @returns the longest part of it without a time and a tab, of those that hold such a text where there is one
 */
export function lastingPart(line: string, telling: readonly string[]): string {
  const parts = line.split(BREAK).map(trimmed);
  const tell = parts.filter((part) => telling.some((text) => part.includes(text.trim())));
  const [longest] = (tell.length > 0 ? tell : parts).sort((a, b) => b.length - a.length);
  return longest ?? '';
}
