/**
 * When the agents of a run begin, and how far their clocks may be from the server's: for a command line that is to do something in the
 * middle of their load. Runs in the sandbox of the workflow.
 */
import { defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import type { Bounds } from '../load/index.ts';
import { on } from './asking.ts';
import { asWhole, boundsOf, isClose, LOOKS, together } from './clocks.ts';
import { ASK_FOR } from './patience.ts';
import { END, SCHEDULE, type Schedule, type Seated } from './protocol.ts';

const scheduleUpdate = defineUpdate<Schedule, []>(SCHEDULE);
const endSignal = defineSignal<[]>(END);

/** Looks at the clock of an agent more often. One that does not answer is missed later. */
async function lookedAt(seated: Seated, known: Bounds): Promise<Bounds> {
  let bounds = known;
  for (let look = 0; look < LOOKS && !isClose(bounds); look += 1)
    try {
      const clock = await on(seated, { scheduleToCloseTimeout: ASK_FOR }).here();
      bounds = together(bounds, boundsOf(clock, Date.now()));
    } catch {
      return bounds;
    }
  return bounds;
}

export class Appointment {
  #startAt: number | null = null;
  #clocks: ReadonlyMap<Seated, Bounds> = new Map();
  #isEnded = false;

  constructor() {
    // The clock of an update is that of the server, after it was asked for and before it is answered.
    setHandler(scheduleUpdate, () => ({
      ...{ now: Date.now(), startAt: this.#startAt },
      ahead: [...this.#clocks].map(([{ seat }, bounds]) => [seat, asWhole(bounds)] as const),
    }));
    setHandler(endSignal, () => {
      this.#isEnded = true;
    });
  }

  /** Whether the load is to end as if it had come to its limit. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** @returns the same bounds on the clocks, only closer */
  async look(clocks: ReadonlyMap<Seated, Bounds>): Promise<ReadonlyMap<Seated, Bounds>> {
    const looks = [...clocks].map(
      async ([seated, known]) => [seated, await lookedAt(seated, known)] as const,
    );
    this.#clocks = new Map(await Promise.all(looks));
    return this.#clocks;
  }

  /** @param startAt in milliseconds since 1970, by the clock of the server */
  start(startAt: number): void {
    this.#startAt = startAt;
  }
}
