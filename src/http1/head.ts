/** Parses the head of a message: its first line, the headers, and what they mean for the body and the connection. */
import {
  byteAt,
  COLON,
  CR,
  INCOMPLETE,
  IS_TOKEN,
  IS_VALUE,
  isBlank,
  LARGEST,
  LF,
  MALFORMED,
  ZERO,
} from './bytes.ts';
import { Codings } from './codings.ts';

/** Limit of a head, including its empty line. */
export const LONGEST_HEAD = 64 * 1024;

const CONTENT_LENGTH = Buffer.from('content-length');
const TRANSFER_ENCODING = Buffer.from('transfer-encoding');
const CONNECTION = Buffer.from('connection');

/** What the next byte is part of. */
const PART = { first: 0, reason: 1, line: 2, name: 3, blanks: 4, value: 5 } as const;

/** Compares bytes with a lower-case name, ignoring their case. */
function isName(buffer: Buffer, start: number, name: Buffer): boolean {
  for (let i = 0; i < name.length; i += 1) if ((byteAt(buffer, start + i) | 0x20) !== name[i]) return false;
  return true;
}

/**
 * Parses a head that may arrive in parts. No byte is read twice, and errors are reported at the byte that causes them,
 * so that the result does not depend on how the bytes are split.
 */
export abstract class HeadReader {
  /** Whether the connection can carry another request after this message. */
  keepAlive = true;
  /** The content-length; -1 if there is none. */
  length = -1;
  /** What is wrong with it, after MALFORMED. */
  error = '';
  /** Index of the error in the buffer. */
  culprit = 0;
  readonly #codings = new Codings();
  /** The version is HTTP/1.0 or HTTP/1.1. */
  protected minor = 1;
  #saysClose = false;
  #saysKeepAlive = false;
  #saysUpgrade = false;
  #part: number = PART.first;
  /** Relative to the start of the head: how far it was read; where the line began, its name ended, its value began. */
  #at = 0;
  #line = 0;
  #nameEnd = 0;
  #value = 0;

  /**
   * Parses the first line up to its text, or its end.
   *
   * @returns the position reached; INCOMPLETE: call again with more; or MALFORMED
   */
  protected abstract readFirst(buffer: Buffer, start: number, to: number): number;

  get isChunked(): boolean {
    return this.#codings.isChunked;
  }

  /** Whether it has a transfer-encoding whose last coding is not chunked. */
  get hasOtherCoding(): boolean {
    return this.#codings.isThere && !this.#codings.isChunked;
  }

  /** Whether it asks for another protocol, or agrees to it. */
  get isUpgrade(): boolean {
    return this.#saysUpgrade;
  }

  /** Prepares for the next head. */
  reset(): void {
    this.#part = PART.first;
    this.#at = 0;
    this.#codings.reset();
    this.#saysClose = false;
    this.#saysKeepAlive = false;
    this.#saysUpgrade = false;
    this.length = -1;
  }

  /**
   * Continues to parse the head.
   *
   * @param start of the head; the buffer may differ each time, but contains all of the head so far
   * @param available where the bytes end
   * @returns where the head ends; INCOMPLETE; or MALFORMED, after which it must not be called again
   */
  read(buffer: Buffer, start: number, available: number): number {
    const to = Math.min(available, start + LONGEST_HEAD);
    const end = this.#readParts(buffer, start, to);
    return end === INCOMPLETE && to - start === LONGEST_HEAD
      ? this.wrong('a head without an end', start)
      : end;
  }

