/** The first error that a server has printed in a stretch of its log, whatever the log's format. */
import { isTelling, tell } from './headline.ts';
import { logLine } from './log-line.ts';
import { endsTraceback, TRACEBACK } from './traceback.ts';

/** The word for the level, where a line has one, and all that follows it: time and process in front say nothing here. */
const LEVEL =
  /(?:^|[\s|(<\]])(\[?(?:ERROR|FATAL|CRITICAL|SEVERE|PANIC|EMERG|ALERT)\b|\[(?:error|fatal|critical|crit|emerg|alert) *\]|(?:error|fatal): |level=(?:error|fatal|panic|ERROR)\b)/;
/** What nginx puts between the level and the message: process, thread, and connection. */
const NGINX_IDS = /(?<=^\[\w+\] )\d+#\d+: (?:\*\d+ )?/;
/** A line of another level may name these words as well. */
const LESSER_LEVEL = /\b(?:INFO|DEBUG|TRACE|NOTICE|WARN|WARNING|info|debug|trace|notice|warn|warning)\b/;

/** A class with what it says, anywhere on a line whose next is a frame of a stack. */
const THROWN = /(?:Error|Exception|Rejection)\b(?: \[\w+\])?: \S/;
const FRAME = /^\s+at \S/;

/** What Go's server says of a handler that has panicked. */
const SERVING = /\bpanic serving /;

const LONGEST = 300;
/** How far below its beginning the end of a traceback is looked for. */
const TRACEBACK_LINES = 400;
const CHAINED = /^(?:During handling of the above exception|The above exception was the direct cause)/;

/** The line with which a traceback ends; of several that led to each other, the last one. */
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

/** What a line says of an error; what follows may say more. */
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

/** The error that a line of a log is about, where it stands below it. */
function continuation(lines: readonly string[], at: number): string | undefined {
  const next = lines[at + 1] ?? '';
  if (TRACEBACK.test(next)) return endOfTraceback(lines, at + 1);
  return /^(?:[\w.$]+\.)?[A-Z]\w*(?:Error|Exception)(?:: .+)?$/.test(next) ? next.trim() : undefined;
}

/**
 * @param lines of a log, oldest first, each whole
 * @returns what the first of them that tells of an error says, in one line; undefined when none does
 */
export function firstError(lines: readonly string[]): string | undefined {
  for (const index of lines.keys()) {
    const found = errorAt(lines, index);
    if (found !== undefined) return found.length > LONGEST ? `${found.slice(0, LONGEST - 1)}…` : found;
  }
  return undefined;
}
