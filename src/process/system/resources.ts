/** The current resource use of a process tree, read from Linux's /proc. Elsewhere it is unknown. */
import { readdirSync, readFileSync } from 'node:fs';
import type { TargetSample } from '../../core/load.ts';

/** The kernel reports times to user space at 100 ticks a second on every architecture that Node runs on. */
const MS_PER_TICK = 10;
/** The size of a page, the unit of resident memory: derived from our own process, whose size Node knows in bytes. */
let pageSize: number | undefined;

function fieldsOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name stands in parentheses and may hold any byte.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function bytesPerPage(): number {
  if (pageSize !== undefined) return pageSize;
  const pages = Number(fieldsOf(process.pid)?.[21] ?? 0);
  const ratio = pages > 0 ? process.memoryUsage.rss() / pages : 4096;
  // Pages are 4, 16 or 64 KiB; between the two reads the memory has hardly changed.
  pageSize = [4096, 16_384, 65_536].find((size) => ratio < size * 2) ?? 4096;
  return pageSize;
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1')
        .split(' ')
        .flatMap((child) => (child.trim() === '' ? [] : [Number(child)])),
    );
  } catch {
    return [];
  }
}

function countFiles(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

/**
 * @param root pid of the process at the root of the tree
 * @returns null when it is gone, or where there is no /proc
 */
export function sampleTree(root: number): TargetSample | null {
  const sample = { cpuMs: 0, rssBytes: 0, processes: 0, threads: 0, descriptors: 0 };
  const left = [root];
  for (let pid = left.pop(); pid !== undefined; pid = left.pop()) {
    const fields = fieldsOf(pid);
    if (fields === undefined) continue;
    sample.cpuMs += (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
    sample.threads += Number(fields[17]);
    sample.rssBytes += Number(fields[21]) * bytesPerPage();
    sample.processes += 1;
    sample.descriptors += countFiles(pid);
    left.push(...childrenOf(pid));
  }
  return sample.processes === 0 ? null : sample;
}
