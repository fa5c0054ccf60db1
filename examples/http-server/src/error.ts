/** Refusal of a JSON text, with the place of the fault: both `line` and `column` count from 1. */
export class JsonSyntaxError extends SyntaxError {
  override readonly name = 'JsonSyntaxError';
  readonly line: number;
  readonly column: number;

  /**
   * @param reason what is wrong, without the place
   * @param text the whole JSON text
   * @param offset index of the fault in `text`
   */
  constructor(reason: string, text: string, offset: number) {
    const before = text.slice(0, offset).split(/\r\n|\r|\n/);
    const line = before.length;
    const column = (before.at(-1) ?? '').length + 1;
    super(`line ${line}, column ${column}: ${reason}`);
    this.line = line;
    this.column = column;
  }
}
