/** Tracebacks of Python. Threads that fail at once write them into each other, line by line and even within a line. */

/** How one begins; beside a group of errors Python draws bars. */
export const TRACEBACK = /^[ \t|+-]*(?:Exception Group )?Traceback \(most recent call last\):/;

/** How one ends: a class, most often with what it says. Carets of another thread may stand in front of it. */
const ERROR_LINE = /^[\^~]*[A-Za-z_][\w.]*(?:: .*)?$/;
/** What stands between tracebacks, whole or torn, and is the end of none. */
const BETWEEN = /^(?:Exception in thread |Traceback \(most |Thread-\d|:)/;

export const isBetweenTracebacks = (line: string): boolean => BETWEEN.test(line);

/** Whether a line is one with which a traceback ends. */
export const endsTraceback = (line: string): boolean => ERROR_LINE.test(line) && !BETWEEN.test(line);

/** So many different errors are told. */
const TOLD = 3;

/**
 * @param lines in which tracebacks stand
 * @returns the last line of each of those that are written into each other, each once; empty where none are
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

/** Several errors on one line. */
export function tellErrors(errors: readonly string[]): string {
  const more = errors.length - TOLD;
  return `${errors.slice(0, TOLD).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}
