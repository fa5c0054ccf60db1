/**
 * Finds where each response ends, strictly by RFC 9112: a lenient generator would pass a broken server.
 *
 * All reads share one buffer. A response that is incomplete at the end of a read is copied; one that arrives in a
 * single read, as most do, is not.
 */

import { INCOMPLETE, MALFORMED } from '../../../http1/bytes.ts';
import { ChunkReader } from '../../../http1/chunks.ts';
import { type HeadFacts, ResponseHeadReader } from '../../../http1/response-head.ts';
import { allIn, headerIn, type ResponseView, type Slice } from '../response.ts';
import type { KnownHeads } from './known-heads.ts';

/** Receives responses, and knows which are expected. */
export interface ResponseSink {
  /** Whether a request is waiting for a response; otherwise bytes are an error. */
  isExpecting(): boolean;
  /** Whether the next response answers a HEAD request: then its length announces a body that never arrives. */
  expectsHead(): boolean;
  /** How many bytes of the body to keep, asked after the head was read. */
  bodyToKeep(status: number): number;
  /** A response is complete. Its bytes, in the scanner, are valid until this returns. */
  onResponse(scanner: ResponseScanner): void;
}

const EVIDENCE = 200;
/** How much is allocated at most because of an announced length; more only as the body arrives. */
const AT_ONCE = 256 * 1024;
const NOTHING = Buffer.alloc(0);

/** What the next byte is part of. */
const STATE = {
  head: 0,
  fixed: 1,
  untilClose: 2,
  /** Between the chunks, and after the last. */
  frame: 3,
  data: 4,
  /** The last response of the connection was read. */
  closed: 5,
} as const;

export class ResponseScanner implements ResponseView {
  status = 0;
  /** Whether the connection can carry another request after this response. */
  keepAlive = true;
  readonly #head: Slice = { buffer: NOTHING, start: 0, end: 0 };
  readonly body: Slice = { buffer: NOTHING, start: 0, end: 0 };
  bodyLength = 0;
  /** What is wrong, after `push` returned false. */
  error = '';
  /** The bytes concerned. */
  evidence: Buffer = NOTHING;
  /** The first bytes after the last response of the connection. */
  excess: Buffer = NOTHING;

  readonly #sink: ResponseSink;
  readonly #known: KnownHeads;
  #state: number = STATE.head;
  /** Bytes of the body, or of the chunk, that are still to come. */
  #left = 0;
  #keep = 0;
  readonly #reader = new ResponseHeadReader();
  readonly #chunks = new ChunkReader();
  /** An incomplete head, or the complete head of an incomplete response. */
  #carry: Buffer = NOTHING;
  #carried = 0;
  #store: Buffer = NOTHING;

  constructor(sink: ResponseSink, known: KnownHeads) {
    this.#sink = sink;
    this.#known = known;
  }

  /** From the status line up to the empty line. */
  get headText(): string {
    const { buffer, start, end } = this.#head;
    return buffer.toString('latin1', start, end);
  }

  header(name: string): string | undefined {
    return headerIn(this.headText, name);
  }

  all(name: string): readonly string[] {
    return allIn(this.headText, name);
  }

