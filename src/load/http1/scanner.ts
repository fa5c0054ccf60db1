/**
 * Finds where each response ends, as RFC 9112 has it, and nothing more lenient than that: a generator that guesses
 * would call a lying server well.
 *
 * Bytes come in one buffer that is used again for the next read. What is not whole by the end of a read is copied;
 * a response that lies in one read, as most do, never is.
 */

import type { ResponseView, Slice } from '../response.ts';
import type { KnownHead } from './known-head.ts';

/** Who is told of responses, and says which are expected. */
export interface ResponseSink {
  /** Whether a request is waiting for a response; bytes that nobody asked for are an error. */
  isExpecting(): boolean;
  /** Whether the next response answers a HEAD request: then its length is that of a body which does not come. */
  expectsHead(): boolean;
  /** How much of the body of the response whose head was just read is to be kept, in bytes. */
  bodyToKeep(status: number): number;
  /** A whole response. Its bytes, in the scanner, are there until this returns. */
  onResponse(scanner: ResponseScanner): void;
}

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;
const COLON = 58;
const ZERO = 48;
const NINE = 57;

/** A head longer than this is no head; also the most that trailers and the extensions of chunks may take. */
const LONGEST_HEAD = 64 * 1024;
const EVIDENCE = 200;
/** What a chunk or a body may at most claim to hold: more is not told apart from nonsense. */
const LARGEST = Number.MAX_SAFE_INTEGER;

const INCOMPLETE = -1;
const MALFORMED = -2;

