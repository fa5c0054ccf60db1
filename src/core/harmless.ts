/**
 * Output of components, servers and packages, the process table and file names may be crafted to mislead: escape
 * sequences retitle a terminal or fill its clipboard, bidirectional controls disguise text, line breaks forge lines,
 * and CI systems obey workflow commands. Every sink passes text through here.
 *
 * Text for people shows such characters as escapes; JSON keeps them exactly, escaped as JSON allows. Both are free of
 * secrets.
 */
import { secrets } from './secrets.ts';

/**
 * C0 except tab, DEL and C1; marks of direction, embeddings and isolates (Unicode UAX 9), line and paragraph
 * separators, annotation controls, invisible tags, and lone surrogates.
 */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff\u{e0000}-\u{e007f}]/gu;

/** Azure Pipelines and older runners of GitHub obey these anywhere in a line. */
const COMMAND_ANYWHERE = /#(?=#(?:vso)?\[)/gi;

/** GitHub obeys this at the beginning of a line. */
const COMMAND_AT_START = /^(\s*):(?=:)/;

function escapeUnseen(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (char === '\n') return '\\n';
  if (char === '\r') return '\\r';
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}

const withoutUnseen = (text: string): string =>
  text.replace(UNSEEN, escapeUnseen).replace(COMMAND_ANYWHERE, '\\x23');

/** One line for display, with invisible characters made visible. Tabs stay. */
export const visible = (text: string): string => withoutUnseen(secrets.conceal(text));

/** Makes an already visible line safe at the beginning of a line of output. */
export const asLine = (line: string): string => line.replace(COMMAND_AT_START, '$1\\x3a');

/** Several lines for display, without colours. */
export const visibleText = (text: string): string =>
  text
    .split(/\r?\n/)
    .map((line) => asLine(visible(line)))
    .join('\n');

function visibleValue(value: unknown): unknown {
  if (typeof value === 'string') return withoutUnseen(value);
  if (Array.isArray(value)) return value.map(visibleValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [withoutUnseen(key), visibleValue(each)]),
  );
}

/** Plain data with all strings and keys made visible, for reports that people read. */
export const visibleAll = <T>(data: T): T => visibleValue(secrets.concealAll(data)) as T;

/** @param char one code point, of one or two code units */
const escapeJson = (char: string): string =>
  Array.from(
    { length: char.length },
    (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');

/** JSON of exactly `value`, safe to show on a terminal or in CI. */
export function toJson(
  value: unknown,
  replacer?: (key: string, value: unknown) => unknown,
  indent?: number,
): string {
  const text = JSON.stringify(secrets.concealAll(value), replacer, indent);
  // Only the line breaks of the indentation are left: those within strings are escaped.
  return text
    .replace(UNSEEN, (char) => (char === '\n' ? char : escapeJson(char)))
    .replace(COMMAND_ANYWHERE, '\\u0023');
}
