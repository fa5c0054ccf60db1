/**
 * A mark that stays readable: a limit of resident memory, which Linux has ignored since 2.4.30. Children inherit it,
 * and anyone may read it in /proc/PID/limits. So it reveals even processes whose environment and open files are
 * unreadable because they are not dumpable (ssh-agent, gpg-agent) or changed user (setuid), and those that cleared
 * their environment and closed their files.
 *
 * Its value is a number of KiB that nobody would choose: a high bit, 28 bits for the run, 22 bits for the owner.
 */

import { hash64 } from '../../files/hash.ts';
import { type ResidentLimits, residentLimits } from '../system/proc.ts';

/** Soft limits in KiB; `to` is exclusive. */
export interface LimitRange {
  readonly from: number;
  readonly to: number;
}

const BASE = 2 ** 51;
const RUNS = 2 ** 28;
const OWNERS = 2 ** 22;
/** Keeps hard-limit marks apart from the soft limit of an enclosing run, and above any value that it may have. */
const HARD_ABOVE_SOFT = BASE;
let owners = 0;

/** The range shared by all owners of a run. */
export function limitsOfRun(run: string): LimitRange {
  const number = Number(hash64(run) >> 36n);
  const from = BASE + number * OWNERS;
  return { from, to: from + OWNERS };
}

let ours: ResidentLimits | undefined;

/** What we are under ourselves; it changes only while something is being started. */
function ownLimits(): ResidentLimits {
  ours ??= residentLimits(process.pid);
  return ours;
}

/** The mark of one owner. */
export interface LimitMark {
  /** The range that identifies it. */
  readonly range: LimitRange;
  /** Which of the two limits it is, and its value in KiB. */
  readonly kind: 'soft' | 'hard';
  readonly kib: number;
}

/**
 * Creates the mark of the run's next owner.
 *
 * In a run within another run the soft limit is the outer one's, which must stay visible. There it is the hard limit,
 * which is never below the soft one; anyone may lower it, but only root may raise it again. So two runs, one inside the
 * other, can be told apart.
 *
 * @param run its id
 * @param own the limits that we are under ourselves
 * @returns undefined where both limits are set: there is no third one that the kernel ignores and a shell can set
 */
export function nextLimit(run: string, { soft, hard }: ResidentLimits = ownLimits()): LimitMark | undefined {
  if (hard !== undefined) return undefined;
  const from = limitsOfRun(run).from + (owners++ % OWNERS);
  const range = { from, to: from + 1 };
  return soft === undefined
    ? { range, kind: 'soft', kib: from }
    : { range, kind: 'hard', kib: from + HARD_ABOVE_SOFT };
}

/** The ranges that a process is known by: of the owners whose marks it bears, and of their runs. */
export function limitsOn(pid: number): LimitRange[] {
  const { soft, hard } = residentLimits(pid);
  const marks = [soft, hard === undefined ? undefined : hard - HARD_ABOVE_SOFT];
  return marks.flatMap((mark) => {
    if (mark === undefined || mark < BASE || mark >= BASE + RUNS * OWNERS) return [];
    const from = mark - ((mark - BASE) % OWNERS);
    return [
      { from: mark, to: mark + 1 },
      { from, to: from + OWNERS },
    ];
  });
}
