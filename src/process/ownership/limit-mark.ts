/**
 * A mark that stays readable: the soft limit of resident memory, which Linux has not heeded since 2.4.30. Children inherit
 * it, and /proc/PID/limits shows it to everybody. So it also gives away those whose environment and open files may not
 * be read, since they have been declared not dumpable (ssh-agent, gpg-agent) or have become another user (setuid), and
 * those that have emptied the one and closed the others.
 *
 * Its value is a number of KiB that nobody would choose: a high bit, 28 bits for the run, 22 bits for the owner.
 */
import { residentLimit } from '../system/proc.ts';
import { hash64 } from './hash.ts';

/** Numbers of KiB, the second one not included. */
export interface LimitRange {
  readonly from: number;
  readonly to: number;
}

const BASE = 2 ** 51;
const OWNERS = 2 ** 22;
let owners = 0;

/** What all processes of a run have, whichever owner's they are. */
export function limitsOfRun(run: string): LimitRange {
  const number = Number(hash64(run) >> 36n);
  const from = BASE + number * OWNERS;
  return { from, to: from + OWNERS };
}

/**
 * The limit for one more owner of a run.
 *
 * @returns undefined where we are under such a limit ourselves: that of a run around us, which is not to be hidden
 */
export function nextLimit(run: string): LimitRange | undefined {
  if (residentLimit(process.pid) !== undefined) return undefined;
  const from = limitsOfRun(run).from + (owners++ % OWNERS);
  return { from, to: from + 1 };
}

/** Whether a process is under a limit of this range. */
export function isUnder(pid: number, { from, to }: LimitRange): boolean {
  const limit = residentLimit(pid);
  return limit !== undefined && limit >= from && limit < to;
}
