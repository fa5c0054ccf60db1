import { JsonSyntaxError } from './error.ts';

/** A text and how far it has been read. */
export class Scanner {
  readonly text: string;
  offset = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Reads what a sticky pattern matches here; without a match stays in place and returns ''. */
  match(pattern: RegExp): string {
    pattern.lastIndex = this.offset;
    const [found = ''] = pattern.exec(this.text) ?? [];
    this.offset += found.length;
    return found;
  }

  /** Reads one given character; says whether it was there. */
  take(character: string): boolean {
    const found = this.text[this.offset] === character;
    if (found) this.offset++;
    return found;
  }

  /** The error for a fault at `offset`. */
  error(reason: string, offset = this.offset): JsonSyntaxError {
    return new JsonSyntaxError(reason, this.text, offset);
  }

  /** The error for something missing here. */
  expected(what: string): JsonSyntaxError {
    const code = this.text.codePointAt(this.offset);
    const found = code === undefined ? 'the end' : JSON.stringify(String.fromCodePoint(code));
    return this.error(`expected ${what}, found ${found}`);
  }
}
