/** Parses the Transfer-Encoding header. */
const TOKEN = "[!#$%&'*+\\-.^_`|~\\dA-Za-z]+";
const QUOTED = '"(?:[\\t !#-\\[\\]-~\\x80-\\xff]|\\\\[\\t -~\\x80-\\xff])*"';
const BLANKS = '[ \\t]*';

/** An element of the list with its comma; may be empty (RFC 9110, section 5.6.1). */
const ELEMENT = new RegExp(
  `${BLANKS}(?:(${TOKEN})((?:${BLANKS};${BLANKS}${TOKEN}${BLANKS}=${BLANKS}(?:${TOKEN}|${QUOTED}))*)${BLANKS})?(?:,|$)`,
  'y',
);

/** The codings of a body in the order they were applied, over all lines of the header. */
export class Codings {
  isThere = false;
  /** Whether the last one is chunked: otherwise the body ends with the connection. */
  isChunked = false;
  #hasChunked = false;

  reset(): void {
    this.isThere = false;
    this.isChunked = false;
    this.#hasChunked = false;
  }

  /**
   * Adds a line of the header.
   *
   * @returns what is wrong with it, if anything
   * @see RFC 9112, sections 6.1 and 7
   */
  add(value: string): string | undefined {
    this.isThere = true;
    ELEMENT.lastIndex = 0;
    while (ELEMENT.lastIndex < value.length) {
      const element = ELEMENT.exec(value);
      if (element === null) return 'a transfer-encoding that is no list of codings';
      const [, name, parameters] = element;
      if (name === undefined) continue;
      this.isChunked = name.toLowerCase() === 'chunked';
      if (!this.isChunked) continue;
      if (parameters !== '') return 'a chunked coding with parameters';
      if (this.#hasChunked) return 'a body that is chunked twice';
      this.#hasChunked = true;
    }
    return undefined;
  }
}
