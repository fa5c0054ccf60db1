/** Has all agents of a run prepare their parts. Runs in the sandbox of the workflow. */
import { condition } from '@temporalio/workflow';
import type { Bounds } from '../load/index.ts';
import { AS_LONG_AS_IT_TAKES, isWithoutSeat, lastHeard, on, timeoutOf, whyOf } from './asking.ts';
import { Beside } from './beside.ts';
import { aheadIn, boundsOf } from './clocks.ts';
import type { HeldSeats } from './held-seats.ts';
import { ASK_ONE_FOR, Patience } from './patience.ts';
import { called, type Prepared, type Preparing, type RunInput, type Seated, taskId } from './protocol.ts';

/**
 * How long nothing may be heard of one that prepares, in milliseconds: many on one machine leave each other, and the server, little time.
 * One that is gone does not take it when it is asked again, which it is much sooner.
 */
const READY_WITHIN = 60_000;
const ASK_AGAIN_AFTER = 3000;
/** One that takes it and says nothing has little time for such questions. */
const THEN_AFTER = 20_000;

/**
 * From when all are prepared to the start, in milliseconds: 300 was missed by 32 on a busy machine. Where the server has taken longer than
 * that to ask them, it does so to start them.
 */
const HEADSTART = { least: 1000, most: 10_000 };

export interface Ready {
  readonly type: 'ready';
  /** How far the clock of each is ahead of the server's, in milliseconds. */
  readonly clocks: ReadonlyMap<Seated, Bounds>;
  /** How many milliseconds before the start they are to be told of it. */
  readonly headstart: number;
  /** There are users, and none of them has got in. */
  readonly isLockedOut: boolean;
}

export type Preparation =
  | Ready
  | { readonly type: 'refused'; readonly why: readonly string[] }
  | { readonly type: 'lost'; readonly why: string }
  | { readonly type: 'stopped' };

/** @param isStopped whether nobody wants it any more */
export async function prepared(
  seats: HeldSeats,
  input: RunInput,
  isStopped: () => boolean,
): Promise<Preparation> {
  const { version } = input;
  const others = seats.all.filter((seated) => seated.version !== version);
  if (others.length > 0)
    return {
      type: 'refused',
      why: others.map((other) => `${called(other)} is of version ${other.version}, this run of ${version}`),
    };
  const beside = new Beside(seats);
  const clocks = new Map<Seated, Bounds>();
  let slowest = 0;
  const refused: string[] = [];
  const lost: string[] = [];
  let isIn = 0;
  let hasUsers = false;
  const prepare = async (first: Seated): Promise<void> => {
    const { seated, askedAt, answer } = await partPrepared(first, seats, beside, input);
    if (answer.type === 'refused') refused.push(`${called(seated)}: ${answer.why}`);
    else if (answer.type === 'lost') lost.push(`${called(seated)}, ${answer.why}`);
    else {
      const clock = boundsOf(answer.clock, Date.now());
      clocks.set(seated, clock);
      slowest = Math.max(slowest, answer.clock.receivedAt - aheadIn(clock) - askedAt);
      hasUsers ||= answer.isIn !== null;
      isIn += answer.isIn ?? 0;
    }
  };
  await Promise.race([Promise.all(seats.all.map(prepare)), condition(isStopped)]);
  if (refused.length > 0) return { type: 'refused', why: refused };
  if (lost.length > 0) return { type: 'lost', why: lost.join('; ') };
  if (isStopped()) return { type: 'stopped' };
  const headstart = Math.min(Math.max(HEADSTART.least, 2 * slowest), HEADSTART.most);
  return { type: 'ready', clocks, headstart, isLockedOut: hasUsers && isIn === 0 };
}

/** What comes of a part that is to be prepared. */
type Answer = Prepared | { readonly type: 'lost'; readonly why: string };

/** @returns who has it in the end: one that was gone before it could have sent anything for it has made room for another */
async function partPrepared(
  first: Seated,
  seats: HeldSeats,
  beside: Beside,
  input: RunInput,
): Promise<{ readonly seated: Seated; readonly askedAt: number; readonly answer: Answer }> {
  let seated = first;
  for (let again = 1; ; again += 1) {
    const askedAt = Date.now();
    const answer = await askToPrepare(seated, beside, input);
    if (answer !== undefined) return { seated, askedAt, answer };
    const other = await seats.replace(seated, again);
    if (other === undefined) {
      const why = 'before it prepared its part, and no other came';
      return { seated, askedAt, answer: { type: 'lost', why } };
    }
    seated = other;
  }
}

/** @returns undefined if it is gone, and has not begun with it */
async function askToPrepare(
  seated: Seated,
  beside: Beside,
  { version, planHash, agents }: RunInput,
): Promise<Answer | undefined> {
  let hasTaken = false;
  let within: number | undefined;
  let silence = ASK_AGAIN_AFTER;
  let heardAt = Date.now();
  for (;;) {
    const askedAt = Date.now();
    try {
      return await on(seated, {
        activityId: taskId('prepare', seated.seat),
        scheduleToStartTimeout: within ?? ASK_AGAIN_AFTER,
        startToCloseTimeout: AS_LONG_AS_IT_TAKES,
        heartbeatTimeout: silence,
      }).prepare({ seat: seated.seat, agents, version, planHash });
    } catch (error) {
      if (isWithoutSeat(error)) return undefined;
      const told = lastHeard<Preparing>(error);
      if (told !== undefined) heardAt = askedAt + told.forMs;
      const now = Date.now();
      const timeout = timeoutOf(error);
      hasTaken ||= timeout === 'HEARTBEAT';
      if (timeout === 'SCHEDULE_TO_START' && !hasTaken) {
        if (within !== undefined) return undefined;
        within = await beside.leftToTakeIt(seated, askedAt);
      } else if (timeout !== 'HEARTBEAT' || now - heardAt >= READY_WITHIN)
        return { type: 'lost', why: `while it prepared its part: ${whyOf(error)}` };
      else {
        const asIfAll = { isAlone: false, besideMs: ASK_ONE_FOR };
        within = new Patience().left({ now, heardAt, isTaken: true, ...asIfAll });
        silence = told === undefined ? THEN_AFTER : ASK_AGAIN_AFTER;
      }
    }
  }
}
