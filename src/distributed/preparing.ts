/** Has all agents of a run prepare their parts. Runs in the sandbox of the workflow. */
import { condition } from '@temporalio/workflow';
import type { Bounds } from '../load/index.ts';
import { AS_LONG_AS_IT_TAKES, isWithoutSeat, lastHeard, on, timeoutOf, whyOf } from './asking.ts';
import { boundsOf } from './clocks.ts';
import type { HeldSeats } from './held-seats.ts';
import { ASK_ONE_FOR, leftToTakeIt, Patience } from './patience.ts';
import { called, type Prepared, type Preparing, type RunInput, type Seated, taskId } from './protocol.ts';

/**
 * How long nothing may be heard of one that prepares, in milliseconds: many on one machine leave each other, and the server, little time.
 * One that is gone does not take it when it is asked again, which it is much sooner.
 */
const READY_WITHIN = 60_000;
const ASK_AGAIN_AFTER = 3000;
/** One that takes it and says nothing has little time for such questions. */
const THEN_AFTER = 20_000;
/** So many others are asked whether it is the server that has little time: some of them may be gone as well. */
const FEW = 3;

export type Preparation =
  | {
      readonly type: 'ready';
      /** How far the clock of each is ahead of the server's, in milliseconds. */
      readonly clocks: ReadonlyMap<Seated, Bounds>;
      /** There are users, and none of them has got in. */
      readonly isLockedOut: boolean;
    }
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
  const clocks = new Map<Seated, Bounds>();
  const refused: string[] = [];
  const lost: string[] = [];
  let isIn = 0;
  let hasUsers = false;
  const prepare = async (first: Seated): Promise<void> => {
    const [seated, answer] = await partPrepared(first, seats, input);
    if (answer.type === 'refused') refused.push(`${called(seated)}: ${answer.why}`);
    else if (answer.type === 'lost') lost.push(`${called(seated)}, ${answer.why}`);
    else {
      clocks.set(seated, boundsOf(answer.clock, Date.now()));
      hasUsers ||= answer.isIn !== null;
      isIn += answer.isIn ?? 0;
    }
  };
  await Promise.race([Promise.all(seats.all.map(prepare)), condition(isStopped)]);
  if (refused.length > 0) return { type: 'refused', why: refused };
  if (lost.length > 0) return { type: 'lost', why: lost.join('; ') };
  if (isStopped()) return { type: 'stopped' };
  return { type: 'ready', clocks, isLockedOut: hasUsers && isIn === 0 };
}

/** What comes of a part that is to be prepared. */
type Answer = Prepared | { readonly type: 'lost'; readonly why: string };

/** @returns who has it in the end: one that was gone before it could have sent anything for it has made room for another */
async function partPrepared(
  first: Seated,
  seats: HeldSeats,
  input: RunInput,
): Promise<readonly [Seated, Answer]> {
  let seated = first;
  for (let again = 1; ; again += 1) {
    const answer = await askToPrepare(seated, seats, input);
    if (answer !== undefined) return [seated, answer];
    const other = await seats.replace(seated, again);
    if (other === undefined)
      return [seated, { type: 'lost', why: 'before it prepared its part, and no other came' }];
    seated = other;
  }
}

/** @returns undefined if it is gone, and has not begun with it */
async function askToPrepare(
  seated: Seated,
  seats: HeldSeats,
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
        within = leftToTakeIt(now - askedAt, await besideAnswersIn(seated, seats));
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

/**
 * Waits until it is known that it is not the server that has little time: others answer, or it misses the agent's heartbeats as well.
 *
 * @returns within how many milliseconds another one has answered; undefined: none has
 */
async function besideAnswersIn(seated: Seated, seats: HeldSeats): Promise<number | undefined> {
  const from = Date.now();
  let answeredAt: number | undefined;
  const answered = (): void => {
    answeredAt ??= Date.now();
  };
  for (const other of seats.present.filter((other) => other !== seated).slice(0, FEW))
    on(other, { scheduleToCloseTimeout: READY_WITHIN })
      .here()
      .then(answered, () => {});
  await condition(() => answeredAt !== undefined || !seats.isHeld(seated), READY_WITHIN);
  return answeredAt === undefined ? undefined : answeredAt - from;
}
