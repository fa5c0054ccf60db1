/**
 * What a terminal shows of a line that was written to it: without colours and other sequences, and without what a
 * carriage return let later text overwrite.
 *
 * Every step takes time in proportion to the text, whatever it holds: no sequence is looked for twice.
 */

/** ECMA-48: control sequences; strings up to their end, or to the end of the line; the short escapes. */
const SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;

/** What may begin a sequence, or is a carriage return. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPLAIN = /[\r\u001b\u0090\u0098\u009b\u009d-\u009f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ERASES = /^(?:\u001b\[|\u009b)([012]?)K$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const TO_FIRST_COLUMN = /^(?:\u001b\[|\u009b)1?G$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const GOES_BACK = /\r|(?:\u001b\[|\u009b)1?G/;
const SPACE = 0x20;

/** One row of a terminal. */
class Row {
  readonly #cells: Uint16Array;
  #column = 0;
  #length = 0;

  constructor(most: number) {
    this.#cells = new Uint16Array(most);
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

/** @param raw one line; its end is taken off */
export function shownText(raw: string): string {
  let end = raw.length;
  while (end > 0 && isLineEnd(raw.charCodeAt(end - 1))) end -= 1;
  const line = end === raw.length ? raw : raw.slice(0, end);
  if (!UNPLAIN.test(line)) return line;
  if (!GOES_BACK.test(line)) return line.replace(SEQUENCE, '');
  const row = new Row(line.length);
  let at = 0;
  for (const match of line.matchAll(SEQUENCE)) {
    row.write(line.slice(at, match.index));
    row.obey(match[0]);
    at = match.index + match[0].length;
  }
  row.write(line.slice(at));
  return row.text();
}
