/** Where something stood at one moment: what it consisted of, and what its threads were doing. */

export type ProcessState = 'running' | 'sleeping' | 'uninterruptible' | 'stopped' | 'unknown';

/** A process as it was at one moment. */
export interface RunningProcess {
  readonly pid: number;
  /** The pid of its parent. */
  readonly parent: number;
  readonly command: string;
  readonly state: ProcessState;
  /** Time on a processor so far, of all its threads, in user space and in the kernel. */
  readonly cpuMs: number;
  readonly ageMs: number;
}

/** Runtimes that say where their threads stand when they are asked by a signal. */
export type Runtime = 'python' | 'go' | 'java';

/** What a runtime said of its threads. */
export interface Stack {
  readonly pid: number;
  readonly runtime: Runtime;
  readonly lines: readonly string[];
}

export interface Snapshot {
  /** Parents before their children, each child below its parent. */
  readonly running: readonly RunningProcess[];
  readonly stacks: readonly Stack[];
}

/**
 * Puts processes in the order of their tree.
 *
 * @param processes in any order; those whose parent is not among them are roots
 * @returns each after its parent and before that parent's next child, with its depth, 0 for a root
 */
export function asTree<P extends Pick<RunningProcess, 'pid' | 'parent'>>(
  processes: readonly P[],
): { readonly process: P; readonly depth: number }[] {
  const pids = new Set(processes.map(({ pid }) => pid));
  const from = (siblings: readonly P[], depth: number): { process: P; depth: number }[] =>
    siblings.flatMap((process) => [
      { process, depth },
      ...from(
        processes.filter(({ pid, parent }) => parent === process.pid && pid !== process.pid),
        depth + 1,
      ),
    ]);
  return from(
    processes.filter(({ parent }) => !pids.has(parent)),
    0,
  );
}
