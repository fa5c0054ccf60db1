/**
 * Processes that could not be stopped,  whoever tried. There is one list in a process, as there is one table of processes:
 * they are told of once, by the component that left them, and whoever looks for leftovers afterwards does not wait for
 * them again, or blame another component.
 */
import type { Survivor } from '../../core/leftovers.ts';
import { isAlive, type ProcessId } from '../system/proc.ts';

/** A process that could not be stopped,  and whose it was. */
export interface Unended extends Survivor, ProcessId {
  /** The component that left it. */
  readonly of: string;
}

const unended = new Map<number, Unended>();

export function noteUnended(process: Unended): void {
  if (!isUnended(process)) unended.set(process.pid, process);
}

export const isUnended = ({ pid, startTicks }: ProcessId): boolean =>
  unended.get(pid)?.startTicks === startTicks;

/** Whether there is any: then nobody can tell an empty enclosure from one that only they are in. */
export const hasUnended = (): boolean => unended.size > 0;

/** Those that still live. */
export const livingUnended = (): Unended[] => [...unended.values()].filter(isAlive);
