/** Of all who would undo what a dead run left, one does: the reaper, a sweep, or the next run. */
import { join } from 'node:path';
import { isAlive, readProcess } from '../process/system/proc.ts';
import { type Whereabouts, whereabouts } from './life.ts';
import { type Turn, takeTurn } from './turn.ts';

/** A process, as a part of a file's name. */
function nameOf(pid: number, startTicks: number, { boot, pidNamespace }: Whereabouts): string {
  return `${pid}.${startTicks}.${(pidNamespace ?? '').replace(/\D/g, '')}.${boot ?? ''}`;
}

/** Whether the process of that name may still be at work. One of another PID namespace cannot be seen from here. */
function mayLive(name: string): boolean {
  const [pid, startTicks] = name.split('.').map(Number);
  if (pid === undefined || startTicks === undefined) return false;
  const here = whereabouts();
  if (here.boot !== null && !name.endsWith(`.${here.boot}`)) return false;
  return name !== nameOf(pid, startTicks, here) || isAlive({ pid, startTicks });
}

/**
 * @param run absolute path of the run's folder
 * @returns the turn, or the pid of whoever has it
 */
export function takeUndoTurn(run: string): Turn | number {
  const self = nameOf(process.pid, readProcess(process.pid)?.startTicks ?? 0, whereabouts());
  try {
    const taken = takeTurn(join(run, 'undo'), self, mayLive);
    return typeof taken === 'string' ? Number.parseInt(taken, 10) : taken;
  } catch {
    // Without the folder, or without hard links, there are no turns.
    return { end: () => {} };
  }
}
