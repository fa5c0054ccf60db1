import type { CommandOwner } from '../ownership/command-owner.ts';
import { signal } from '../ownership/terminate.ts';
import { idOf, type ProcessInfo } from '../system/proc.ts';

/** Processes forked while others are being stopped are found by the next look. */
const MOST_LOOKS = 10;

/**
 * Stops every process of these owners (SIGSTOP): they live in sessions of their own, which the terminal's Ctrl-Z does
 * not reach.
 *
 * @returns resumes exactly those stopped here; any stopped before stay so
 */
export function suspend(owners: readonly Pick<CommandOwner, 'members' | 'stoppedWrappers'>[]): () => void {
  const suspended = new Map<string, ProcessInfo>();
  for (let look = 0; look < MOST_LOOKS; look++) {
    const before = suspended.size;
    for (const info of owners.flatMap((owner) => owner.members())) {
      const id = idOf(info);
      if (suspended.has(id) || info.state === 'T') continue;
      suspended.set(id, info);
      signal(info, 'SIGSTOP');
    }
    if (suspended.size === before) break;
  }
  return () => {
    const parents = new Set([...suspended.values()].map(({ parent }) => parent));
    const wrappers = owners.flatMap((owner) => owner.stoppedWrappers());
    for (const info of [...suspended.values(), ...wrappers.filter(({ pid }) => parents.has(pid))])
      signal(info, 'SIGCONT');
  };
}
