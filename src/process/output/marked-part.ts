/** What a process prints after a mark: the first part of it, within bounds. */
const MOST_BYTES = 64 * 1024;

export class MarkedPart {
  readonly #parts: Buffer[] = [];
  #left = MOST_BYTES;
  /** Whether more has come than was kept. */
  isCut = false;

  /** Whether it begins in the middle of a line. */
  readonly startsWithin: boolean;

  constructor(startsWithin: boolean) {
    this.startsWithin = startsWithin;
  }

  /** @param bytes whole lines, or the last one without its end; may be reused by the caller afterwards */
  take(bytes: Buffer): void {
    if (this.#left > 0) this.#parts.push(Buffer.from(bytes.subarray(0, this.#left)));
    if (bytes.length > this.#left) this.isCut = true;
    this.#left = Math.max(0, this.#left - bytes.length);
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString('utf8');
  }
}
