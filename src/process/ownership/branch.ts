/** Ends one of an owner's commands, with its descendants, while the others go on; or kills all its members at once. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessInfo } from '../system/proc.ts';
import { signal } from './terminate.ts';

const GRACE = 200;
const LOOK_EVERY = 5;
/** Whatever is left after this is ended with its owner. */
const GIVE_UP_AFTER = 2000;

/** The members that descend from a process, or share a session or group with such a descendant. */
export function branchOf(members: readonly ProcessInfo[], root: number): ProcessInfo[] {
  const pids = new Set([root]);
  const isInside = ({ pid, parent, group, session }: ProcessInfo): boolean =>
    [pid, parent, group, session].some((id) => pids.has(id));
  for (let before = -1; before !== pids.size; ) {
    before = pids.size;
    for (const member of members) if (isInside(member)) pids.add(member.pid);
  }
  return members.filter(({ pid }) => pids.has(pid));
}

/**
 * Ends a command and its descendants: SIGTERM, a short grace, SIGKILL.
 *
 * @param members returns all live members of the owner
 * @param root pid of the command, or of the wrapper that it was started through
 */
export async function endBranch(members: () => readonly ProcessInfo[], root: number): Promise<void> {
  const startedAt = performance.now();
  const asked = new Set<number>();
  for (;;) {
    const left = branchOf(members(), root);
    const took = performance.now() - startedAt;
    if (left.length === 0 || took > GIVE_UP_AFTER) return;
    for (const info of left) {
      if (took > GRACE) signal(info, 'SIGKILL');
      else if (!asked.has(info.pid)) signal(info, 'SIGTERM');
      asked.add(info.pid);
    }
    await delay(LOOK_EVERY);
  }
}

/**
 * Kills all members of an owner at once, without telling the owner.
 *
 * @param members returns all live members of the owner
 */
export async function killMembers(members: () => readonly ProcessInfo[]): Promise<void> {
  const startedAt = performance.now();
  for (let left = members(); left.length > 0; left = members()) {
    for (const info of left) signal(info, 'SIGKILL');
    if (performance.now() - startedAt > GIVE_UP_AFTER) return;
    await delay(LOOK_EVERY);
  }
}
