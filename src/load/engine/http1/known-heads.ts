import type { HeadFacts } from '../../../http1/response-head.ts';

/** Longer heads are parsed each time. */
const LONGEST = 2048;
/** As many kinds of responses as a load usually has; more of them are parsed more often. */
const KEPT = 4;

interface Head {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  length: number;
  facts: HeadFacts;
}

function noHead(): Head {
  const words = new Int32Array(LONGEST / 4);
  const facts = { status: 0, keepAlive: false, length: -1, isChunked: false };
  return { words, bytes: new Uint8Array(words.buffer), length: 0, facts };
}

/**
 * Caches the last parsed heads, for all connections of a thread. A server repeats the same head to the same request, byte
 * for byte, until its clock reaches the next second, and comparing four bytes at a time is several times as fast as
 * parsing. Heads of other requests differ early: in their status, or their length.
 */
export class KnownHeads {
  readonly #buffer: Buffer;
  readonly #words: Int32Array;
  readonly #heads = Array.from({ length: KEPT }, noHead);
  /** The head that was met last: the likeliest to be met again. */
  #last = this.#heads[0] as Head;
  /** Which is forgotten next. */
  #oldest = 0;

  /** @param buffer that all connections read into; only heads in it are compared */
  constructor(buffer: Buffer) {
    this.#buffer = buffer;
    this.#words = new Int32Array(buffer.buffer, buffer.byteOffset, buffer.length >>> 2);
  }

  /** What the head says that `match` has found. */
  get facts(): HeadFacts {
    return this.#last.facts;
  }

  /** @returns where the head at `at` ends, if it is known; otherwise -1 */
  match(buffer: Buffer, at: number, to: number): number {
    if (buffer !== this.#buffer || (at & 3) !== 0) return -1;
    const last = this.#last;
    if (this.#isAt(last, at, to)) return at + last.length;
    for (const head of this.#heads)
      if (head !== last && this.#isAt(head, at, to)) {
        this.#last = head;
        return at + head.length;
      }
    return -1;
  }

  #isAt({ words: known, bytes, length }: Head, at: number, to: number): boolean {
    if (length === 0 || to - at < length) return false;
    const words = this.#words;
    const whole = length >>> 2;
    const from = at >>> 2;
    for (let i = 0; i < whole; i += 1) if (words[from + i] !== known[i]) return false;
    for (let i = whole << 2; i < length; i += 1) if (this.#buffer[at + i] !== bytes[i]) return false;
    return true;
  }

  /** Caches the head from `at` to `end`. */
  remember(buffer: Buffer, at: number, end: number, facts: HeadFacts): void {
    if (buffer !== this.#buffer || (at & 3) !== 0 || end - at > LONGEST) return;
    const head = this.#heads[this.#oldest] as Head;
    this.#oldest = (this.#oldest + 1) % KEPT;
    const whole = (end - at + 3) >>> 2;
    const from = at >>> 2;
    for (let i = 0; i < whole; i += 1) head.words[i] = this.#words[from + i] as number;
    head.length = end - at;
    head.facts = facts;
    this.#last = head;
  }
}