  /** Whether a response has started and not ended. */
  get isWithin(): boolean {
    return (this.#state !== STATE.head && this.#state !== STATE.closed) || this.#carried > 0;
  }

  /** The part of an incomplete response. */
  partial(): { head?: string; bytes?: Uint8Array } {
    if (this.#state === STATE.head) return { bytes: this.#carry.subarray(0, this.#carried) };
    const { buffer, start, end } = this.body;
    return { head: this.headText, bytes: buffer.subarray(start, end) };
  }

  /** Prepares for a new connection. */
  reset(): void {
    this.#state = STATE.head;
    this.#carried = 0;
    this.#reader.reset();
    this.excess = NOTHING;
  }

  /**
   * Takes what was read, and calls `ResponseSink.onResponse` for each response that it completes.
   *
   * @returns false if it is not HTTP: then `error` and `evidence` say why, and no more may be pushed
   */
  push(buffer: Buffer, from: number, to: number): boolean {
    let at = from;
    while (at < to && at >= 0) at = this.#advance(buffer, at, to);
    if (at < 0) return false;
    if (this.#state !== STATE.head) this.#keepPart(buffer);
    return true;
  }

  /**
   * Handles the end of the connection.
   *
   * @returns whether it is allowed here: between responses, or as the end of a body
   */
  end(): boolean {
    if (this.#state === STATE.untilClose) {
      this.#finish();
      return true;
    }
    return !this.isWithin;
  }

  #advance(buffer: Buffer, at: number, to: number): number {
    switch (this.#state) {
      case STATE.head:
        return this.#readHead(buffer, at, to);
      case STATE.fixed:
        return this.#readFixed(buffer, at, to);
      case STATE.untilClose:
        this.#take(buffer, at, to);
        return to;
      case STATE.data:
        return this.#readData(buffer, at, to);
      case STATE.closed:
        if (this.excess.length === 0)
          this.excess = Buffer.from(buffer.subarray(at, Math.min(to, at + EVIDENCE)));
        return to;
      default:
        return this.#readFrame(buffer, at, to);
    }
  }

  #readHead(buffer: Buffer, at: number, to: number): number {
    if (!this.#sink.isExpecting())
      return this.#malformed('bytes that no request asked for', buffer, at, to, at);
    if (this.#carried > 0) return this.#readCarried(buffer, at, to);
    const known = this.#known.match(buffer, at, to);
    if (known >= 0) return this.#afterHead(this.#known.facts, buffer, at, known, known);
    const end = this.#reader.read(buffer, at, to);
    if (end === INCOMPLETE) {
      this.#carryOn(buffer, at, to);
      return to;
    }
    if (end === MALFORMED) return this.#noHead(buffer, at, to);
    const { status, keepAlive, length, isChunked } = this.#reader;
    this.#known.remember(buffer, at, end, { status, keepAlive, length, isChunked });
    return this.#afterHead(this.#reader, buffer, at, end, end);
  }

  /** Continues a head that started in an earlier read. */
  #readCarried(buffer: Buffer, at: number, to: number): number {
    const before = this.#carried;
    this.#carryOn(buffer, at, to);
    const end = this.#reader.read(this.#carry, 0, this.#carried);
    if (end === INCOMPLETE) return to;
    if (end === MALFORMED) return this.#noHead(this.#carry, 0, this.#carried);
    this.#carried = 0;
    return this.#afterHead(this.#reader, this.#carry, 0, end, at + end - before);
  }

  #noHead(buffer: Buffer, start: number, to: number): number {
    const { error, culprit } = this.#reader;
    return this.#malformed(error, buffer, start, to, culprit);
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

  /**
   * Determines from the head where the body ends (RFC 9112, section 6.3).
   *
   * @param start of the head, which reaches up to `end`
   * @param next where to continue in the buffer that was read, which may not be the head's
   */
  #afterHead(facts: HeadFacts, buffer: Buffer, start: number, end: number, next: number): number {
    const head = this.#head;
    head.buffer = buffer;
    head.start = start;
    head.end = end - 4;
    const { status, length } = facts;
    this.status = status;
    this.keepAlive = facts.keepAlive;
    const { isChunked } = facts;
    this.#reader.reset();
    if (status < 200) {
      if (status !== 101) return next;
      return this.#malformed('a switch of protocols that no request asked for', buffer, start, end, start);
    }
    this.bodyLength = 0;
    this.body.start = 0;
    this.body.end = 0;
    const hasBody = status !== 204 && status !== 304 && !this.#sink.expectsHead();
    if (!hasBody || length === 0) {
      this.#finish();
      return next;
    }
    this.#keep = this.#sink.bodyToKeep(status);
    this.#left = length;
    if (isChunked) {
      this.#chunks.reset();
      this.#state = STATE.frame;
    } else if (length > 0) this.#state = STATE.fixed;
    else {
      this.keepAlive = false;
      this.#state = STATE.untilClose;
    }
    return next;
  }

  #readFixed(buffer: Buffer, at: number, to: number): number {
    const end = Math.min(to, at + this.#left);
    this.#take(buffer, at, end);
    this.#left -= end - at;
    if (this.#left === 0) this.#finish();
    return end;
  }

  #readData(buffer: Buffer, at: number, to: number): number {
    const end = Math.min(to, at + this.#left);
    this.#take(buffer, at, end);
    this.#left -= end - at;
    if (this.#left === 0) {
      this.#chunks.afterData();
      this.#state = STATE.frame;
    }
    return end;
  }

  #readFrame(buffer: Buffer, from: number, to: number): number {
    const chunks = this.#chunks;
    const at = chunks.read(buffer, from, to);
    if (at === MALFORMED)
      return this.#malformed(chunks.error, buffer, Math.max(0, chunks.culprit - 40), to, chunks.culprit);
    if (chunks.isAtData) {
      this.#left = chunks.size;
      this.#state = STATE.data;
    } else if (chunks.isAtEnd) this.#finish();
    return at;
  }

  /** Takes bytes of the body: the first are borrowed from the buffer, later ones are copied. */
  #take(buffer: Buffer, start: number, end: number): void {
    const { body } = this;
    const kept = body.end - body.start;
    this.bodyLength += end - start;
    const more = Math.min(end - start, this.#keep - kept);
    if (more <= 0) return;
    if (kept === 0) {
      body.buffer = buffer;
      body.start = start;
      body.end = start + more;
      return;
    }
    this.#storeBody(kept + more);
    buffer.copy(this.#store, kept, start, start + more);
    body.end = kept + more;
  }

  /** Copies the kept part of the body into a buffer of its own with room for `length`. */
  #storeBody(length: number): void {
    const { body } = this;
    const kept = body.end - body.start;
    const isOurs = kept > 0 && body.buffer === this.#store;
    if (isOurs && length <= this.#store.length) return;
    const store = length <= this.#store.length ? this.#store : Buffer.allocUnsafe(Math.max(1024, length * 2));
    body.buffer.copy(store, 0, body.start, body.end);
    this.#store = store;
    body.buffer = store;
    body.start = 0;
    body.end = kept;
  }

  /** Saves an incomplete response before the buffer is overwritten. */
  #keepPart(buffer: Buffer): void {
    const { body } = this;
    const head = this.#head;
    if (head.buffer === buffer) {
      const length = head.end - head.start;
      if (length > this.#carry.length) this.#carry = Buffer.allocUnsafe(Math.max(1024, length));
      buffer.copy(this.#carry, 0, head.start, head.end);
      head.buffer = this.#carry;
      head.start = 0;
      head.end = length;
    }
    if (body.buffer === buffer && body.end > body.start)
      this.#storeBody(Math.min(this.#keep, Math.max(body.end - body.start, Math.min(this.#left, AT_ONCE))));
  }

  #finish(): void {
    this.#state = this.keepAlive ? STATE.head : STATE.closed;
    this.#sink.onResponse(this);
  }

  #malformed(error: string, buffer: Buffer, start: number, to: number, culprit: number): number {
    this.error = error;
    // From the start, or from a little before the error if that is far away.
    const from = Math.max(start, culprit - EVIDENCE / 4);
    this.evidence = Buffer.from(buffer.subarray(from, Math.min(to, from + EVIDENCE)));
    return MALFORMED;
  }
}
