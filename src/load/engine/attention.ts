/**
 * Whether a thread keeps up with what comes in. A process that was stopped, or whose machine slept, does not: when it goes on,
 * connections may have been closed long ago without its having read that.
 */
import { formatDuration } from '../../core/units.ts';

/** In milliseconds: after that long without a look, what has come in is read before anything is sent. */
const UNREAD_AFTER = 100;
/** In milliseconds: what was lost in a pause as long is not the server's doing. */
export const STANDSTILL = 1000;
/** In beats, and so at least as many turns of the loop: a write that fails is noticed some turns after it. */
const SETTLES_IN = 10;

export class Attention {
  /** All times are by `performance.now()`. Infinite: it does not beat yet. */
  #beatAt = Number.POSITIVE_INFINITY;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isCatchingUp = false;
  /** The last standstill; how many beats on time are left until all that broke is known, and when that was. */
  #standstillMs = 0;
  #beatsLeft = 0;
  #until = Number.NEGATIVE_INFINITY;

  /** From now on it is to beat. */
  begin(now: number): void {
    this.#beatAt = now;
  }

  /** The beat before the last: what had come by then has been read. */
  get lookedAt(): number {
    return this.#lookedAt;
  }

  /**
   * To be called in short intervals, from the loop that reads.
   *
   * @returns milliseconds since the last time
   */
  beat(now: number): number {
    const gap = now - this.#beatAt;
    this.#lookedAt = this.#beatAt;
    this.#beatAt = now;
    this.#isCatchingUp = gap > UNREAD_AFTER;
    if (gap > STANDSTILL) {
      this.#standstillMs = gap;
      this.#beatsLeft = SETTLES_IN;
      this.#until = Number.POSITIVE_INFINITY;
    } else if (!this.#isCatchingUp && this.#beatsLeft > 0) {
      this.#beatsLeft -= 1;
      if (this.#beatsLeft === 0) this.#until = now;
    }
    return gap;
  }

  /** Whether something may have come in that has not been read. */
  isBehind(now: number): boolean {
    return this.#isCatchingUp || now - this.#beatAt > UNREAD_AFTER;
  }

  /**
   * @param message what has failed now
   * @param since when it began
   * @returns the message, with how long the thread stood still meanwhile, or just before; undefined if it did not
   */
  excuse(message: string, since: number, now: number): string | undefined {
    const gap = now - this.#beatAt;
    const isStill = gap > STANDSTILL;
    if (!isStill && since > this.#until) return undefined;
    return `${message}, after the load generator had stood still for ${formatDuration(isStill ? gap : this.#standstillMs)}`;
  }
}
