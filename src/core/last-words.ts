/** What is quoted of the output of something that failed: its error first, then its last lines. */
import { spokenIn } from './log-line.ts';
import { endsTraceback } from './traceback.ts';

/** How many of the last lines are quoted if the error is among them, or there is none. */
const LAST = 15;
/** Where the error is further up: how many lines it begins with, and how many are the last. */
const ERROR = 6;
const AFTER = 13;
/** How much of a traceback is shown above the error: the place, the statement and the marks below it. */
const PLACE = 3;
/** A shorter line may stand in an error by chance. */
const TELLING = 8;

/** The line that an error was read from: it may say more, or the error may be made of several. */
function lineOf(lines: readonly string[], error: string): number {
  const whole = lines.findIndex((line) => line.includes(error));
  if (whole !== -1) return whole;
  return lines.findIndex((line) => {
    const spoken = spokenIn(line).trim();
    return spoken.length >= TELLING && error.includes(spoken);
  });
}

/** How many lines above the last one of a traceback say where that was. */
function placeAbove(lines: readonly string[], at: number): number {
  if (!endsTraceback(lines[at] ?? '')) return 0;
  const above = lines.slice(Math.max(0, at - PLACE), at);
  return above.length - 1 - above.findLastIndex((line) => !/^\s/.test(line));
}

/**
 * @param lines of output, oldest first, each as it may be shown
 * @param error what went wrong, as it was read from these lines; undefined if nothing says so
 * @returns at most 20 lines, none of them twice; `…` stands for those left out in between
 */
export function lastWords(lines: readonly string[], error: string | undefined): string[] {
  const last = lines.slice(-LAST);
  if (error === undefined || lines.length <= LAST) return last;
  const at = lineOf(lines, error);
  if (at >= lines.length - LAST) return last;
  if (at === -1) return [error, '…', ...lines.slice(-AFTER)];
  const begin = at - placeAbove(lines, at);
  return begin + ERROR >= lines.length - AFTER
    ? lines.slice(begin)
    : [...lines.slice(begin, begin + ERROR), '…', ...lines.slice(-AFTER)];
}
