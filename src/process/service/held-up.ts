/** Whether a port is taken by a service that `shakedown up` holds in this very project. */
import { join } from 'node:path';
import { JournalReader } from '../../store/journal.ts';
import { runsAround } from '../../store/run-directory.ts';
import type { StateFolder } from '../../store/state-folder.ts';
import { environmentNames } from '../system/proc.ts';

/** @param pid of the process that has the port */
export function isHeldUp(pid: number, state: StateFolder): boolean {
  const environment = Object.fromEntries(environmentNames(pid).map((name) => [name, '']));
  return runsAround(environment, state).some((run) => isHold(join(state.runs, run)));
}

/** @param run path of its folder */
function isHold(run: string): boolean {
  const journal = new JournalReader(run);
  const events = journal.events();
  journal.close();
  return events.some((event) => event.type === 'run-started' && event.holds !== undefined);
}
