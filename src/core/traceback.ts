/** Python tracebacks. Threads that fail at the same time interleave them, line by line or even within a line. */

/** The first line of a traceback; exception groups are drawn with bars. */
export const TRACEBACK = /^[ \t|+-]*(?:Exception Group )?Traceback \(most recent call last\):/;

/** The last line: a class, usually with a message. Another thread's carets may precede it. */
const ERROR_LINE = /^[\^~]*[A-Za-z_][\w.]*(?:: .*)?$/;
/** Lines between tracebacks, whole or torn, that do not end one. */
const BETWEEN = /^(?:Exception in thread |Traceback \(most |Thread-\d|:)/;

export const isBetweenTracebacks = (line: string): boolean => BETWEEN.test(line);

export const endsTraceback = (line: string): boolean => ERROR_LINE.test(line) && !BETWEEN.test(line);

/** How many different errors are shown. */
const TOLD = 3;

/**
 * @param lines that contain tracebacks
 * @returns the last line of each interleaved traceback, without duplicates; empty if none are interleaved
 */
export function tornTracebacks(lines: readonly string[]): string[] {
  const errors = new Set<string>();
  let open = 0;
  let isTorn = false;
  for (const line of lines) {
    if (TRACEBACK.test(line)) {
      isTorn ||= open > 0;
      open += 1;
    } else if (open > 0 && endsTraceback(line)) {
      open -= 1;
      errors.add(line.replace(/^[\^~]+/, '').trim());
    }
  }
  return isTorn ? [...errors] : [];
}

export function tellErrors(errors: readonly string[]): string {
  const more = errors.length - TOLD;
  return `${errors.slice(0, TOLD).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}
