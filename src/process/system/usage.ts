/** What a process tree uses, read from /proc. */
import { readdirSync, readFileSync } from 'node:fs';
import type { TargetSample } from '../../domain/load.ts';
import { type ProcessInfo, processTable } from './proc.ts';

/** The kernel reports times to user space at 100 ticks a second on every architecture that Node runs on. */
const MS_PER_TICK = 10;

/** A process and all that descend from it. */
function treeOf(root: number): ProcessInfo[] {
  const table = processTable();
  const members = table.filter(({ pid }) => pid === root);
  // It grows while it is walked: children of children come after their parents.
  for (const { pid } of members) members.push(...table.filter(({ parent }) => parent === pid));
  return members;
}

interface Usage {
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly threads: number;
  readonly descriptors: number;
}

function usageOf(pid: number): Usage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return {
      cpuMs: ((fields[11] ?? 0) + (fields[12] ?? 0)) * MS_PER_TICK,
      threads: fields[17] ?? 0,
      rssBytes: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024,
      descriptors: countDescriptors(pid),
    };
  } catch {
    // It has ended between the two looks.
    return undefined;
  }
}

/** 0 where it is somebody else's process, which may not be asked. */
function countDescriptors(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

/**
 * @param root pid of a process
 * @returns what it and its descendants use now, together; null when it has ended
 */
export function sampleTree(root: number): TargetSample | null {
  const usages = treeOf(root).flatMap(({ pid }) => usageOf(pid) ?? []);
  if (usages.length === 0) return null;
  const sum = (name: keyof Usage): number => usages.reduce((total, usage) => total + usage[name], 0);
  return {
    cpuMs: sum('cpuMs'),
    rssBytes: sum('rssBytes'),
    processes: usages.length,
    threads: sum('threads'),
    descriptors: sum('descriptors'),
  };
}
