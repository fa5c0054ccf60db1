/**
 * Processes that could not be ended. There is one list, as there is one process table: each is reported once, by the
 * component that left it, and later looks for leftovers neither wait for it again nor blame another component.
 */
import type { Survivor } from '../../core/leftovers.ts';
import { isAlive, type ProcessId } from '../system/proc.ts';

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

/** If so, an empty enclosure cannot be told from one that holds only these. */
export const hasUnended = (): boolean => unended.size > 0;

export const livingUnended = (): Unended[] => [...unended.values()].filter(isAlive);
