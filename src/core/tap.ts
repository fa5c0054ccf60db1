/** Reads output in the Test Anything Protocol, whose end says only how many tests failed. */
const FAILURE = /^not ok\b/;
const BLOCK_START = /^\s+---$/;
const BLOCK_END = /^\s+\.\.\.$/;
const COMMENT = /^\s*#/;
const SUBTEST = /^\s*# Subtest: /;

/** How many lines are kept of what was printed above, and of the diagnostics, which may end with a stack trace. */
const MOST_ABOVE = 8;
const MOST_BELOW = 20;

/**
 * @param lines of output, oldest first
 * @param headline the line chosen as its summary
 * @returns the test that the headline is about, with its diagnostics (a YAML block or comments) and what it printed above;
 *   undefined if the headline is not about a TAP test
 */
export function tapFailure(lines: readonly string[], headline: string): string[] | undefined {
  const at = lines.findLastIndex((line) => FAILURE.test(line.trim()) && headline.startsWith(line.trim()));
  if (at === -1) return undefined;
  const below = lines.slice(at + 1);
  const isBlock = BLOCK_START.test(below[0] ?? '');
  const end = below.findIndex((line) => (isBlock ? BLOCK_END.test(line) : !COMMENT.test(line)));
  const length = end === -1 ? below.length : end + (isBlock ? 1 : 0);
  const above = lines.slice(0, at);
  const printed = above
    .slice(above.findLastIndex((line) => !COMMENT.test(line)) + 1)
    .filter((line) => !SUBTEST.test(line));
  return [...printed.slice(-MOST_ABOVE), ...lines.slice(at, at + 1 + Math.min(length, MOST_BELOW))];
}
