import type { HeadFacts } from '../../../http1/response-head.ts';

/** Longer heads are parsed each time. */
const LONGEST = 2048;

/**
 * Caches the last parsed head, for all connections of a thread. A server repeats the same head, byte for byte, until
 * its clock reaches the next second, and comparing four bytes at a time is several times as fast as parsing.
 */
export class KnownHead {
  facts: HeadFacts = { status: 0, keepAlive: false, length: -1, isChunked: false };
  readonly #buffer: Buffer;
  readonly #words: Int32Array;
  readonly #known = new Int32Array(LONGEST / 4);
  readonly #knownBytes = new Uint8Array(this.#known.buffer);
  #length = 0;

  /** @param buffer that all connections read into; only heads in it are compared */
  constructor(buffer: Buffer) {
    this.#buffer = buffer;
    this.#words = new Int32Array(buffer.buffer, buffer.byteOffset, buffer.length >>> 2);
  }

  /** @returns where the known head ends, if it is at `at`; otherwise -1 */
  match(buffer: Buffer, at: number, to: number): number {
    const length = this.#length;
    if (length === 0 || to - at < length || buffer !== this.#buffer || (at & 3) !== 0) return -1;
    const words = this.#words;
    const known = this.#known;
    const whole = length >>> 2;
    const from = at >>> 2;
    for (let i = 0; i < whole; i += 1) if (words[from + i] !== known[i]) return -1;
    for (let i = whole << 2; i < length; i += 1) if (buffer[at + i] !== this.#knownBytes[i]) return -1;
    return at + length;
  }

  /** Caches the head from `at` to `end`. */
  remember(buffer: Buffer, at: number, end: number, facts: HeadFacts): void {
    if (buffer !== this.#buffer || (at & 3) !== 0 || end - at > LONGEST) return;
    const words = this.#words;
    const known = this.#known;
    const whole = (end - at + 3) >>> 2;
    const from = at >>> 2;
    for (let i = 0; i < whole; i += 1) known[i] = words[from + i] as number;
    this.#length = end - at;
    this.facts = facts;
  }
}
