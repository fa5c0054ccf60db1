/**
 * A load from many machines, as the server carries it out: any agent or command line that is there hosts it, so that it outlives
 * each of them. Bundled by itself, for Temporal's sandbox: no clock, no randomness, nothing of Node.
 */
import {
  ActivityFailure,
  type ActivityOptions,
  ApplicationFailure,
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
  TimeoutFailure,
} from '@temporalio/workflow';
import { fitted, type LoadReport, mergeReports } from '../load/merge/index.ts';
import type { PoolActivities, SeatActivities } from './activities.ts';
import { clockAhead } from './clocks.ts';
import { ASK_FOR, ASK_ONE_FOR, Patience } from './patience.ts';
import {
  called,
  type Driven,
  type Fate,
  type Prepared,
  type Preparing,
  ROOM_OF_OUTCOME,
  type RunInput,
  type RunOutcome,
  type Seated,
  type StopOrder,
  taskId,
} from './protocol.ts';

export const seatedSignal = defineSignal<[Seated]>('seated');
export const stopSignal = defineSignal<[string]>('stop');

/** From when all are prepared to the start, in milliseconds: 300 was missed by 32 on a busy machine. */
const HEADSTART = 1000;
/**
 * How long nothing may be heard of one that prepares, in milliseconds: many on one machine leave each other, and the server, little time.
 * One that is gone does not take it when it is asked again, which it is much sooner.
 */
const READY_WITHIN = 60_000;
const ASK_AGAIN_AFTER = 3000;
/** One that takes it and says nothing has little time for such questions. */
const THEN_AFTER = 20_000;
const ONCE = { maximumAttempts: 1 };

/** On the queue of one agent. */
const on = ({ queue }: Seated, options: ActivityOptions): SeatActivities =>
  proxyActivities<SeatActivities>({ taskQueue: queue, retry: ONCE, ...options });

const orders = (seated: Seated): SeatActivities => on(seated, { scheduleToCloseTimeout: ASK_FOR });

/** Long enough for every load. */
const AS_LONG_AS_IT_TAKES = '30d';

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

/** The last that was heard of an agent whose task has failed. */
function lastHeard<T>(error: unknown): T | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof TimeoutFailure ? (cause.lastHeartbeatDetails as T | undefined) : undefined;
}

/** Which of its times has run out, if that is why a task has failed. */
const timeoutOf = (error: unknown): TimeoutFailure['timeoutType'] | undefined =>
  error instanceof ActivityFailure && error.cause instanceof TimeoutFailure
    ? error.cause.timeoutType
    : undefined;

const whyOf = (error: unknown): string =>
  error instanceof ActivityFailure && error.cause !== undefined && !(error.cause instanceof TimeoutFailure)
    ? error.cause.message
    : 'nothing has been heard of it';

/** What an agent has come to, and what it has measured or was last heard to have. */
interface End {
  readonly report: LoadReport | undefined;
  readonly fate: Fate;
}

/** A run, from the first agent that comes. */
class Run {
  readonly #input: RunInput;
  readonly #seats = new Map<number, Seated>();
  /** Agents that will do nothing any more. */
  readonly #gone = new Set<Seated>();
  /** Why agents have given up their seats since the start, by their parts. */
  readonly #left = new Map<number, string>();
  /** Those that are sending, or should be. */
  readonly #driving = new Set<Seated>();
  /** Until when those among them may be silent that are asked for that: after it they have been heard again. */
  readonly #silent = new Map<Seated, number>();
  #stoppedBy: string | null = null;
  #hasBegun = false;

  constructor(input: RunInput) {
    this.#input = input;
    setHandler(seatedSignal, (seated) => void this.#seats.set(seated.seat, seated));
    setHandler(stopSignal, (by) => {
      this.#stoppedBy ??= by;
    });
  }

  get #all(): Seated[] {
    return [...this.#seats.values()].sort((a, b) => a.seat - b.seat);
  }

  /** An agent that leaves before the start makes room for another. */
  async #hold(seat: number): Promise<void> {
    const { attend } = proxyActivities<PoolActivities>({
      activityId: taskId('attend', seat),
      startToCloseTimeout: AS_LONG_AS_IT_TAKES,
      heartbeatTimeout: '15s',
      retry: ONCE,
    });
    while (!this.#hasBegun) {
      try {
        await attend(seat);
        return;
      } catch (error) {
        if (isCancellation(error)) return;
        if (!this.#hasBegun) this.#seats.delete(seat);
        else if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure)
          this.#left.set(seat, error.cause.message);
      }
    }
  }

