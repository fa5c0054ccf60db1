/**
 * Tells one that is gone from a server that has no time to ask anybody: then others do not answer either. Runs in the sandbox of the workflow.
 */
import { condition } from '@temporalio/workflow';
import { on } from './asking.ts';
import type { HeldSeats } from './held-seats.ts';
import { leftToTakeIt } from './patience.ts';
import type { Seated } from './protocol.ts';

/** In milliseconds. */
const ANSWERED_WITHIN = 60_000;
/** So many are asked, as some of them may be gone. */
const FEW = 3;

export class Beside {
  readonly #seats: HeldSeats;
  /** One question is enough for all who wait, or they would leave the server still less time. */
  #asking: Promise<number> | undefined;

  constructor(seats: HeldSeats) {
    this.#seats = seats;
  }

  /**
   * Of one that has not taken what it was asked.
   *
   * @param askedAt when that was, in milliseconds since 1970
   * @returns for how many milliseconds it may take that when it is asked again, once another one has answered, or the server misses
   * the heartbeats of its seat as well
   */
  async leftToTakeIt(seated: Seated, askedAt: number): Promise<number> {
    const askedFor = Date.now() - askedAt;
    let answeredIn: number | undefined;
    this.#asking ??= this.#ask();
    this.#asking.then(
      (ms) => {
        answeredIn = ms;
      },
      () => {},
    );
    await condition(() => answeredIn !== undefined || !this.#seats.isHeld(seated), ANSWERED_WITHIN);
    return leftToTakeIt(askedFor, answeredIn);
  }

  /** @returns within how many milliseconds the first one has answered */
  async #ask(): Promise<number> {
    const from = Date.now();
    try {
      await Promise.any(
        this.#seats.present
          .slice(0, FEW)
          .map((other) => on(other, { scheduleToCloseTimeout: ANSWERED_WITHIN }).here()),
      );
      return Date.now() - from;
    } finally {
      this.#asking = undefined;
    }
  }
}
