/** How much a server may say that brings no request any further, before it is a flood (RFC 9113, section 10.5). */

/**
 * So many such frames may come, and more as requests do get further: so many for each frame that is part of a response, for
 * each response, and for each byte of a request that the server lets in. A server with a PING every second, or two
 * updates of a window for a few bytes each, stays far below; one that puts a byte of a response between thousands of
 * PINGs does not.
 */
const MOST = 10_000;
export const ALLOWED = { aFrame: 100, aResponse: 1000, aByte: 1 / 16 } as const;

export class Noise {
  /** How many frames came, less those that were allowed since. */
  #frames = 0;

  get isFlood(): boolean {
    return this.#frames > MOST;
  }

  /** A frame came. Whether it brings a request further will be seen. */
  add(): void {
    this.#frames += 1;
  }

  /** A request got further. */
  allow(frames: number): void {
    this.#frames = Math.max(0, this.#frames - frames);
  }
}