  async conduct(): Promise<RunOutcome> {
    const { agents, attendWithinMs } = this.#input;
    const holding = new CancellationScope();
    const held = holding.run(() =>
      Promise.all(Array.from({ length: agents }, (_, seat) => this.#hold(seat))),
    );
    held.catch(() => {});
    const isComplete = (): boolean => this.#seats.size === agents;
    const until = Date.now() + attendWithinMs;
    // One that has come may leave again before anybody looks.
    while (!isComplete() && this.#stoppedBy === null && Date.now() < until)
      await condition(() => isComplete() || this.#stoppedBy !== null, until - Date.now());
    this.#hasBegun = true;
    try {
      return isComplete() && this.#stoppedBy === null ? await this.#carryOut() : this.#notBegun();
    } finally {
      holding.cancel();
      await Promise.allSettled(
        this.#present.map((seated) => on(seated, { scheduleToCloseTimeout: '2s' }).release()),
      );
    }
  }

  #notBegun(why?: string): RunOutcome {
    const { agents, attendWithinMs } = this.#input;
    const stoppedBy = this.#stoppedBy;
    const tooFew = `only ${this.#seats.size} of ${agents} agents came within ${attendWithinMs / 1000} s`;
    return {
      type: 'not-begun',
      why: why ?? (stoppedBy === null ? tooFew : 'stopped before the start'),
      stoppedBy,
    };
  }

  /** @returns a refusal, or when each agent is to start, by its clock relative to the server's */
  async #prepare(): Promise<RunOutcome | ReadonlyMap<Seated, number>> {
    const { version } = this.#input;
    const others = this.#all.filter((seated) => seated.version !== version);
    if (others.length > 0)
      return {
        type: 'refused',
        why: others.map((other) => `${called(other)} is of version ${other.version}, this run of ${version}`),
      };
    const ahead = new Map<Seated, number>();
    const refused: string[] = [];
    const lost: string[] = [];
    let isIn = 0;
    let hasUsers = false;
    const prepare = async (seated: Seated): Promise<void> => {
      try {
        const prepared = await this.#askToPrepare(seated);
        if (prepared.type === 'refused') refused.push(`${called(seated)}: ${prepared.why}`);
        else {
          ahead.set(seated, clockAhead(prepared.clock, Date.now()));
          hasUsers ||= prepared.isIn !== null;
          isIn += prepared.isIn ?? 0;
        }
      } catch (error) {
        lost.push(`${called(seated)}, while it prepared its part: ${whyOf(error)}`);
      }
    };
    const all = Promise.all(this.#all.map(prepare));
    await Promise.race([all, condition(() => this.#stoppedBy !== null)]);
    if (refused.length > 0) return { type: 'refused', why: refused };
    if (lost.length > 0) return this.#notBegun(lost.join('; '));
    if (this.#stoppedBy !== null) return this.#notBegun();
    // Nobody is in: the parts end at once, with how the preparation went.
    if (hasUsers && isIn === 0) await this.#stop({ reason: 'locked-out' });
    return ahead;
  }

  async #askToPrepare(seated: Seated): Promise<Prepared> {
    const { version, planHash, agents } = this.#input;
    let within = READY_WITHIN;
    let silence = ASK_AGAIN_AFTER;
    let heardAt = Date.now();
    for (;;) {
      const askedAt = Date.now();
      try {
        return await on(seated, {
          activityId: taskId('prepare', seated.seat),
          scheduleToStartTimeout: within,
          startToCloseTimeout: AS_LONG_AS_IT_TAKES,
          heartbeatTimeout: silence,
        }).prepare({ seat: seated.seat, agents, version, planHash });
      } catch (error) {
        const told = lastHeard<Preparing>(error);
        if (told !== undefined) heardAt = askedAt + told.forMs;
        const now = Date.now();
        if (timeoutOf(error) !== 'HEARTBEAT' || now - heardAt >= READY_WITHIN) throw error;
        const asIfAll = { isAlone: false, besideMs: ASK_ONE_FOR };
        within = new Patience().left({ now, heardAt, isTaken: true, ...asIfAll });
        silence = told === undefined ? THEN_AFTER : ASK_AGAIN_AFTER;
      }
    }
  }

  async #carryOut(): Promise<RunOutcome> {
    const prepared = await this.#prepare();
    if (!(prepared instanceof Map)) return prepared as RunOutcome;
    const startAt = Date.now() + HEADSTART;
    let isOver = false;
    const stopping = condition(() => this.#stoppedBy !== null || isOver).then(() =>
      isOver ? undefined : this.#stop({ reason: this.#atAbort !== null ? 'aborted' : 'interrupted' }),
    );
    const watching = this.#input.plan.abortOn.length === 0 ? undefined : this.#watch(() => isOver);
    const ends = await Promise.all(
      this.#all.map((seated) => this.#drive(seated, startAt, prepared.get(seated) ?? 0)),
    );
    isOver = true;
    await Promise.all([stopping, watching]);
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

  #atAbort: LoadReport | null = null;

  /** Any agent can look at what all have measured; the next one does when that is lost. */
  async #watch(isOver: () => boolean): Promise<void> {
    for (const seated of this.#all) {
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

  /** Agents that are still there. */
  get #present(): Seated[] {
    return this.#all.filter((seated) => !this.#gone.has(seated));
  }

  /** An agent that is not there is missed by its drive. */
  async #stop(order: StopOrder): Promise<void> {
    await Promise.allSettled(this.#present.map((seated) => orders(seated).stop(order)));
  }

  /** An agent that leaves waits to be told that it has been heard. */
  #letGo(seated: Seated): void {
    this.#gone.add(seated);
    on(seated, { scheduleToCloseTimeout: '5s' })
      .release()
      .catch(() => {});
  }

  /**
   * @param startAt by the clock of the server
   * @param ahead how far that of the agent is ahead of it
   */
  async #drive(seated: Seated, startAt: number, ahead: number): Promise<End> {
    this.#driving.add(seated);
    const end = await this.#follow(seated, startAt, ahead);
    this.#driving.delete(seated);
    this.#silent.delete(seated);
    if (end.fate.fate !== 'finished') this.#gone.add(seated);
    return end;
  }

  async #follow(seated: Seated, startAt: number, ahead: number): Promise<End> {
    const { seat: part, queue: _queue, version: _version, ...known } = seated;
    const patience = new Patience();
    let last: LoadReport | undefined;
    let hasCompany = false;
    let type: 'drive' | 'collect' = 'drive';
    let within = ASK_FOR;
    for (;;) {
      try {
        const { report, leftBy } = await this.#ask(seated, type, within, startAt + ahead);
        const fate = leftBy === null ? 'finished' : 'left';
        if (leftBy !== null) this.#letGo(seated);
        return { report, fate: { part, ...known, fate, why: leftBy } };
      } catch (error) {
        const heard = lastHeard<LoadReport>(error);
        last = heard ?? last;
        if (!this.#isSilent(seated) || heard !== undefined) hasCompany = this.#heardBeside(seated).length > 0;
        this.#silent.set(seated, Number.POSITIVE_INFINITY);
        const timeout = timeoutOf(error);
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
          const why = this.#left.get(part);
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

  #isSilent(seated: Seated): boolean {
    return (this.#silent.get(seated) ?? 0) > Date.now();
  }

  /** Those that are sending and heard, and those that have finished and wait for the others. */
  #heardBeside(seated: Seated): Seated[] {
    return this.#present.filter((other) => other !== seated && !this.#isSilent(other));
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
    return measured === undefined ? undefined : startAt + this.#input.plan.warmup + measured;
  }
}

export const shakedownLoad = (input: RunInput): Promise<RunOutcome> => new Run(input).conduct();

export { shakedownTrials } from './trials/workflow.ts';
