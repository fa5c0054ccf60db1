/**
 * Parses structured logs, one JSON object per line: pino, bunyan, winston, structlog, slog, zap, logstash and the like.
 */

/** Levels are numbers in pino and bunyan, names elsewhere. */
const ERROR_FROM = 50;
const ERROR_NAMES = /^(?:error|err|fatal|critical|crit|alert|emerg|emergency|panic|dpanic)$/i;

/** The content of a structured line. */
export interface LogLine {
  readonly isError: boolean;
  /** The message, with the error that it is about. */
  readonly text: string;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? firstLine(value) : undefined;

const firstLine = (text: string): string => text.trimStart().split('\n', 1)[0]?.trim() ?? '';

/** The last line of a traceback, or the first of a stack. */
function ofTrace(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const lines = value.trim().split('\n');
  return lines[0]?.startsWith('Traceback (most recent call last):') === true
    ? lines.at(-1)?.trim()
    : lines[0];
}

function errorOf(fields: Fields): string | undefined {
  const error =
    fields.err ?? fields.error ?? fields.exc ?? fields.exception ?? fields.exc_info ?? fields.stack;
  if (Array.isArray(error)) return ofStructured(error[0]);
  if (!isFields(error)) return ofTrace(error);
  const message = textOf(error.message) ?? textOf(error.msg);
  const type = textOf(error.type) ?? textOf(error.name) ?? textOf(error.class);
  if (message === undefined) return ofTrace(error.stack) ?? type;
  return type === undefined || message.startsWith(type) ? message : `${type}: ${message}`;
}

/** structlog's `dict_tracebacks`: a list of errors, the last raised first. */
function ofStructured(value: unknown): string | undefined {
  if (!isFields(value)) return undefined;
  const [type, message] = [textOf(value.exc_type), textOf(value.exc_value)];
  return type === undefined ? message : `${type}${message === undefined ? '' : `: ${message}`}`;
}

function isErrorLevel(level: unknown): boolean {
  if (typeof level === 'number') return level >= ERROR_FROM;
  return typeof level === 'string' && ERROR_NAMES.test(level);
}

/**
 * @param line as printed
 * @returns its content; undefined unless it is a JSON object with a level and a message
 */
export function logLine(line: string): LogLine | undefined {
  const text = line.trim();
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined;
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isFields(fields)) return undefined;
  const level = fields.level ?? fields.levelname ?? fields.severity ?? fields.lvl ?? fields['log.level'];
  if (level === undefined) return undefined;
  const message = textOf(fields.msg) ?? textOf(fields.message) ?? textOf(fields.event);
  const error = errorOf(fields);
  const said =
    message === undefined || error === undefined || error.includes(message)
      ? (error ?? message)
      : message.includes(error)
        ? message
        : `${message}: ${error}`;
  return said === undefined ? undefined : { isError: isErrorLevel(level), text: said };
}

/** In front of each line of a container, Compose puts its name. */
const CONTAINER = /^[\w.-]{1,200}[-_]\d{1,4} +\| /;

/** The message of a structured line; any other line as it is, without the container that it is of. */
export function spokenIn(whole: string): string {
  const line = whole.replace(CONTAINER, '');
  const structured = logLine(line);
  if (structured === undefined) return line;
  return structured.isError ? `ERROR: ${structured.text}` : structured.text;
}
