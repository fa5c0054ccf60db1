/** The body of an answer, gathered while it is passed on, or held back until all of it is there. */

/** How many bytes all connections of this process together may hold back. */
const MOST_HELD = 64 * 1024 * 1024;
let held = 0;

const NOTHING = Buffer.alloc(0);

/** Bytes that arrive bit by bit, in one piece: a view of each bit would take many times the memory of short chunks. */
class Growing {
  length = 0;
  #bytes: Buffer = NOTHING;

  add(from: Buffer, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(1024, length * 2));
      this.#bytes.copy(larger, 0, 0, this.length);
      this.#bytes = larger;
    }
    from.copy(this.#bytes, this.length, start, end);
    this.length = length;
  }

  clear(): void {
    this.length = 0;
  }

  get all(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }
}

export class Gathering {
  readonly isHeld: boolean;
  readonly #raw = new Growing();
  readonly #payload = new Growing();
  readonly #lastFrame = new Growing();
  readonly #limit: number;
  #length = 0;
  #held = 0;

  /** @param limit of the body in bytes */
  constructor(isHeld: boolean, limit: number) {
    this.isHeld = isHeld;
    this.#limit = limit;
  }

  /**
   * @param chunk of which the bytes from `start` to before `end` are part of the body
   * @param isData whether they belong to the body itself, or come between its chunks
   * @returns whether there was room for them; if not, the answer must be given up
   */
  add(chunk: Buffer, start: number, end: number, isData: boolean): boolean {
    const length = end - start;
    this.#length += length;
    if (this.#length > this.#limit || (this.isHeld && held + length > MOST_HELD)) return false;
    if (isData) this.#lastFrame.clear();
    (isData ? this.#payload : this.#lastFrame).add(chunk, start, end);
    if (!this.isHeld) return true;
    this.#raw.add(chunk, start, end);
    this.#held += length;
    held += length;
    return true;
  }

  /** Everything as it arrived, if it is held back. */
  get raw(): Buffer {
    return this.#raw.all;
  }

  get payload(): Buffer {
    return this.#payload.all;
  }

  /** What came after the last byte of the body. */
  get lastFrame(): Buffer {
    return this.#lastFrame.all;
  }

  /** To be called once, when it is no longer needed. */
  release(): void {
    held -= this.#held;
    this.#held = 0;
  }
}
