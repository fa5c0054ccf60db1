/**
 * Tells the target of a load from agents that it is to leave. No message is fast enough to tell the agents as well, so that is done by
 * appointment: from a time on that all of them know, each looks at the target as one that leaves, and the target is told as soon as that
 * time is past by all of their clocks.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { LoadPlan } from '../core/load.ts';
import type { Bounds, Departing, Told } from '../load/index.ts';
import { aheadIn, asWhole, isClose, LOOKS, together } from './clocks.ts';
import type { Schedule } from './protocol.ts';

/** In milliseconds. They begin a second after that is decided; and the server answers 2,000 updates of a run at most. */
const ASK_EVERY = 400;
/** How long agents may take to notice that the time has come, in milliseconds. */
const NOTICED_WITHIN = 100;

const now = (): number => performance.timeOrigin + performance.now();

const until = async (time: number): Promise<void> => {
  for (let left = time - now(); left > 0; left = time - now()) await delay(Math.ceil(left));
};

/** The run, as far as it takes part in this. */
export interface Appointed {
  readonly plan: Pick<LoadPlan, 'departureDueMs'>;
  readonly schedule: () => Promise<Schedule>;
  readonly end: () => void;
}

export class Telling {
  readonly #run: Appointed;
  readonly #isOver: () => boolean;
  /** How far the clock of this machine is ahead of the server's. */
  #ahead: Bounds = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };
  #told: Told | undefined;
  #isKept = false;

  /** @param isOver whether nobody waits for the run any more */
  constructor(run: Appointed, isOver: () => boolean) {
    this.#run = run;
    this.#isOver = isOver;
  }

  /** When the target was told, by what is known of all clocks; undefined: it was not. */
  get told(): Told | undefined {
    return this.#told;
  }

  /**
   * To be called once all agents are there, how often does not matter.
   *
   * @param onStart called when the load begins
   */
  async keep(onStart: (load: Departing) => void): Promise<void> {
    if (this.#isKept) return;
    this.#isKept = true;
    const schedule = await this.#schedule();
    if (schedule === undefined) return;
    await until(schedule.startAt + aheadIn(this.#ahead));
    if (this.#isOver()) return;
    onStart({ leave: () => this.#leave(schedule), end: () => this.#run.end() });
  }

  /** @returns undefined if the run is over before anything is sent */
  async #schedule(): Promise<Settled | undefined> {
    let looks = 0;
    while (!this.#isOver()) {
      const schedule = await this.#look();
      if (schedule !== undefined && isSettled(schedule)) {
        looks += 1;
        if (looks > LOOKS || isClose(this.#ahead)) return schedule;
      } else await delay(ASK_EVERY);
    }
    return undefined;
  }

  async #look(): Promise<Schedule | undefined> {
    const askedAt = now();
    try {
      const schedule = await this.#run.schedule();
      const look = { least: askedAt - schedule.now, most: now() - schedule.now };
      this.#ahead = together(this.#ahead, asWhole(look));
      return schedule;
    } catch {
      // The server may be away, or nobody may be there who carries the run out.
      return undefined;
    }
  }

  /** Resolves with nothing that is known here: how many requests are in flight is what the agents tell in the end. */
  async #leave({ startAt, ahead }: Settled): Promise<number> {
    const { least, most } = this.#ahead;
    const late = Math.max(0, ...ahead.map(([, bounds]) => aheadIn(bounds) - bounds.least));
    await until(startAt + (this.#run.plan.departureDueMs ?? 0) + late + most + NOTICED_WITHIN);
    const from = now();
    const told = (to: number): Told => ({
      ...{ at: { least: from - most, most: to - least }, startedAt: startAt, ahead: new Map(ahead) },
    });
    this.#told = told(from);
    // Whoever waits for this tells the target before anything else happens here.
    setImmediate(() => {
      this.#told = told(now());
    });
    return 0;
  }
}

type Settled = Schedule & { readonly startAt: number };

const isSettled = (schedule: Schedule): schedule is Settled => schedule.startAt !== null;
