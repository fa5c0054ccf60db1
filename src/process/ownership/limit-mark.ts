/**
 * A mark that stays readable: a limit of resident memory, which Linux has not heeded since 2.4.30. Children inherit
 * it, and /proc/PID/limits shows it to everybody. So it also gives away those whose environment and open files may not
 * be read, since they have been declared not dumpable (ssh-agent, gpg-agent) or have become another user (setuid), and
 * those that have emptied the one and closed the others.
 *
 * Its value is a number of KiB that nobody would choose: a high bit, 28 bits for the run, 22 bits for the owner.
 */

import { hash64 } from '../../files/hash.ts';
import { type ResidentLimits, residentLimits } from '../system/proc.ts';

/** Numbers of KiB as a soft limit has them, the second one not included. */
export interface LimitRange {
  readonly from: number;
  readonly to: number;
}

const BASE = 2 ** 51;
const OWNERS = 2 ** 22;
/** What is marked by a hard limit is told from the soft one of the run around it, and lies above whatever that may be. */
const HARD_ABOVE_SOFT = BASE;
let owners = 0;

/** What all processes of a run have, whichever owner's they are. */
export function limitsOfRun(run: string): LimitRange {
  const number = Number(hash64(run) >> 36n);
  const from = BASE + number * OWNERS;
  return { from, to: from + OWNERS };
}

/** The mark of one owner. */
export interface LimitMark {
  /** What it is known by. */
  readonly range: LimitRange;
  /** Which of the two limits it is, and its value in KiB. */
  readonly kind: 'soft' | 'hard';
  readonly kib: number;
}

/**
 * The mark of one more owner of a run.
 *
 * Within another run the soft limit is that run's, which is not to be hidden. There it is the hard one, which is never below
 * the soft one and can be lowered by everybody, but raised again by root alone. So two runs can be told, one within the other.
 *
 * @param run its id
 * @param own the limits that we are under ourselves
 * @returns undefined where both limits are set: there is no third one that the kernel does not heed and a shell can set
 */
export function nextLimit(
  run: string,
  { soft, hard }: ResidentLimits = residentLimits(process.pid),
): LimitMark | undefined {
  if (hard !== undefined) return undefined;
  const from = limitsOfRun(run).from + (owners++ % OWNERS);
  const range = { from, to: from + 1 };
  return soft === undefined
    ? { range, kind: 'soft', kib: from }
    : { range, kind: 'hard', kib: from + HARD_ABOVE_SOFT };
}

/** Whether a process is under a limit of this range. */
export function isUnder(pid: number, { from, to }: LimitRange): boolean {
  const { soft, hard } = residentLimits(pid);
  const isWithin = (limit: number | undefined): boolean => limit !== undefined && limit >= from && limit < to;
  return isWithin(soft) || isWithin(hard === undefined ? undefined : hard - HARD_ABOVE_SOFT);
}
