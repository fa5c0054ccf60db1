/** Parses the framing between the chunks of a body, and the trailers (RFC 9112, section 7.1). */
import {
  byteAt,
  COLON,
  CR,
  IS_TOKEN,
  IS_VALUE,
  isBlank,
  LARGEST,
  LF,
  MALFORMED,
  NINE,
  ZERO,
} from './bytes.ts';

/** Limit of the line before a chunk, including extensions. */
export const LONGEST_CHUNK_LINE = 16 * 1024;
/** Limit of all trailers, including the empty line. */
export const LONGEST_TRAILERS = 64 * 1024;

const SEMICOLON = 59;
const EQUALS = 61;
const QUOTE = 34;
const BACKSLASH = 92;

/** What the next byte is part of. */
const PART = {
  sizeStart: 0,
  size: 1,
  /** Whitespace that only a semicolon may follow. */
  beforeExtension: 2,
  extensionStart: 3,
  extensionName: 4,
  /** Whitespace after a name, which a value may follow. */
  afterName: 5,
  valueStart: 6,
  value: 7,
  quoted: 8,
  escaped: 9,
  afterQuoted: 10,
  sizeLf: 11,
  data: 12,
  dataCr: 13,
  dataLf: 14,
  trailerStart: 15,
  trailerName: 16,
  trailerValue: 17,
  trailerLf: 18,
  endLf: 19,
  end: 20,
} as const;

const EXTENSION = 'the extension of a chunk that is none';
const LONE_CR = 'a carriage return without a line feed';

function hexDigit(byte: number): number {
  if (byte >= ZERO && byte <= NINE) return byte - ZERO;
  const letter = byte | 0x20;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

export class ChunkReader {
  /** The size of the next chunk. */
  size = 0;
  /** What is wrong, after MALFORMED. */
  error = '';
  /** Index of the error in the buffer. */
  culprit = 0;
  #part: number = PART.sizeStart;
  /** Length of the line before a chunk, or of all trailers, so far. */
  #length = 0;

  /** Prepares for the next body. */
  reset(): void {
    this.#part = PART.sizeStart;
    this.#length = 0;
  }

  get isAtData(): boolean {
    return this.#part === PART.data;
  }

  get isAtEnd(): boolean {
    return this.#part === PART.end;
  }

  /** The data of a chunk were read. */
  afterData(): void {
    this.#part = PART.dataCr;
  }

  /** @returns the position reached: the data of a chunk, the end of the body, or `to`; or MALFORMED */
  read(buffer: Buffer, from: number, to: number): number {
    for (let at = from; at < to; at += 1) {
      const part = this.#next(byteAt(buffer, at));
      if (part === MALFORMED) {
        this.culprit = at;
        return MALFORMED;
      }
      this.#part = part;
      if (part === PART.data || part === PART.end) return at + 1;
    }
    return to;
  }

  #next(byte: number): number {
    const part = this.#part;
    if (part <= PART.sizeLf) {
      this.#length += 1;
      if (this.#length > LONGEST_CHUNK_LINE) return this.#wrong('a chunk whose size has no end');
      return part <= PART.size ? this.#sizeByte(byte) : this.#extensionByte(byte);
    }
    if (part >= PART.trailerStart) {
      this.#length += 1;
      if (this.#length > LONGEST_TRAILERS) return this.#wrong('trailers without an end');
      return this.#trailerByte(byte);
    }
    if (part === PART.dataCr)
      return byte === CR ? PART.dataLf : this.#wrong('a chunk that is longer than its size');
    this.#length = 0;
    return byte === LF ? PART.sizeStart : this.#wrong(LONE_CR);
  }

  #sizeByte(byte: number): number {
    const digit = hexDigit(byte);
    if (this.#part === PART.sizeStart) {
      if (digit < 0) return this.#wrong('a chunk without a size');
      this.size = digit;
      return PART.size;
    }
    if (digit >= 0) {
      this.size = this.size * 16 + digit;
      return this.size > LARGEST ? this.#wrong('a chunk of an absurd size') : PART.size;
    }
    if (byte === CR) return PART.sizeLf;
    if (byte === SEMICOLON) return PART.extensionStart;
    return isBlank(byte) ? PART.beforeExtension : this.#wrong('a chunk with a size that is no number');
  }

  /** `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`, and its line feed. */
  #extensionByte(byte: number): number {
    switch (this.#part) {
      case PART.beforeExtension:
      case PART.afterQuoted:
        if (isBlank(byte)) return PART.beforeExtension;
        if (byte === CR && this.#part === PART.afterQuoted) return PART.sizeLf;
        return byte === SEMICOLON ? PART.extensionStart : this.#wrong(EXTENSION);
      case PART.extensionStart:
        if (isBlank(byte)) return PART.extensionStart;
        return IS_TOKEN[byte] === 1 ? PART.extensionName : this.#wrong(EXTENSION);
      case PART.extensionName:
        if (byte === CR) return PART.sizeLf;
        return IS_TOKEN[byte] === 1 ? PART.extensionName : this.#afterName(byte);
      case PART.afterName:
        return this.#afterName(byte);
      case PART.valueStart:
        if (isBlank(byte)) return PART.valueStart;
        if (byte === QUOTE) return PART.quoted;
        return IS_TOKEN[byte] === 1 ? PART.value : this.#wrong(EXTENSION);
      case PART.value:
        if (IS_TOKEN[byte] === 1) return PART.value;
        if (byte === CR) return PART.sizeLf;
        if (isBlank(byte)) return PART.beforeExtension;
        return byte === SEMICOLON ? PART.extensionStart : this.#wrong(EXTENSION);
      case PART.quoted:
        if (byte === QUOTE) return PART.afterQuoted;
        if (byte === BACKSLASH) return PART.escaped;
        return IS_VALUE[byte] === 1 ? PART.quoted : this.#wrong(EXTENSION);
      case PART.escaped:
        return IS_VALUE[byte] === 1 ? PART.quoted : this.#wrong(EXTENSION);
      default:
        if (byte !== LF) return this.#wrong(LONE_CR);
        this.#length = 0;
        return this.size === 0 ? PART.trailerStart : PART.data;
    }
  }

  #afterName(byte: number): number {
    if (isBlank(byte)) return PART.afterName;
    if (byte === EQUALS) return PART.valueStart;
    return byte === SEMICOLON ? PART.extensionStart : this.#wrong(EXTENSION);
  }

  #trailerByte(byte: number): number {
    switch (this.#part) {
      case PART.trailerStart:
        if (byte === CR) return PART.endLf;
        return IS_TOKEN[byte] === 1 ? PART.trailerName : this.#wrong('a trailer without a name');
      case PART.trailerName:
        if (byte === COLON) return PART.trailerValue;
        return IS_TOKEN[byte] === 1 ? PART.trailerName : this.#wrong('a trailer without a name');
      case PART.trailerValue:
        if (byte === CR) return PART.trailerLf;
        return IS_VALUE[byte] === 1 ? PART.trailerValue : this.#wrong('a control character in a trailer');
      case PART.trailerLf:
        return byte === LF ? PART.trailerStart : this.#wrong(LONE_CR);
      default:
        return byte === LF ? PART.end : this.#wrong(LONE_CR);
    }
  }

  #wrong(error: string): number {
    this.error = error;
    return MALFORMED;
  }
}
