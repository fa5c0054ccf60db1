/** The body of an answer, gathered while it is passed on, or held back until all of it is there. */

/** How many bytes all connections of this process together may hold back. */
const MOST_HELD = 64 * 1024 * 1024;
let held = 0;

export class Gathering {
  readonly isHeld: boolean;
  /** Everything as it arrived, if it is held back. */
  readonly raw: Buffer[] = [];
  readonly #payload: Buffer[] = [];
  #lastFrame: Buffer[] = [];
  readonly #limit: number;
  #length = 0;
  #held = 0;

  /** @param limit of the body in bytes */
  constructor(isHeld: boolean, limit: number) {
    this.isHeld = isHeld;
    this.#limit = limit;
  }

  /**
   * @param bytes not used again by the caller
   * @param isData whether they belong to the body itself, or come between its chunks
   * @returns whether there was room for them; if not, the answer must be given up
   */
  add(bytes: Buffer, isData: boolean): boolean {
    this.#length += bytes.length;
    if (this.#length > this.#limit || (this.isHeld && held + bytes.length > MOST_HELD)) return false;
    if (isData) this.#lastFrame = [];
    (isData ? this.#payload : this.#lastFrame).push(bytes);
    if (!this.isHeld) return true;
    this.raw.push(bytes);
    this.#held += bytes.length;
    held += bytes.length;
    return true;
  }

  get payload(): Buffer {
    return Buffer.concat(this.#payload);
  }

  /** What came after the last byte of the body. */
  get lastFrame(): Buffer {
    return Buffer.concat(this.#lastFrame);
  }

  /** To be called once, when it is no longer needed. */
  release(): void {
    held -= this.#held;
    this.#held = 0;
  }
}
