/** The processes that Shakedown itself has started and Node waits for: whoever else is a child of ours was adopted. */
import type { ChildProcess } from 'node:child_process';

const pids = new Set<number>();

/** Takes note of a child until it has ended. Every child is registered, or it might be taken for an adopted one. */
export function registerChild<C extends ChildProcess>(child: C): C {
  const { pid } = child;
  if (pid !== undefined) {
    pids.add(pid);
    child.once('exit', () => pids.delete(pid));
  }
  return child;
}

/** Whether Node waits for this child of ours. */
export const isOwnChild = (pid: number): boolean => pids.has(pid);
