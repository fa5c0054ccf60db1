import type { Owner } from '../ownership/owner.ts';
import { signal } from '../ownership/terminate.ts';
import type { ProcessInfo } from '../system/proc.ts';

/** Whoever forks while the others are being stopped is found by the next look. */
const MOST_LOOKS = 10;

/**
 * Stops every process of these owners (SIGSTOP): they live in sessions of their own, which the terminal's Ctrl-Z does
 * not reach.
 *
 * @returns has exactly those go on that were stopped here; one that had been stopped before stays so
 */
export function hold(owners: readonly Owner[]): () => void {
  const held = new Map<string, ProcessInfo>();
  for (let look = 0; look < MOST_LOOKS; look++) {
    const before = held.size;
    for (const info of owners.flatMap((owner) => owner.members())) {
      const id = `${info.pid}:${info.startTicks}`;
      if (held.has(id) || info.state === 'T') continue;
      held.set(id, info);
      signal(info, 'SIGSTOP');
    }
    if (held.size === before) break;
  }
  return () => {
    const parents = new Set([...held.values()].map(({ parent }) => parent));
    const doors = owners.flatMap((owner) => owner.stoppedDoors());
    for (const info of [...held.values(), ...doors.filter(({ pid }) => parents.has(pid))])
      signal(info, 'SIGCONT');
  };
}
