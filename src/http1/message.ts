/** Reads one message after another from a connection, and classifies each byte. Copies no body. */
import { CR, INCOMPLETE, LF, MALFORMED } from './bytes.ts';
import { ChunkReader } from './chunks.ts';
import type { HeadReader } from './head.ts';
import type { RequestHeadReader } from './request-head.ts';
import type { ResponseHeadReader } from './response-head.ts';

/**
 * What follows a head. `interim`: nothing, and the final response is still to come. `tunnel`: bytes of another protocol,
 * which are not read. `unknown`: a body whose end cannot be determined.
 */
export type Body = 'none' | 'fixed' | 'chunked' | 'until-close' | 'interim' | 'tunnel' | 'unknown';

/** What the last bytes that were read belong to. */
export const PIECE = {
  /** Part of a head that is not complete yet. */
  headPart: 0,
  head: 1,
  /** Part of the body itself. */
  data: 2,
  /** Between the chunks of a body, or empty lines before a request. */
  frame: 3,
  /** Part of a tunnel, or of a body whose end cannot be determined. */
  rest: 4,
} as const;

type Piece = (typeof PIECE)[keyof typeof PIECE];

/** @see RFC 9112, section 6.3 */
export function bodyOfRequest(head: RequestHeadReader): Body {
  if (head.isChunked) return 'chunked';
  if (head.hasOtherCoding) return 'unknown';
  return head.length > 0 ? 'fixed' : 'none';
}

/**
 * @param method of the request that it answers
 * @see RFC 9112, section 6.3
 */
export function bodyOfResponse(head: ResponseHeadReader, method: string): Body {
  const { status } = head;
  if (status === 101 || (method === 'CONNECT' && status >= 200 && status < 300)) return 'tunnel';
  if (status < 200) return 'interim';
  if (method === 'HEAD' || status === 204 || status === 304) return 'none';
  if (head.isChunked) return 'chunked';
  if (head.length >= 0) return head.length === 0 ? 'none' : 'fixed';
  return 'until-close';
}

const STATE = { head: 0, fixed: 1, frame: 2, data: 3, untilClose: 4, rest: 5 } as const;
const NOTHING = Buffer.alloc(0);

export class MessageReader<Head extends HeadReader> {
  readonly head: Head;
  /** What the bytes that `next` has just read belong to. */
  piece: Piece = PIECE.headPart;
  /** Whether they end a message. */
  isEnd = false;
  /** The head that was completed last, with its empty line. Valid until `next` is called again. */
  headBytes: Buffer = NOTHING;
  /** Whether it arrived in parts, so that it is not all among the bytes given to `next`. */
  isHeadInParts = false;
  /** What follows it. */
  body: Body = 'none';
  /** What is wrong, after MALFORMED. */
  error = '';
  readonly #bodyOf: (head: Head) => Body;
  readonly #skipsBlankLines: boolean;
  readonly #chunks = new ChunkReader();
  #state: number = STATE.head;
  #left = 0;
  /** A head that has arrived in part. */
  #carry: Buffer = NOTHING;
  #carried = 0;

  /**
   * @param bodyOf says what follows a complete head
   * @param skipsBlankLines before a head, as a server should (RFC 9112, section 2.2)
   */
  constructor(head: Head, bodyOf: (head: Head) => Body, skipsBlankLines = false) {
    this.head = head;
    this.#bodyOf = bodyOf;
    this.#skipsBlankLines = skipsBlankLines;
  }

  /** Whether a message has begun and not ended. */
  get isWithin(): boolean {
    return this.#state !== STATE.head || this.#carried > 0;
  }

  /** Whether the end of the connection is the proper end of what was read: between messages, or as the end of a body. */
  get mayClose(): boolean {
    return !this.isWithin || this.#state === STATE.untilClose || this.#state === STATE.rest;
  }

  /** What has arrived of a head that is not complete. */
  get partOfHead(): Buffer {
    return this.#carry.subarray(0, this.#carried);
  }