  #readParts(buffer: Buffer, start: number, to: number): number {
    let at = start + this.#at;
    let part = this.#part;
    while (at < to) {
      switch (part) {
        case PART.first:
          at = this.readFirst(buffer, start, to);
          if (at < 0) return at;
          part = PART.reason;
          break;
        case PART.line:
          if (byteAt(buffer, at) === CR) {
            if (at + 1 === to) return this.#pause(part, at - start);
            if (byteAt(buffer, at + 1) !== LF) return this.wrong('a carriage return without a line feed', at);
            return this.#conclude(start) ? at + 2 : MALFORMED;
          }
          this.#line = at - start;
          part = PART.name;
          break;
        case PART.name:
          while (at < to && IS_TOKEN[byteAt(buffer, at)] === 1) at += 1;
          if (at === to) break;
          if (byteAt(buffer, at) !== COLON || at - start === this.#line)
            return this.wrong('a header line without a name', start + this.#line);
          this.#nameEnd = at - start;
          at += 1;
          this.#value = at - start;
          part = PART.blanks;
          break;
        case PART.blanks:
          while (at < to && isBlank(byteAt(buffer, at))) at += 1;
          this.#value = at - start;
          if (at < to) part = PART.value;
          break;
        default: {
          while (at < to && IS_VALUE[byteAt(buffer, at)] === 1) at += 1;
          if (at === to) break;
          if (byteAt(buffer, at) !== CR) return this.#wrongByte(part, start);
          if (at + 1 === to) return this.#pause(part, at - start);
          if (byteAt(buffer, at + 1) !== LF) return this.wrong('a carriage return without a line feed', at);
          if (part === PART.value && !this.#takeField(buffer, start, at)) return MALFORMED;
          at += 2;
          part = PART.line;
        }
      }
    }
    return this.#pause(part, at - start);
  }

  #pause(part: number, at: number): number {
    this.#part = part;
    this.#at = at;
    return INCOMPLETE;
  }

  /** Takes a line that ends at `to`. */
  #takeField(buffer: Buffer, start: number, to: number): boolean {
    const name = start + this.#line;
    const value = start + this.#value;
    let end = to;
    while (end > value && isBlank(byteAt(buffer, end - 1))) end -= 1;
    const length = this.#nameEnd - this.#line;
    if (length === CONTENT_LENGTH.length && isName(buffer, name, CONTENT_LENGTH)) {
      if (this.#takeLength(buffer, value, end)) return true;
      return this.#refuse('a content-length that is no length', name);
    }
    if (length === TRANSFER_ENCODING.length && isName(buffer, name, TRANSFER_ENCODING)) {
      // In an HTTP/1.0 message it means faulty framing (RFC 9112, section 6.1).
      if (this.minor === 0) return this.#refuse('a transfer-encoding in HTTP/1.0', name);
      const error = this.#codings.add(buffer.toString('latin1', value, end));
      return error === undefined || this.#refuse(error, name);
    }
    if (length === CONNECTION.length && isName(buffer, name, CONNECTION))
      this.#takeConnection(buffer.toString('latin1', value, end));
    return true;
  }

  #takeLength(buffer: Buffer, start: number, end: number): boolean {
    // A second one is as invalid as one that is not a number.
    if (this.length >= 0 || start === end) return false;
    let length = 0;
    for (let at = start; at < end; at += 1) {
      const digit = byteAt(buffer, at) - ZERO;
      if (digit < 0 || digit > 9) return false;
      length = length * 10 + digit;
    }
    this.length = length;
    return length <= LARGEST;
  }

  #takeConnection(value: string): void {
    for (const option of value.toLowerCase().split(',')) {
      const name = option.trim();
      if (name === 'close') this.#saysClose = true;
      else if (name === 'keep-alive') this.#saysKeepAlive = true;
      else if (name === 'upgrade') this.#saysUpgrade = true;
    }
  }

  /** Checks that the headers are consistent. `close` wins over keep-alive (RFC 9112, section 9.3). */
  #conclude(start: number): boolean {
    if (this.#codings.isThere && this.length >= 0)
      return this.#refuse('both a content-length and a transfer-encoding', start);
    this.keepAlive = !this.#saysClose && (this.minor === 1 || this.#saysKeepAlive);
    return true;
  }

  #wrongByte(part: number, start: number): number {
    return part === PART.reason
      ? this.wrong('a status line without an end', start)
      : this.wrong('a control character in a header', start + this.#line);
  }

  #refuse(error: string, culprit: number): false {
    this.wrong(error, culprit);
    return false;
  }

  protected wrong(error: string, culprit: number): number {
    this.error = error;
    this.culprit = culprit;
    return MALFORMED;
  }
}
