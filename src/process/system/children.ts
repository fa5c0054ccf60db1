/** Processes that Shakedown started itself and Node reaps: any other child of ours was adopted. */
import type { ChildProcess } from 'node:child_process';
import type { ProcessInfo } from './proc.ts';

const pids = new Set<number>();
const groups = new Set<number>();

/** Registers a child until it has ended. Every child must be, or it might be taken for an adopted one. */
export function registerChild<C extends ChildProcess>(child: C): C {
  const { pid } = child;
  if (pid !== undefined) {
    pids.add(pid);
    child.once('exit', () => pids.delete(pid));
  }
  return child;
}

/** The same for the leader of a group of helpers: when it is killed, those may become our children for a moment. */
export function registerGroup<C extends ChildProcess>(leader: C): C {
  if (leader.pid !== undefined) groups.add(leader.pid);
  return registerChild(leader);
}

/** Whether Node reaps this child of ours. */
export const isOwnChild = (pid: number): boolean => pids.has(pid);

/** Whether an adopted process is one of our own helpers. */
export const isHelper = ({ group }: ProcessInfo): boolean => groups.has(group);
