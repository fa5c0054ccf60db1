/** One `shakedown up` at a time in a project. */
import { join } from 'node:path';
import { isAlive, readProcess } from '../../process/system/proc.ts';
import { inState } from '../../store/state-folder.ts';
import { type Turn, takeTurn } from '../../store/turn.ts';

const nameOf = (pid: number, startTicks: number): string => `${pid}-${startTicks}`;

function lives(holder: string): boolean {
  const [pid = 0, startTicks = 0] = holder.split('-').map(Number);
  return isAlive({ pid, startTicks });
}

/** @returns the turn of this process; undefined if another has it */
export function takeHold(root: string): Turn | undefined {
  const self = nameOf(process.pid, readProcess(process.pid)?.startTicks ?? 0);
  try {
    const { value } = inState(root, (state) => takeTurn(join(state.path, 'up'), self, lives));
    return typeof value === 'string' ? undefined : value;
  } catch {
    // Where nothing can be kept, nobody can tell.
    return { end: () => {} };
  }
}
