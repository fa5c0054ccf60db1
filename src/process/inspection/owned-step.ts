import { asTree, type RunningProcess } from '../../core/snapshot.ts';
import type { OutputScanner } from '../output/scanner.ts';
import type { CommandOwner } from '../ownership/command-owner.ts';
import { observe } from '../system/proc.ts';

/** A step or service of a component, with the owner of its processes and the scanner of their output. */
export interface OwnedStep {
  readonly step: string;
  readonly owner: CommandOwner;
  readonly scanner: OutputScanner;
}

/** The current processes of these steps, in tree order. */
export function observeAll(steps: readonly OwnedStep[]): RunningProcess[] {
  const members = new Map(steps.flatMap(({ owner }) => owner.members()).map((info) => [info.pid, info]));
  const eldestFirst = [...members.values()].sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid);
  return asTree(eldestFirst).map(({ process }) => observe(process));
}
