/** Processes and stacks as lines of text, for every report that a person reads. */
import { shortCommand } from '../core/finding.ts';
import { asTree, type RunningProcess, type Snapshot, type Stack } from '../core/snapshot.ts';
import { formatDuration } from '../core/units.ts';

/** A line for each process, indented below its parent. */
export function treeLines(running: readonly RunningProcess[]): string[] {
  return asTree(running).map(
    ({ process: { pid, command, state, cpuMs, ageMs }, depth }) =>
      `${'  '.repeat(depth)}${shortCommand(command)} (pid ${pid}): ${state}, ${formatDuration(cpuMs)} of CPU in ${formatDuration(ageMs)}`,
  );
}

function stackLines({ pid, runtime, lines }: Stack): string[] {
  return [`stacks of pid ${pid} (${runtime}):`, ...lines.map((line) => `  ${line}`)];
}

/** The processes and stacks of a snapshot, with headings. */
export function snapshotLines({ running, stacks }: Snapshot): string[] {
  if (running.length === 0) return [];
  return ['running then:', ...treeLines(running).map((line) => `  ${line}`), ...stacks.flatMap(stackLines)];
}
