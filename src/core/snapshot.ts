/** A snapshot: the processes that something consisted of at one moment, and what their threads were doing. */

export type ProcessState = 'running' | 'sleeping' | 'uninterruptible' | 'stopped' | 'unknown';

export interface RunningProcess {
  readonly pid: number;
  /** The pid of its parent. */
  readonly parent: number;
  readonly command: string;
  readonly state: ProcessState;
  /** CPU time so far of all its threads, user and system. */
  readonly cpuMs: number;
  readonly ageMs: number;
}

/** Runtimes that dump their threads' stacks on a signal. */
export type Runtime = 'python' | 'go' | 'java';

/** The stacks printed by a runtime. */
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
 * Orders processes as a tree.
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
