/**
 * A load from many machines, as the server carries it out: any agent or command line that is there hosts it, so that it outlives
 * each of them. Bundled by itself, for Temporal's sandbox: no clock, no randomness, nothing of Node.
 */
import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import type { Bounds } from '../load/index.ts';
import { fitted, type LoadReport, mergeReports } from '../load/merge/index.ts';
import { AS_LONG_AS_IT_TAKES, on } from './asking.ts';
import { aheadIn } from './clocks.ts';
import { Following } from './following.ts';
import { HeldSeats } from './held-seats.ts';
import { ASK_FOR } from './patience.ts';
import { prepared, type Ready } from './preparing.ts';
import { ROOM_OF_OUTCOME, type RunInput, type RunOutcome, type StopOrder } from './protocol.ts';
import { Appointment } from './schedule.ts';

const stopSignal = defineSignal<[string]>('stop');

const RIGHT: Bounds = { least: 0, most: 0 };

/** As long as an agent may take to begin, where the server has no time to tell it to. */
const STOPPED_WITHIN = '3m';

/** A run, from the first agent that comes. */
class Run {
  readonly #input: RunInput;
  readonly #seats: HeldSeats;
  readonly #appointment = new Appointment();
  #stoppedBy: string | null = null;
  #atAbort: LoadReport | null = null;

  constructor(input: RunInput) {
    this.#input = input;
    this.#seats = new HeldSeats(input);
    setHandler(stopSignal, (by) => {
      this.#stoppedBy ??= by;
    });
  }

  get #isStopped(): boolean {
    return this.#stoppedBy !== null;
  }

  async conduct(): Promise<RunOutcome> {
    const seats = this.#seats;
    try {
      return (await seats.complete(() => this.#isStopped)) ? await this.#carryOut() : this.#notBegun();
    } finally {
      await seats.release();
    }
  }

  #notBegun(why?: string): RunOutcome {
    const { agents, attendWithinMs } = this.#input;
    const tooFew = `only ${this.#seats.taken} of ${agents} agents came within ${attendWithinMs / 1000} s`;
    return {
      type: 'not-begun',
      why: why ?? (this.#isStopped ? 'stopped before the start' : tooFew),
      stoppedBy: this.#stoppedBy,
    };
  }

  async #carryOut(): Promise<RunOutcome> {
    const preparation = await prepared(this.#seats, this.#input, () => this.#isStopped);
    switch (preparation.type) {
      case 'refused':
        return preparation;
      case 'lost':
        return this.#notBegun(preparation.why);
      case 'stopped':
        return this.#notBegun();
      case 'ready':
        // Nobody is in: the parts end at once, with how the preparation went.
        if (preparation.isLockedOut) await this.#stop({ reason: 'locked-out' });
        return await this.#send(preparation);
    }
  }

  async #send(prepared: Ready): Promise<RunOutcome> {
    const { plan } = this.#input;
    const clocks =
      plan.departure === undefined ? prepared.clocks : await this.#appointment.look(prepared.clocks);
    const startAt = Date.now() + prepared.headstart;
    this.#appointment.start(startAt);
    let isOver = false;
    const stopOnce = async (isDue: () => boolean, reason: () => StopOrder['reason']): Promise<void> => {
      await condition(() => isDue() || isOver);
      if (!isOver) await Promise.race([this.#stop({ reason: reason() }), condition(() => isOver)]);
    };
    const ending = stopOnce(
      () => this.#appointment.isEnded,
      () => 'limit',
    );
    const stopping = stopOnce(
      () => this.#isStopped,
      () => (this.#atAbort === null ? 'interrupted' : 'aborted'),
    );
    const watching = plan.abortOn.length === 0 ? undefined : this.#watch(() => isOver);
    const following = new Following(this.#seats, plan.warmup);
    const ends = await Promise.all(
      this.#seats.all.map((seated) => following.drive(seated, startAt, aheadIn(clocks.get(seated) ?? RIGHT))),
    );
    isOver = true;
    await Promise.all([stopping, ending, watching]);
    return {
      type: 'measured',
      merged: fitted(
        mergeReports(ends.flatMap(({ report }) => (report === undefined ? [] : [report]))),
        ROOM_OF_OUTCOME.merged,
      ),
      agents: ends.map(({ fate }) => fate),
      stoppedBy: this.#stoppedBy,
      atAbort: this.#atAbort,
    };
  }

  /** Any agent can look at what all have measured; the next one does when that is lost. */
  async #watch(isOver: () => boolean): Promise<void> {
    for (const seated of this.#seats.all) {
      if (isOver()) return;
      try {
        const watch = on(seated, {
          scheduleToStartTimeout: ASK_FOR,
          startToCloseTimeout: AS_LONG_AS_IT_TAKES,
          heartbeatTimeout: '5s',
        });
        this.#atAbort = await watch.watch();
        if (this.#atAbort !== null) this.#stoppedBy ??= 'abortOn';
        return;
      } catch {
        // The next one.
      }
    }
  }

  /** An agent that is not there is missed by its drive; one that takes that late must not do so without this. */
  async #stop(order: StopOrder): Promise<void> {
    await Promise.allSettled(
      this.#seats.present.map((seated) => on(seated, { scheduleToCloseTimeout: STOPPED_WITHIN }).stop(order)),
    );
  }
}

export const shakedownLoad = (input: RunInput): Promise<RunOutcome> => new Run(input).conduct();

export { shakedownTrials } from './trials/workflow.ts';
