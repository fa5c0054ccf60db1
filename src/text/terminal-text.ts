/**
 * The text that a terminal shows for a line: without colours and other escape sequences, and without what later text
 * overwrote after a carriage return. Takes linear time for any input.
 */

/** ECMA-48: control sequences; strings up to their terminator or the end of the line; short escapes. */
export const ESCAPE_SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;

/** The start of a sequence, or a carriage return. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters
const UNPLAIN = /[\r\u001b\u0090\u0098\u009b\u009d-\u009f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters
const ERASES = /^(?:\u001b\[|\u009b)([012]?)K$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters
const TO_FIRST_COLUMN = /^(?:\u001b\[|\u009b)1?G$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters
const GOES_BACK = /\r|(?:\u001b\[|\u009b)1?G/;
const SPACE = 0x20;

/** One row of a terminal. */
class Row {
  readonly #cells: Uint16Array;
  #column = 0;
  #length = 0;

  constructor(width: number) {
    this.#cells = new Uint16Array(width);
  }

  write(text: string): void {
    for (let index = 0; index < text.length; index++) {
      if (text.charCodeAt(index) === 0x0d) this.#column = 0;
      else this.#cells[this.#column++] = text.charCodeAt(index);
      if (this.#column > this.#length) this.#length = this.#column;
    }
  }

  obey(sequence: string): void {
    if (TO_FIRST_COLUMN.test(sequence)) this.#column = 0;
    const part = ERASES.exec(sequence)?.[1];
    if (part === undefined) return;
    if (part === '1' || part === '2') this.#cells.fill(SPACE, 0, this.#column);
    if (part !== '1') this.#length = part === '2' ? 0 : this.#column;
  }

  text(): string {
    return Buffer.from(this.#cells.buffer, 0, this.#length * 2).toString('utf16le');
  }
}

const isLineEnd = (code: number): boolean => code === 0x0d || code === 0x0a;

/** @param raw one line, with or without its line ending */
export function withoutEnd(raw: string): string {
  let end = raw.length;
  while (end > 0 && isLineEnd(raw.charCodeAt(end - 1))) end -= 1;
  return end === raw.length ? raw : raw.slice(0, end);
}

/** Whether a part of a line is written over another, as progress bars are. */
export const goesBack = (raw: string): boolean => GOES_BACK.test(withoutEnd(raw));

/** @param raw one line, with or without its line ending */
export function shownText(raw: string): string {
  const line = withoutEnd(raw);
  if (!UNPLAIN.test(line)) return line;
  if (!GOES_BACK.test(line)) return line.replace(ESCAPE_SEQUENCE, '');
  const row = new Row(line.length);
  let at = 0;
  for (const match of line.matchAll(ESCAPE_SEQUENCE)) {
    row.write(line.slice(at, match.index));
    row.obey(match[0]);
    at = match.index + match[0].length;
  }
  row.write(line.slice(at));
  return row.text();
}
