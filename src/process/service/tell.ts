import type { StopSignal } from '../../core/suite.ts';
import { signal as send } from '../ownership/terminate.ts';
import { dispositionOf, type ProcessInfo } from '../system/proc.ts';
import type { StartParts } from './start-parts.ts';

/**
 * Sends a signal to the main process of a service alone: of the process that serves and those above it the topmost that
 * handles the signal. Shells above it live on, and exit with its code.
 *
 * @param pid of the process that serves
 * @returns who got it; undefined if that process is gone
 */
export function tellMain(
  { owner }: Pick<StartParts, 'owner'>,
  pid: number,
  signal: StopSignal,
): ProcessInfo | undefined {
  const members = new Map(owner.members().map((info) => [info.pid, info]));
  const path: ProcessInfo[] = [];
  for (let info = members.get(pid); info !== undefined; info = members.get(info.parent)) path.unshift(info);
  const main = path.find((info) => dispositionOf(info.pid, signal) === 'caught') ?? path.at(-1);
  if (main !== undefined) send(main, signal);
  return main;
}
