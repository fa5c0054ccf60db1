/** Limits frames that make no progress with any request: too many are a flood (RFC 9113, section 10.5). */
/**
 * How many such frames are allowed, and how many more for each frame of a response, each response, and each byte of a
 * request that the server's window admits. A server with a PING every second, or two window updates for a few bytes,
 * stays far below; one that sends a byte of a response between thousands of PINGs does not.
 */
const MOST = 10_000;
export const ALLOWED = { aFrame: 100, aResponse: 1000, aByte: 1 / 16 } as const;

export class Noise {
  /** How many frames arrived, minus those allowed since. */
  #frames = 0;

  get isFlood(): boolean {
    return this.#frames > MOST;
  }

  /** A frame arrived. Whether it makes progress is not known yet. */
  add(): void {
    this.#frames += 1;
  }

  /** A request made progress. */
  allow(frames: number): void {
    this.#frames = Math.max(0, this.#frames - frames);
  }
}
