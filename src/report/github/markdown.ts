/**
 * Markdown as GitHub reads it. Text from outside is code: nothing in it is markup, a link, a mention or an emoji there.
 * All text is free of control characters and line breaks already (`visibleAll`).
 */
import { shorten } from '../../core/shorten.ts';

/** By number, so that they cannot begin or end anything, also in a table. */
const escaped = (text: string): string =>
  text.replace(/[^\p{L}\p{N} ,;\-/]/gu, (char) =>
    char.length > 1 || char > '~' ? char : `&#${char.charCodeAt(0)};`,
  );

const LONGEST = 600;
const cut = (text: string): string => shorten(text, LONGEST);

/** Text within a line or a cell of a table. */
export const code = (text: string): string => (text === '' ? '' : `<code>${escaped(cut(text))}</code>`);

/** @param url an absolute one, encoded */
export const link = (url: string, text: string): string => `<a href="${escaped(url)}">${code(text)}</a>`;

/** Lines as they are. */
export function codeBlock(lines: readonly string[]): string {
  const longest = Math.max(
    2,
    ...lines.flatMap((line) => line.match(/`+/g) ?? []).map(({ length }) => length),
  );
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${lines.join('\n')}\n${fence}\n`;
}

export const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;

/** @param align `l` or `r` for each column */
export const tableHead = (titles: readonly string[], align: string): string =>
  `${row(titles)}${row([...align].map((each) => (each === 'r' ? '---:' : '---')))}`;

/** What may hold Markdown, folded away. It needs an empty line on either side. */
export const folded = (summary: string, body: string): string =>
  `<details><summary>${summary}</summary>\n\n${body}\n</details>\n`;

/** A document of at most so many bytes: what does not fit is left out, and that is said. */
export class Bounded {
  readonly #most: number;
  readonly #note: string;
  #text = '';
  #bytes = 0;
  #isFull = false;

  /** @param note what to say at the end if something did not fit */
  constructor(most: number, note: string) {
    this.#most = most - Buffer.byteLength(note) - 2;
    this.#note = note;
  }

  /** Whether all that follows is left out. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** @param piece which is taken as a whole, or not at all */
  add(piece: string): void {
    const bytes = Buffer.byteLength(piece);
    this.#isFull ||= this.#bytes + bytes > this.#most;
    if (this.#isFull) return;
    this.#text += piece;
    this.#bytes += bytes;
  }

  get text(): string {
    return this.#isFull ? `${this.#text}\n${this.#note}\n` : this.#text;
  }
}
