/**
 * What a component, a server, a package, the process table or a file name says may be written to mislead: escape
 * sequences retitle a terminal or fill its clipboard, bidirectional controls show other text than there is, line breaks
 * forge lines, and what looks like a workflow command is one to a CI system. Every sink passes text through here.
 *
 * Text for people shows such characters as escapes; JSON keeps them exactly, escaped as JSON allows. Secrets are in neither.
 */
import { secrets } from './secrets.ts';

/**
 * C0 but the tab, DEL and C1; marks of direction, embeddings and isolates (Unicode UAX 9), line and paragraph
 * separators, annotation controls, invisible tags, and halves of surrogate pairs.
 */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff\u{e0000}-\u{e007f}]/gu;

/** Azure Pipelines and older runners of GitHub obey these anywhere in a line. */
const COMMAND_ANYWHERE = /#(?=#(?:vso)?\[)/gi;

/** GitHub obeys this where a line begins with it. */
const COMMAND_AT_START = /^(\s*):(?=:)/;

function escapeUnseen(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (char === '\n') return '\\n';
  if (char === '\r') return '\\r';
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}

/** One line for a person to read, in which everything is seen that there is. Its tabs stay. */
export const visible = (text: string): string =>
  secrets.conceal(text).replace(UNSEEN, escapeUnseen).replace(COMMAND_ANYWHERE, '\\x23');

/** A line of which every foreign part is visible already, made safe to stand at the beginning of a line of output. */
export const asLine = (line: string): string => line.replace(COMMAND_AT_START, '$1\\x3a');

/** Several lines without colours, for a person to read. */
export const visibleText = (text: string): string =>
  text
    .split(/\r?\n/)
    .map((line) => asLine(visible(line)))
    .join('\n');

function visibleValue(value: unknown): unknown {
  if (typeof value === 'string') return visible(value);
  if (Array.isArray(value)) return value.map(visibleValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [visible(key), visibleValue(each)]));
}

/** The same plain data with every string in it, keys included, made visible: what reports for people are drawn from. */
export const visibleAll = <T>(data: T): T => visibleValue(secrets.concealAll(data)) as T;

/** @param char one code point, of one or two units */
const escapeJson = (char: string): string =>
  Array.from(
    { length: char.length },
    (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');

/** JSON that means exactly `value`, and that a terminal or a CI system can be shown. */
export function toJson(
  value: unknown,
  replacer?: (key: string, value: unknown) => unknown,
  indent?: number,
): string {
  const text = JSON.stringify(secrets.concealAll(value), replacer, indent);
  // Line breaks are those of the indentation: within strings they are escaped already.
  return text
    .replace(UNSEEN, (char) => (char === '\n' ? char : escapeJson(char)))
    .replace(COMMAND_ANYWHERE, '\\u0023');
}
