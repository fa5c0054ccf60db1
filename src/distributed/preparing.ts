/** Has all agents of a run prepare their parts. Runs in the sandbox of the workflow. */
import { condition } from '@temporalio/workflow';
import { AS_LONG_AS_IT_TAKES, lastHeard, on, timeoutOf, whyOf } from './asking.ts';
import { clockAhead } from './clocks.ts';
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

export type Preparation =
  | {
      readonly type: 'ready';
      /** How far the clock of each is ahead of the server's, in milliseconds. */
      readonly ahead: ReadonlyMap<Seated, number>;
      /** There are users, and none of them has got in. */
      readonly isLockedOut: boolean;
    }
  | { readonly type: 'refused'; readonly why: readonly string[] }
  | { readonly type: 'lost'; readonly why: string }
  | { readonly type: 'stopped' };

/** @param isStopped whether nobody wants it any more */
export async function prepared(
  all: readonly Seated[],
  input: RunInput,
  isStopped: () => boolean,
): Promise<Preparation> {
  const { version } = input;
  const others = all.filter((seated) => seated.version !== version);
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
      const answer = await askToPrepare(seated, input);
      if (answer.type === 'refused') refused.push(`${called(seated)}: ${answer.why}`);
      else {
        ahead.set(seated, clockAhead(answer.clock, Date.now()));
        hasUsers ||= answer.isIn !== null;
        isIn += answer.isIn ?? 0;
      }
    } catch (error) {
      lost.push(`${called(seated)}, while it prepared its part: ${whyOf(error)}`);
    }
  };
  await Promise.race([Promise.all(all.map(prepare)), condition(isStopped)]);
  if (refused.length > 0) return { type: 'refused', why: refused };
  if (lost.length > 0) return { type: 'lost', why: lost.join('; ') };
  if (isStopped()) return { type: 'stopped' };
  return { type: 'ready', ahead, isLockedOut: hasUsers && isIn === 0 };
}

async function askToPrepare(seated: Seated, { version, planHash, agents }: RunInput): Promise<Prepared> {
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