/** Which bytes may be in the name of a header. */
const IS_TOKEN = new Uint8Array(256);
for (const char of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
  IS_TOKEN[char.charCodeAt(0)] = 1;
/** Which bytes may be in its value. */
const IS_VALUE = new Uint8Array(256).fill(1, SPACE);
IS_VALUE[TAB] = 1;
IS_VALUE[127] = 0;

const PREFIX = Buffer.from('HTTP/1.');
const CONTENT_LENGTH = Buffer.from('content-length');
const TRANSFER_ENCODING = Buffer.from('transfer-encoding');
const CONNECTION = Buffer.from('connection');
const NOTHING = Buffer.alloc(0);

/** What the next byte is part of. */
const STATE = {
  head: 0,
  fixed: 1,
  untilClose: 2,
  sizeStart: 3,
  size: 4,
  extension: 5,
  sizeLf: 6,
  data: 7,
  dataCr: 8,
  dataLf: 9,
  trailerStart: 10,
  trailerName: 11,
  trailerValue: 12,
  trailerLf: 13,
  endLf: 14,
  closed: 15,
} as const;

const byteAt = (buffer: Buffer, at: number): number => buffer[at] as number;

/** Whether bytes are a lower-case name, whatever their case. */
function isName(buffer: Buffer, start: number, name: Buffer): boolean {
  for (let i = 0; i < name.length; i += 1) if ((byteAt(buffer, start + i) | 0x20) !== name[i]) return false;
  return true;
}

function hexDigit(byte: number): number {
  if (byte >= ZERO && byte <= NINE) return byte - ZERO;
  const letter = byte | 0x20;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

export class ResponseScanner implements ResponseView {
  status = 0;
  /** Whether the connection can carry another request after this response. */
  keepAlive = true;
  readonly #head: Slice = { buffer: NOTHING, start: 0, end: 0 };
  readonly body: Slice = { buffer: NOTHING, start: 0, end: 0 };
  bodyLength = 0;
  /** What is wrong with what came, after `push` returned false. */
  error = '';
  /** The bytes that it is about. */
  evidence: Buffer = NOTHING;
  /** What came after a response that is the last on its connection, the start of it; empty: nothing. */
  excess: Buffer = NOTHING;

  readonly #sink: ResponseSink;
  readonly #known: KnownHead;
  #state: number = STATE.head;
  /** Bytes of the body, or of the chunk, that are still to come. */
  #left = 0;
  #keep = 0;
  /** Bytes of trailers and extensions so far. */
  #extra = 0;
  #isChunked = false;
  #saysClose = false;
  #saysKeepAlive = false;
  #length = -1;
  /** The start of a head that is not whole yet, or the whole head of a response that is not. */
  #carry: Buffer = NOTHING;
  #carried = 0;
  #store: Buffer = NOTHING;

  constructor(sink: ResponseSink, known: KnownHead) {
    this.#sink = sink;
    this.#known = known;
  }

  /** From the status line to the empty line, without it. */
  get headText(): string {
    const { buffer, start, end } = this.#head;
    return buffer.toString('latin1', start, end);
  }

  header(name: string): string | undefined {
    const wanted = name.toLowerCase();
    const values = this.headText
      .split('\r\n')
      .slice(1)
      .flatMap((line) => {
        const colon = line.indexOf(':');
        return line.slice(0, colon).toLowerCase() === wanted ? [line.slice(colon + 1).trim()] : [];
      });
    return values.length === 0 ? undefined : values.join(', ');
  }

  /** Whether the bytes of a response have begun to come and not ended. */
  get isWithin(): boolean {
    return (this.#state !== STATE.head && this.#state !== STATE.closed) || this.#carried > 0;
  }

  /** What there is of a response that is not whole. */
  partial(): { head?: string; bytes?: Uint8Array } {
    if (this.#state === STATE.head) return { bytes: this.#carry.subarray(0, this.#carried) };
    const { buffer, start, end } = this.body;
    return { head: this.headText, bytes: buffer.subarray(start, end) };
  }

  /** Forgets what came so far: for a new connection. */
  reset(): void {
    this.#state = STATE.head;
    this.#carried = 0;
    this.excess = NOTHING;
  }

  /**
   * Takes what was read. `ResponseSink.onResponse` is called for each response that it completes.
   *
   * @returns false when this is no HTTP; then `error` and `evidence` say why, and no more may be pushed
   */
  push(buffer: Buffer, from: number, to: number): boolean {
    let at = from;
    while (at < to && at >= 0) at = this.#advance(buffer, at, to);
    if (at < 0) return false;
    if (this.#state !== STATE.head) this.#keepPart(buffer);
    return true;
  }

  /**
   * Takes the end of the connection.
   *
   * @returns whether it was allowed here: between responses, or at the end of a body that lasts until then
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
    const end = this.#recall(buffer, at, to);
    if (end === INCOMPLETE) {
      this.#carryOn(buffer, at, to);
      return to;
    }
    if (end === MALFORMED) return MALFORMED;
    this.#setHead(buffer, at, end);
    return this.#afterHead(end);
  }

  /** Goes on with a head of which a part was in an earlier read. */
  #readCarried(buffer: Buffer, at: number, to: number): number {
    const before = this.#carried;
    this.#carryOn(buffer, at, to);
    // A head is only worth another look when a line of it has ended.
    const isLonger = before < PREFIX.length + 6 || buffer.subarray(at, to).includes(LF);
    const end = isLonger ? this.#parse(this.#carry, 0, this.#carried) : INCOMPLETE;
    if (end === INCOMPLETE) {
      if (this.#carried <= LONGEST_HEAD) return to;
      return this.#malformed('a head without an end', this.#carry, 0, this.#carried, 0);
    }
    if (end === MALFORMED) return MALFORMED;
    this.#setHead(this.#carry, 0, end);
    this.#carried = 0;
    return this.#afterHead(at + end - before);
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

  #setHead(buffer: Buffer, start: number, end: number): void {
    this.#head.buffer = buffer;
    this.#head.start = start;
    this.#head.end = end - 4;
  }

  /** `#parse`, but for a head that is the one before. */
  #recall(buffer: Buffer, at: number, to: number): number {
    const known = this.#known;
    const recalled = known.match(buffer, at, to);
    if (recalled >= 0) {
      const { status, keepAlive, length, isChunked } = known.facts;
      this.status = status;
      this.keepAlive = keepAlive;
      this.#length = length;
      this.#isChunked = isChunked;
      return recalled;
    }
    const end = this.#parse(buffer, at, to);
    if (end >= 0) {
      const { status, keepAlive } = this;
      const facts = { status, keepAlive, length: this.#length, isChunked: this.#isChunked };
      known.remember(buffer, at, end, facts);
    }
    return end;
  }

  /** Reads one whole head into the fields; returns where it ends, or that it is not whole, or not one. */
  #parse(buffer: Buffer, start: number, to: number): number {
    let at = this.#parseStatusLine(buffer, start, to);
    if (at < 0) return at;
    this.#length = -1;
    this.#isChunked = false;
    this.#saysClose = false;
    this.#saysKeepAlive = false;
    let hasEncoding = false;
    while (at + 1 < to) {
      if (byteAt(buffer, at) === CR) {
        if (byteAt(buffer, at + 1) !== LF)
          return this.#malformed('a carriage return without a line feed', buffer, start, to, at);
        if (hasEncoding && this.#length >= 0)
          return this.#malformed('both a content-length and a transfer-encoding', buffer, start, to, start);
        if (this.#saysKeepAlive) this.keepAlive = true;
        if (this.#saysClose || (hasEncoding && !this.#isChunked)) this.keepAlive = false;
        return at + 2;
      }
      const name = at;
      while (at < to && IS_TOKEN[byteAt(buffer, at)] === 1) at += 1;
      if (at === to) return INCOMPLETE;
      if (byteAt(buffer, at) !== COLON || at === name)
        return this.#malformed('a header line without a name', buffer, start, to, name);
      const nameLength = at - name;
      at += 1;
      while (at < to && (byteAt(buffer, at) === SPACE || byteAt(buffer, at) === TAB)) at += 1;
      const value = at;
      while (at < to && IS_VALUE[byteAt(buffer, at)] === 1) at += 1;
      if (at === to) return INCOMPLETE;
      if (byteAt(buffer, at) !== CR)
        return this.#malformed('a control character in a header', buffer, start, to, name);
      if (at + 1 === to) return INCOMPLETE;
      if (byteAt(buffer, at + 1) !== LF)
        return this.#malformed('a carriage return without a line feed', buffer, start, to, at);
      let end = at;
      while (end > value && (byteAt(buffer, end - 1) === SPACE || byteAt(buffer, end - 1) === TAB)) end -= 1;
      at += 2;
      if (nameLength === 14 && isName(buffer, name, CONTENT_LENGTH)) {
        if (!this.#parseLength(buffer, value, end))
          return this.#malformed('a content-length that is no length', buffer, start, to, name);
      } else if (nameLength === 17 && isName(buffer, name, TRANSFER_ENCODING)) {
        hasEncoding = true;
        this.#isChunked = /(?:^|,)[ \t]*chunked$/i.test(buffer.toString('latin1', value, end));
        if (byteAt(buffer, start + 7) === ZERO)
          return this.#malformed('a transfer-encoding in HTTP/1.0', buffer, start, to, name);
      } else if (nameLength === 10 && isName(buffer, name, CONNECTION))
        this.#parseConnection(buffer, value, end);
    }
    return INCOMPLETE;
  }

  #parseStatusLine(buffer: Buffer, start: number, to: number): number {
    const known = Math.min(PREFIX.length, to - start);
    for (let i = 0; i < known; i += 1)
      if (buffer[start + i] !== PREFIX[i])
        return this.#malformed('this is not HTTP/1.1', buffer, start, to, start);
    // "HTTP/1.1 200" and at least a line feed after it.
    if (to - start < 14) return INCOMPLETE;
    const minor = byteAt(buffer, start + 7) - ZERO;
    const hundreds = byteAt(buffer, start + 9) - ZERO;
    const tens = byteAt(buffer, start + 10) - ZERO;
    const ones = byteAt(buffer, start + 11) - ZERO;
    const after = byteAt(buffer, start + 12);
    const isDigits = hundreds >= 1 && hundreds <= 9 && tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9;
    if ((minor !== 0 && minor !== 1) || byteAt(buffer, start + 8) !== SPACE || !isDigits)
      return this.#malformed('this is not a status line of HTTP/1.1', buffer, start, to, start);
    if (after !== SPACE && after !== CR)
      return this.#malformed('this is not a status line of HTTP/1.1', buffer, start, to, start);
    let at = start + 12;
    while (at < to && IS_VALUE[byteAt(buffer, at)] === 1) at += 1;
    if (at === to || (at + 1 === to && byteAt(buffer, at) === CR)) return INCOMPLETE;
    if (byteAt(buffer, at) !== CR || byteAt(buffer, at + 1) !== LF)
      return this.#malformed('a status line without an end', buffer, start, to, start);
    this.status = hundreds * 100 + tens * 10 + ones;
    this.keepAlive = minor === 1;
    return at + 2;
  }

  #parseLength(buffer: Buffer, start: number, end: number): boolean {
    // A second one is as doubtful as one that is no number.
    if (this.#length >= 0 || start === end) return false;
    let length = 0;
    for (let at = start; at < end; at += 1) {
      const digit = byteAt(buffer, at) - ZERO;
      if (digit < 0 || digit > 9) return false;
      length = length * 10 + digit;
    }
    this.#length = length;
    return length <= LARGEST;
  }

  #parseConnection(buffer: Buffer, start: number, end: number): void {
    for (const token of buffer.toString('latin1', start, end).toLowerCase().split(',')) {
      const name = token.trim();
      if (name === 'close') this.#saysClose = true;
      else if (name === 'keep-alive') this.#saysKeepAlive = true;
    }
  }

  /** Decides, from a whole head, where the body ends. */
  #afterHead(at: number): number {
    const { status } = this;
    const head = this.#head;
    if (status < 200) {
      if (status === 101)
        return this.#malformed(
          'a switch of protocols that no request asked for',
          head.buffer,
          head.start,
          head.end,
          0,
        );
      return at;
    }
    this.bodyLength = 0;
    this.body.start = 0;
    this.body.end = 0;
    this.#extra = 0;
    const hasBody = status !== 204 && status !== 304 && !this.#sink.expectsHead();
    if (!hasBody || this.#length === 0) {
      this.#finish();
      return at;
    }
    this.#keep = this.#sink.bodyToKeep(status);
    this.#left = this.#length;
    if (this.#isChunked) this.#state = STATE.sizeStart;
    else if (this.#length > 0) this.#state = STATE.fixed;
    else {
      this.keepAlive = false;
      this.#state = STATE.untilClose;
    }
    return at;
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
    if (this.#left === 0) this.#state = STATE.dataCr;
    return end;
  }

  /** What stands between the chunks, and after the last: a byte at a time. */
  #readFrame(buffer: Buffer, from: number, to: number): number {
    for (let at = from; at < to; at += 1) {
      const next = this.#frameByte(byteAt(buffer, at));
      if (next === MALFORMED) return this.#malformed(this.error, buffer, Math.max(0, at - 40), to, at);
      this.#state = next;
      if (next === STATE.data) return at + 1;
      if (next === STATE.head) {
        this.#finish();
        return at + 1;
      }
    }
    return to;
  }

  #frameByte(byte: number): number {
    switch (this.#state) {
      case STATE.sizeStart: {
        const digit = hexDigit(byte);
        if (digit < 0) return this.#wrong('a chunk without a size');
        this.#left = digit;
        return STATE.size;
      }
      case STATE.size: {
        const digit = hexDigit(byte);
        if (digit >= 0) {
          this.#left = this.#left * 16 + digit;
          return this.#left > LARGEST ? this.#wrong('a chunk of an absurd size') : STATE.size;
        }
        if (byte === CR) return STATE.sizeLf;
        if (byte === 59 || byte === SPACE || byte === TAB) return STATE.extension;
        return this.#wrong('a chunk with a size that is no number');
      }
      case STATE.extension:
        if (byte === CR) return STATE.sizeLf;
        return this.#extraByte(byte, STATE.extension, 'the extension of a chunk');
      case STATE.sizeLf:
        if (byte !== LF) return this.#wrong('a carriage return without a line feed');
        return this.#left === 0 ? STATE.trailerStart : STATE.data;
      case STATE.dataCr:
        return byte === CR ? STATE.dataLf : this.#wrong('a chunk that is longer than its size');
      case STATE.dataLf:
        return byte === LF ? STATE.sizeStart : this.#wrong('a carriage return without a line feed');
      case STATE.trailerStart:
        if (byte === CR) return STATE.endLf;
        return IS_TOKEN[byte] === 1 ? STATE.trailerName : this.#wrong('a trailer without a name');
      case STATE.trailerName:
        if (byte === COLON) return STATE.trailerValue;
        if (IS_TOKEN[byte] !== 1) return this.#wrong('a trailer without a name');
        return this.#extraByte(byte, STATE.trailerName, 'a trailer');
      case STATE.trailerValue:
        if (byte === CR) return STATE.trailerLf;
        return this.#extraByte(byte, STATE.trailerValue, 'a trailer');
      case STATE.trailerLf:
        return byte === LF ? STATE.trailerStart : this.#wrong('a carriage return without a line feed');
      default:
        return byte === LF ? STATE.head : this.#wrong('a carriage return without a line feed');
    }
  }

  #extraByte(byte: number, state: number, what: string): number {
    this.#extra += 1;
    if (IS_VALUE[byte] !== 1) return this.#wrong(`a control character in ${what}`);
    return this.#extra > LONGEST_HEAD ? this.#wrong(`${what} without an end`) : state;
  }

  #wrong(error: string): number {
    this.error = error;
    return MALFORMED;
  }

  /** Bytes of the body. The first are borrowed from the buffer, later ones collected. */
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

  /** Moves what is kept of the body into a buffer of our own that has room for `length`. */
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

  /** The buffer is about to be overwritten, and the response is not whole. */
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
      this.#storeBody(Math.min(this.#keep, Math.max(body.end - body.start, this.#left)));
  }

  #finish(): void {
    this.#state = this.keepAlive ? STATE.head : STATE.closed;
    this.#sink.onResponse(this);
  }

  #malformed(error: string, buffer: Buffer, start: number, to: number, culprit: number): number {
    this.error = error;
    // From the start of what is wrong, or a little before where that is far on.
    const from = Math.max(start, culprit - EVIDENCE / 4);
    this.evidence = Buffer.from(buffer.subarray(from, Math.min(to, from + EVIDENCE)));
    return MALFORMED;
  }
}
