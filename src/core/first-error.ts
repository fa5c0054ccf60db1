/** Finds the first error in a stretch of a server's log, whatever its format. */
import { isTelling, tell } from './headline.ts';
import { logLine } from './log-line.ts';
import { shorten } from './shorten.ts';
import { endsTraceback, TRACEBACK } from './traceback.ts';

/** The level, where a line has one, and what follows: the time and process before it do not matter here. */
const LEVEL =
  /(?:^|[\s|(<\]])(\[?(?:ERROR|FATAL|CRITICAL|SEVERE|PANIC|EMERG|ALERT)\b|\[(?:error|fatal|critical|crit|emerg|alert) *\]|(?:error|fatal): |level=(?:error|fatal|panic|ERROR)\b)/;
/** What nginx puts between the level and the message: process, thread and connection. */
const NGINX_IDS = /(?<=^\[\w+\] )\d+#\d+: (?:\*\d+ )?/;
/** Lines of lower levels may contain these words as well. */
const LESSER_LEVEL = /\b(?:INFO|DEBUG|TRACE|NOTICE|WARN|WARNING|info|debug|trace|notice|warn|warning)\b/;

/** A class and a message, anywhere on a line that precedes a stack frame. */
const THROWN = /(?:Error|Exception|Rejection)\b(?: \[\w+\])?: \S/;
const FRAME = /^\s+at \S/;

/** Go's HTTP server reports a handler's panic with this. */
const SERVING = /\bpanic serving /;

const LONGEST = 300;
/** How far below its beginning the end of a traceback is searched for. */
const TRACEBACK_LINES = 400;
const CHAINED = /^(?:During handling of the above exception|The above exception was the direct cause)/;

/** The last line of a traceback; if several are chained, that of the last one. */
function endOfTraceback(lines: readonly string[], begin: number): string | undefined {
  const below = lines.slice(begin, begin + TRACEBACK_LINES);
  const end = below.findIndex((line) =>
    endsTraceback(line.replace(/^[ |]+(?=\w)/, (bars) => (bars.includes('|') ? '' : bars))),
  );
  if (end === -1) return undefined;
  const next = below.findIndex((line, index) => index > end && line.trim() !== '');
  if (CHAINED.test(below[next] ?? '')) {
    const chained = below.findIndex((line, index) => index > next && TRACEBACK.test(line));
    if (chained !== -1) return endOfTraceback(lines, begin + chained);
  }
  return below[end]?.replace(/^[ |]+/, '').trim();
}

function levelled(line: string): string | undefined {
  const found = LEVEL.exec(line);
  if (found === null) return undefined;
  const word = found[1] ?? '';
  const at = line.indexOf(word, found.index);
  return LESSER_LEVEL.test(line.slice(0, at)) ? undefined : line.slice(at).trim().replace(NGINX_IDS, '');
}

/** The error on a line; what follows may say more. */
function errorAt(lines: readonly string[], at: number): string | undefined {
  const line = lines[at] ?? '';
  const structured = logLine(line);
  if (structured !== undefined) return structured.isError ? structured.text : undefined;
  if (TRACEBACK.test(line)) return endOfTraceback(lines, at);
  const serving = line.search(SERVING);
  if (serving !== -1) return line.slice(serving);
  const level = levelled(line);
  if (level !== undefined) {
    const more = continuation(lines, at);
    return more === undefined || level.includes(more) ? level : `${level}: ${more}`;
  }
  if (THROWN.test(line) && FRAME.test(lines[at + 1] ?? '')) return tell(lines.slice(at), 0);
  return isTelling(line) ? tell(lines.slice(at), 0) : undefined;
}

/** The error that a log line announces, when it is below that line. */
function continuation(lines: readonly string[], at: number): string | undefined {
  const next = lines[at + 1] ?? '';
  if (TRACEBACK.test(next)) return endOfTraceback(lines, at + 1);
  return /^(?:[\w.$]+\.)?[A-Z]\w*(?:Error|Exception)(?:: .+)?$/.test(next) ? next.trim() : undefined;
}

/**
 * @param lines of a log, oldest first, each complete
 * @returns the first error, in one line; undefined when there is none
 */
export function firstError(lines: readonly string[]): string | undefined {
  for (const index of lines.keys()) {
    const found = errorAt(lines, index);
    if (found !== undefined) return shorten(found, LONGEST);
  }
  return undefined;
}
