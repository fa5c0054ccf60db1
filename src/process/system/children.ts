/** Processes that Shakedown started itself and Node reaps: any other child of ours was adopted. */
import type { ChildProcess } from 'node:child_process';
import { canSignal, type ProcessInfo } from './proc.ts';

const pids = new Set<number>();
const groups = new Set<number>();

/** Keeps the pid of a process in a set until the process has ended. */
function keepUntilExit<C extends ChildProcess>(child: C, kept: Set<number>): C {
  const { pid } = child;
  if (pid !== undefined) {
    kept.add(pid);
    child.once('exit', () => kept.delete(pid));
  }
  return child;
}

/** Registers a child until it has ended. Every child must be, or it might be taken for an adopted one. */
export const registerChild = <C extends ChildProcess>(child: C): C => keepUntilExit(child, pids);

/** Groups whose leader has ended. */
const leaderless = new Set<number>();

/** The same for the leader of a group of helpers: when it is killed, those may become our children for a moment. */
export function registerGroup<C extends ChildProcess>(leader: C): C {
  const { pid } = leader;
  if (pid !== undefined) {
    groups.add(pid);
    leader.once('exit', () => {
      leaderless.add(pid);
      forgetEmptyGroups();
    });
  }
  return registerChild(leader);
}

function forgetEmptyGroups(): void {
  for (const group of leaderless) {
    if (canSignal(-group)) continue;
    leaderless.delete(group);
    groups.delete(group);
  }
}

/** Leaders of groups that end with them. */
const leaders = new Set<number>();

/** The same for the leader of a group of helpers that end with it. Nobody owns them, so nobody needs to look at what they bear. */
export const registerHelpers = <C extends ChildProcess>(leader: C): C =>
  registerChild(keepUntilExit(leader, leaders));

const helpers = new Set<number>();

/**
 * Notes helpers in such a group that live for long: of hundreds, it need not be read again and again in which group they are.
 *
 * @returns forgets them; to be called when they have ended, since their pids may then be reused
 */
export function noteHelpers(pids: readonly number[]): () => void {
  for (const pid of pids) helpers.add(pid);
  return () => {
    for (const pid of pids) helpers.delete(pid);
  };
}

export const isKnownHelper = (pid: number): boolean => helpers.has(pid);

/** Commands that only wait for their child, which is what was to be started. */
const wrappers = new Set<number>();

/** The same for a wrapper. */
export const registerWrapper = <C extends ChildProcess>(wrapper: C): C =>
  registerChild(keepUntilExit(wrapper, wrappers));

/** Whether we have started a process ourselves, maybe through a wrapper: then it is known whose it is. */
export const isStartedByUs = ({ pid, parent }: ProcessInfo): boolean => pids.has(pid) || wrappers.has(parent);

/** Whether a process is in a group of such helpers. */
export const isNobodys = ({ group }: ProcessInfo): boolean => leaders.has(group);

/** Whether Node reaps this child of ours. */
export const isOwnChild = (pid: number): boolean => pids.has(pid);

/** Whether an adopted process is one of our own helpers. */
export const isHelper = ({ group }: ProcessInfo): boolean => groups.has(group);
