/**
 * Parses an HTTP/1 response as far as a probe needs it: its status, skipping informational responses (1xx), and where
 * it ends (RFC 9112, section 6), so that the connection can be closed then.
 */

/** Lines are short; a server that sends this much without a line break does not speak HTTP. */
const LONGEST_LINE = 64 * 1024;
const PREVIEW = 4096;

type Part = 'status' | 'header' | 'size' | 'chunk' | 'after-chunk' | 'trailer' | 'body' | 'rest' | 'over';

export class AnswerReader {
  /** Of the final response, once its first line is complete. */
  status: number | undefined;
  /** Why this is not an HTTP/1 response, once that is certain. */
  complaint: string | undefined;
  #part: Part = 'status';
  #line = '';
  /** Bytes left of a body or chunk of known length. */
  #left = 0;
  #length: number | undefined;
  #isChunked = false;
  #preview = '';
  readonly #hasBody: boolean;

  /** @param hasBody false for the answer to a HEAD, whatever its head says */
  constructor(hasBody = true) {
    this.#hasBody = hasBody;
  }

  /** Whether the response is complete. Without a length it ends with its connection. */
  get isOver(): boolean {
    return this.#part === 'over';
  }

  get preview(): string {
    return this.#preview;
  }

  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && this.#part !== 'over' && this.complaint === undefined) {
      const isData = this.#part === 'body' || this.#part === 'chunk' || this.#part === 'rest';
      at = isData ? this.#skip(bytes, at) : this.#readLine(bytes, at);
    }
  }

  #skip(bytes: Buffer, at: number): number {
    const count = this.#part === 'rest' ? bytes.length - at : Math.min(this.#left, bytes.length - at);
    if (this.#preview.length < PREVIEW)
      this.#preview += bytes.toString('latin1', at, at + Math.min(count, PREVIEW - this.#preview.length));
    if (this.#part === 'rest') return at + count;
    this.#left -= count;
    if (this.#left === 0) this.#part = this.#part === 'chunk' ? 'after-chunk' : 'over';
    return at + count;
  }

  #readLine(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(0x0a, at);
    const next = end === -1 ? bytes.length : end + 1;
    this.#line += bytes.toString('latin1', at, next);
    if (this.#part === 'status' && !couldBeHttp(this.#line)) this.complaint = describeOther(this.#line);
    else if (this.#line.length > LONGEST_LINE) this.complaint = 'answered, but not in HTTP/1.1';
    else if (end !== -1) {
      const line = this.#line.replace(/\r?\n$/, '');
      this.#line = '';
      this.#take(line);
    }
    return next;
  }

  #take(line: string): void {
    if (this.#part === 'status') this.#begin(line);
    else if (this.#part === 'header' && line !== '') this.#header(line);
    else if (this.#part === 'header') this.#part = this.#afterHead();
    else if (this.#part === 'size') this.#chunk(line);
    else if (this.#part === 'after-chunk') this.#part = 'size';
    else if (this.#part === 'trailer' && line === '') this.#part = 'over';
  }

  #begin(line: string): void {
    const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(line)?.[1]);
    if (Number.isNaN(status)) {
      this.complaint = 'answered, but not in HTTP/1.1';
      return;
    }
    this.#length = undefined;
    this.#isChunked = false;
    this.#part = 'header';
    // 101 is final as well: another protocol follows.
    if (status >= 200 || status === 101) this.status = status;
  }

  #header(line: string): void {
    const [, name = '', rest = ''] = /^([^:\s]+)[ \t]*:(.*)/.exec(line) ?? [];
    const value = rest.trim();
    if (name.toLowerCase() === 'transfer-encoding') this.#isChunked = /(?:^|,)[ \t]*chunked$/i.test(value);
    else if (name.toLowerCase() === 'content-length' && /^\d+$/.test(value)) this.#length = Number(value);
  }

  #afterHead(): Part {
    if (this.status === undefined) return 'status';
    if (!this.#hasBody || this.status < 200 || this.status === 204 || this.status === 304) return 'over';
    if (this.#isChunked) return 'size';
    if (this.#length === undefined) return 'rest';
    this.#left = this.#length;
    return this.#left === 0 ? 'over' : 'body';
  }

  #chunk(line: string): void {
    const size = Number.parseInt(line, 16);
    this.#left = size;
    // A malformed body is read until the connection closes.
    this.#part = Number.isNaN(size) ? 'rest' : size === 0 ? 'trailer' : 'chunk';
  }
}

const couldBeHttp = (line: string): boolean => 'HTTP/'.startsWith(line.slice(0, 5));

/** A TLS server answers plain text with an alert (RFC 8446, section 6). */
function describeOther(line: string): string {
  return line.startsWith('\x15\x03') || line === '\x15' ? 'answered in TLS' : 'answered, but not in HTTP/1.1';
}
