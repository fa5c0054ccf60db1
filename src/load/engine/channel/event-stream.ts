/**
 * Reads a stream of server-sent events, as browsers do.
 *
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html, "Interpreting an event stream"
 */

const LF = 10;
const CR = 13;
const COLON = 58;
const SPACE = 32;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** The largest event that is read, in bytes of its lines. */
export const LONGEST_EVENT = 16 * 1024 * 1024;

export interface StreamEvent {
  /** `message` unless the server says otherwise. */
  readonly type: string;
  readonly data: string;
  /** The last id that the server gave. */
  readonly id: string;
}

export class EventStreamReader {
  readonly #onEvent: (event: StreamEvent) => void;
  /** The beginning of a line that has not ended. */
  #line: Buffer[] = [];
  #lineLength = 0;
  /** Whether the last byte was a carriage return: a line feed after it belongs to the same end of line. */
  #afterCr = false;
  #isFirstLine = true;
  #type = '';
  #data: string[] = [];
  #dataLength = 0;
  #id = '';

  constructor(onEvent: (event: StreamEvent) => void) {
    this.#onEvent = onEvent;
  }

  /**
   * Takes the next bytes, which are only used until this returns.
   *
   * @returns false if an event is too long; then no more may be pushed
   */
  push(bytes: Buffer): boolean {
    let start = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at];
      const isRest = this.#afterCr && byte === LF;
      this.#afterCr = byte === CR;
      if (isRest) start = at + 1;
      else if (byte === LF || byte === CR) {
        this.#endLine(bytes.subarray(start, at));
        start = at + 1;
      }
    }
    if (start < bytes.length) this.#keep(bytes.subarray(start));
    return this.#lineLength + this.#dataLength <= LONGEST_EVENT;
  }

  #keep(part: Buffer): void {
    this.#line.push(Buffer.from(part));
    this.#lineLength += part.length;
  }

  #endLine(last: Buffer): void {
    let line = last;
    if (this.#line.length > 0) {
      line = Buffer.concat([...this.#line, last]);
      this.#line = [];
      this.#lineLength = 0;
    }
    if (this.#isFirstLine && line.subarray(0, BOM.length).equals(BOM)) line = line.subarray(BOM.length);
    this.#isFirstLine = false;
    if (line.length === 0) this.#dispatch();
    else this.#takeLine(line);
  }

  #takeLine(line: Buffer): void {
    const colon = line.indexOf(COLON);
    // A comment.
    if (colon === 0) return;
    const field = (colon === -1 ? line : line.subarray(0, colon)).toString();
    const from = colon === -1 ? line.length : line[colon + 1] === SPACE ? colon + 2 : colon + 1;
    const value = line.subarray(from).toString();
    if (field === 'data') {
      this.#data.push(value);
      this.#dataLength += value.length + 1;
    } else if (field === 'event') this.#type = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
  }

  #dispatch(): void {
    const data = this.#data;
    const type = this.#type;
    this.#type = '';
    if (data.length === 0) return;
    this.#data = [];
    this.#dataLength = 0;
    this.#onEvent({ type: type === '' ? 'message' : type, data: data.join('\n'), id: this.#id });
  }
}
