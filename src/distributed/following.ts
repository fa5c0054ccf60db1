/** Follows each agent of a run while it sends its part, and decides who is lost. Runs in the sandbox of the workflow. */
import { condition } from '@temporalio/workflow';
import type { LoadReport } from '../load/merge/index.ts';
import type { SeatActivities } from './activities.ts';
import { AS_LONG_AS_IT_TAKES, lastHeard, on, timeoutOf, whyOf } from './asking.ts';
import { Beside } from './beside.ts';
import type { HeldSeats } from './held-seats.ts';
import { ASK_FOR, ASK_ONE_FOR, Patience } from './patience.ts';
import { type Driven, type Fate, type Seated, taskId } from './protocol.ts';

/**
 * For how long nothing is heard of an agent that is silent, in milliseconds. It is asked at once when it is silent for the first time; what
 * it has told is kept in the history with each question, so that one that is often slow to tell is not asked as often.
 */
const SILENCE = { drive: 1500, collect: 2000 };

/** @param within milliseconds that the agent has to begin with it */
const driving = (seated: Seated, type: 'drive' | 'collect', within: number): SeatActivities =>
  on(seated, {
    activityId: taskId(type, seated.seat),
    scheduleToStartTimeout: within,
    startToCloseTimeout: AS_LONG_AS_IT_TAKES,
    heartbeatTimeout: SILENCE[type],
  });

/** What an agent has come to, and what it has measured or was last heard to have. */
export interface End {
  readonly report: LoadReport | undefined;
  readonly fate: Fate;
}

export class Following {
  readonly #seats: HeldSeats;
  readonly #beside: Beside;
  readonly #warmup: number;
  /** Those that are sending, or should be. */
  readonly #driving = new Set<Seated>();
  /** Until when those among them may be silent that are asked for that: after it they have been heard again. */
  readonly #silent = new Map<Seated, number>();

  /** @param warmup of which agents tell nothing, in milliseconds */
  constructor(seats: HeldSeats, warmup: number) {
    this.#seats = seats;
    this.#beside = new Beside(seats);
    this.#warmup = warmup;
  }

  /**
   * @param startAt by the clock of the server
   * @param ahead how far that of the agent is ahead of it
   */
  async drive(seated: Seated, startAt: number, ahead: number): Promise<End> {
    this.#driving.add(seated);
    const end = await this.#follow(seated, startAt, ahead);
    this.#driving.delete(seated);
    this.#silent.delete(seated);
    if (end.fate.fate !== 'finished') this.#seats.setGone(seated);
    return end;
  }

  async #follow(seated: Seated, startAt: number, ahead: number): Promise<End> {
    const { seat: part, queue: _queue, version: _version, ...known } = seated;
    const patience = new Patience();
    let last: LoadReport | undefined;
    let hasCompany = false;
    let type: 'drive' | 'collect' = 'drive';
    let within = ASK_FOR;
    let isAskedAgain = false;
    for (;;) {
      const askedAt = Date.now();
      try {
        const { report, leftBy } = await this.#ask(seated, type, within, startAt + ahead);
        const fate = leftBy === null ? 'finished' : 'left';
        if (leftBy !== null) this.#letGo(seated);
        return { report, fate: { part, ...known, fate, why: leftBy } };
      } catch (error) {
        const timeout = timeoutOf(error);
        if (type === 'drive' && timeout === 'SCHEDULE_TO_START' && !isAskedAgain) {
          isAskedAgain = true;
          within = await this.#beside.leftToTakeIt(seated, askedAt);
          continue;
        }
        const heard = lastHeard<LoadReport>(error);
        last = heard ?? last;
        if (!this.#isSilent(seated) || heard !== undefined) hasCompany = this.#heardBeside(seated).length > 0;
        this.#silent.set(seated, Number.POSITIVE_INFINITY);
        const isTaken = timeout === 'HEARTBEAT';
        const isAlone = (): boolean =>
          hasCompany && ![...this.#driving].some((other) => other !== seated && this.#isSilent(other));
        const besideMs = isTaken && isAlone() ? await this.#besideAnswersIn(seated) : ASK_ONE_FOR;
        // The server may have been away, or the agent been stopped for a while.
        within = patience.left({
          ...{ now: Date.now(), heardAt: this.#heardAt(startAt, heard), isTaken },
          ...{ isAlone: isAlone(), besideMs },
        });
        this.#silent.set(seated, Date.now() + within + SILENCE.collect);
        const isAsked = isTaken || (type === 'collect' && timeout === 'SCHEDULE_TO_START');
        if (!isAsked || within === 0) {
          const why = this.#seats.whyLeft(seated);
          const fate = why === undefined ? 'lost' : 'left';
          return { report: last, fate: { part, ...known, fate, why: why ?? whyOf(error) } };
        }
        type = 'collect';
      }
    }
  }

  #ask(seated: Seated, type: 'drive' | 'collect', within: number, startAt: number): Promise<Driven> {
    const agent = driving(seated, type, within);
    return type === 'drive' ? agent.drive({ startAt }) : agent.collect();
  }

  /** An agent that leaves waits to be told that it has been heard. */
  #letGo(seated: Seated): void {
    this.#seats.setGone(seated);
    on(seated, { scheduleToCloseTimeout: '5s' })
      .release()
      .catch(() => {});
  }

  #isSilent(seated: Seated): boolean {
    return (this.#silent.get(seated) ?? 0) > Date.now();
  }

  /** Those that are sending and heard, and those that have finished and wait for the others. */
  #heardBeside(seated: Seated): Seated[] {
    return this.#seats.present.filter((other) => other !== seated && !this.#isSilent(other));
  }

  /** @returns milliseconds within which one that is heard beside it answers, which tells what an answer takes now */
  async #besideAnswersIn(seated: Seated): Promise<number> {
    const [other] = this.#heardBeside(seated);
    if (other === undefined) return ASK_ONE_FOR;
    const from = Date.now();
    const answer = on(other, { scheduleToCloseTimeout: ASK_ONE_FOR }).here();
    // It may have fallen silent with this one.
    await Promise.race([answer.catch(() => {}), condition(() => this.#isSilent(other))]);
    return Date.now() - from;
  }

  /** When an agent has told something, which it does after each second of the load. */
  #heardAt(startAt: number, heard: LoadReport | undefined): number | undefined {
    const measured = heard?.parts[0]?.durationMs;
    return measured === undefined ? undefined : startAt + this.#warmup + measured;
  }
}
