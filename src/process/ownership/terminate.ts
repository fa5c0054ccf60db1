import { setTimeout as delay } from 'node:timers/promises';
import { clock } from '../../domain/clock.ts';
import type { ProcessSighting } from '../../domain/finding.ts';
import type { Ms } from '../../domain/units.ts';
import { dispositionOf, hasProcessTable, isAlive, type ProcessInfo, sight } from '../system/proc.ts';
import { ProcessFinder } from './finder.ts';
import { type Manner, Request } from './request.ts';
import type { Members } from './tiers/tier.ts';

/** What became of the members of an owner. */
export interface Ending {
  /** Did not end in the time they were given, and were killed. */
  readonly killed: readonly ProcessSighting[];
  /** Live on even after SIGKILL: stuck in the kernel, or not ours to signal. */
  readonly survivors: readonly ProcessSighting[];
}

const FIRST_POLL = 1;
const LONGEST_POLL = 25;
/** SIGKILL works at once, but a large process takes a while to give back its memory. */
const KILL_WAIT = 5000;

/** Sends a signal to exactly this process: never to another one that has come to bear its pid. */
export function signal(info: ProcessInfo, name: NodeJS.Signals): void {
  if (!isAlive(info)) return;
  try {
    process.kill(hasProcessTable ? info.pid : -info.group, name);
  } catch {
    // It has ended in between, or is not ours to signal; the next look tells.
  }
}

/**
 * A look can miss a process that forks and exits while the table is read. A daemon does so twice on its way into
 * the background, so it takes one look more than that to be sure.
 */
const SURE_AFTER = 3;

/** Polls until the finder has seen nobody several times in a row. */
async function untilEmpty(
  finder: ProcessFinder,
  limit: number,
  onMembers: (members: ProcessInfo[]) => void,
  hurry?: AbortSignal,
): Promise<boolean> {
  const deadline = clock.now() + limit;
  let empty = 0;
  for (let wait = FIRST_POLL; ; wait = Math.min(wait * 2, LONGEST_POLL)) {
    const members = finder.scan();
    for (const door of finder.stoppedDoors()) signal(door, 'SIGCONT');
    if (members.length === 0 && finder.mayBeEmpty()) {
      empty += 1;
      if (empty === SURE_AFTER) return true;
      wait = FIRST_POLL;
    } else {
      empty = 0;
      if (clock.now() >= deadline || hurry?.aborted === true) return false;
      onMembers(members);
    }
    await delay(wait);
  }
}

/** How processes are ended. */
export interface EndOptions {
  /** Cuts the grace short when it aborts. */
  readonly hurry?: AbortSignal | undefined;
  /** How they are asked to end by themselves. */
  readonly manner?: Manner;
}

/**
 * Ends every process that the finder sees: a request to end (see `Request`), a time of grace, SIGKILL; until none is left.
 *
 * @param grace how long they get to end by themselves; 0 kills at once
 */
export async function terminate(
  finder: ProcessFinder,
  grace: Ms,
  { hurry, manner = {} }: EndOptions = {},
): Promise<Ending> {
  const request = new Request(manner, grace, { now: () => clock.now(), send: signal, dispositionOf });
  const ask = (members: readonly ProcessInfo[]): void => request.put(members);
  if (grace > 0 && (await untilEmpty(finder, grace, ask, hurry))) return { killed: [], survivors: [] };

  const killed = new Map<string, ProcessSighting>();
  const gone = await untilEmpty(finder, KILL_WAIT, (members) => {
    for (const info of freeze(finder, members)) {
      const id = `${info.pid}:${info.startTicks}`;
      if (!killed.has(id)) killed.set(id, sight(info));
      signal(info, 'SIGKILL');
    }
    finder.killAtOnce();
  });
  return { killed: [...killed.values()], survivors: gone ? [] : finder.scan().map(sight) };
}

/** Processes that fork faster than they are killed are as many as before at the next look; so often it is worth to try. */
const FREEZE_ROUNDS = 20;

/**
 * Stops all members before any of them is killed, so that none can start another in the meantime: one that restarts
 * whom it sees die, or that forks on and on, would otherwise be chased for ever.
 *
 * @returns all that are stopped, those included that were born meanwhile
 */
function freeze(finder: ProcessFinder, members: readonly ProcessInfo[]): readonly ProcessInfo[] {
  let known = members;
  for (let round = 0; round < FREEZE_ROUNDS; round++) {
    for (const info of known) if (info.state !== 'T') signal(info, 'SIGSTOP');
    const now = finder.scan();
    const fresh = now.some((info) => !known.some(({ pid }) => pid === info.pid));
    known = now;
    if (!fresh) break;
  }
  return known;
}

/** Kills everybody at a place, whoever started them; returns whom it had to kill. */
export async function endAll(place: Members): Promise<readonly ProcessSighting[]> {
  const finder = new ProcessFinder(null, { place });
  if (finder.scan().length === 0 && finder.mayBeEmpty()) return [];
  const { killed, survivors } = await terminate(finder, 0 as Ms);
  return [...killed, ...survivors.filter(({ pid }) => !killed.some((other) => other.pid === pid))];
}

/** Whether nobody lives any more. Cheap while somebody does. */
export async function hasEnded(finder: ProcessFinder): Promise<boolean> {
  return !finder.knownAlive() && (await untilEmpty(finder, 0, () => {}));
}

/**
 * Waits for processes to end by themselves.
 *
 * @returns those that still live after `patience`, in the order of their start; undefined when nobody does. None may be
 * shown although somebody lives: whoever forks without pause
 */
export async function linger(
  finder: ProcessFinder,
  patience: Ms,
  hurry?: AbortSignal,
): Promise<ProcessInfo[] | undefined> {
  if (await untilEmpty(finder, patience, () => {}, hurry)) return undefined;
  return finder.scan().sort((a, b) => a.startTicks - b.startTicks);
}