  /**
   * Reads on, up to the end of a piece.
   *
   * @returns where that piece ends; MALFORMED if these are not messages: then no more may be read
   */
  next(buffer: Buffer, at: number, to: number): number {
    this.isEnd = false;
    switch (this.#state) {
      case STATE.head:
        return this.#readHead(buffer, at, to);
      case STATE.frame:
        return this.#readFrame(buffer, at, to);
      case STATE.fixed:
      case STATE.data:
        return this.#readData(at, to);
      case STATE.untilClose:
        this.piece = PIECE.data;
        return to;
      default:
        this.piece = PIECE.rest;
        return to;
    }
  }

  #readHead(buffer: Buffer, at: number, to: number): number {
    if (this.#carried > 0) return this.#readCarried(buffer, at, to);
    this.head.reset();
    if (this.#skipsBlankLines && (buffer[at] === CR || buffer[at] === LF)) {
      let end = at;
      while (end < to && (buffer[end] === CR || buffer[end] === LF)) end += 1;
      this.piece = PIECE.frame;
      return end;
    }
    const end = this.head.read(buffer, at, to);
    if (end === INCOMPLETE) {
      this.#carryOn(buffer, at, to);
      this.piece = PIECE.headPart;
      return to;
    }
    if (end === MALFORMED) return this.#malformed(this.head.error);
    this.isHeadInParts = false;
    this.#begin(buffer.subarray(at, end));
    return end;
  }

  #readCarried(buffer: Buffer, at: number, to: number): number {
    const before = this.#carried;
    this.#carryOn(buffer, at, to);
    const end = this.head.read(this.#carry, 0, this.#carried);
    if (end === INCOMPLETE) {
      this.piece = PIECE.headPart;
      return to;
    }
    if (end === MALFORMED) {
      // Those of this read are with the caller.
      this.#carried = before;
      return this.#malformed(this.head.error);
    }
    this.#carried = 0;
    this.isHeadInParts = true;
    this.#begin(Buffer.from(this.#carry.subarray(0, end)));
    return at + end - before;
  }

  #carryOn(buffer: Buffer, at: number, to: number): void {
    const length = this.#carried + to - at;
    if (length > this.#carry.length) {
      const larger = Buffer.allocUnsafe(Math.max(1024, length * 2));
      this.#carry.copy(larger, 0, 0, this.#carried);
      this.#carry = larger;
    }
    buffer.copy(this.#carry, this.#carried, at, to);
    this.#carried = length;
  }

  #begin(headBytes: Buffer): void {
    this.headBytes = headBytes;
    this.piece = PIECE.head;
    this.body = this.#bodyOf(this.head);
    this.#left = this.head.length;
    switch (this.body) {
      case 'none':
      case 'interim':
        this.isEnd = true;
        break;
      case 'fixed':
        this.#state = STATE.fixed;
        break;
      case 'chunked':
        this.#chunks.reset();
        this.#state = STATE.frame;
        break;
      case 'until-close':
        this.#state = STATE.untilClose;
        break;
      default:
        this.#state = STATE.rest;
    }
  }

  #readFrame(buffer: Buffer, from: number, to: number): number {
    const chunks = this.#chunks;
    const at = chunks.read(buffer, from, to);
    if (at === MALFORMED) return this.#malformed(chunks.error);
    this.piece = PIECE.frame;
    if (chunks.isAtData) {
      this.#left = chunks.size;
      this.#state = STATE.data;
    } else if (chunks.isAtEnd) this.#finish();
    return at;
  }

  #readData(at: number, to: number): number {
    const end = Math.min(to, at + this.#left);
    this.#left -= end - at;
    this.piece = PIECE.data;
    if (this.#left > 0) return end;
    if (this.#state === STATE.fixed) this.#finish();
    else {
      this.#chunks.afterData();
      this.#state = STATE.frame;
    }
    return end;
  }

  #finish(): void {
    this.#state = STATE.head;
    this.isEnd = true;
  }

  #malformed(error: string): number {
    this.error = error;
    return MALFORMED;
  }
}
