import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../core/clock.ts';
import type { ProcessSighting } from '../../core/finding.ts';
import type { Ms } from '../../core/units.ts';
import {
  dispositionOf,
  hasProcessTable,
  idOf,
  isAlive,
  type ProcessId,
  type ProcessInfo,
  sight,
} from '../system/proc.ts';
import { type Ending, NOBODY } from './ending.ts';
import { ProcessFinder } from './finder.ts';
import { lookTogether } from './looks.ts';
import type { Members } from './members.ts';
import { type Manner, Request } from './request.ts';
import { noteUnended } from './unended.ts';

/** Stands for a component if it is unknown which one left a process. */
export const THE_RUN = 'the run';

const FIRST_POLL = 1;
const LONGEST_POLL = 25;
/** SIGKILL works at once, but a large process needs a while to free its memory. */
const KILL_WAIT = 5000;
/** Processes that we may not signal get this long to end along with the others. */
const FORBIDDEN_WAIT = 1000;

/**
 * Sends a signal to exactly this process, never to another that reuses its pid.
 *
 * @returns whether we may signal it; true also when it has ended
 */
export function signal(info: ProcessInfo, name: NodeJS.Signals): boolean {
  if (!isAlive(info)) return true;
  try {
    process.kill(hasProcessTable ? info.pid : -info.group, name);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EPERM';
  }
}

/** A scan can miss a process that forks and exits during it. A daemon does that twice: one more scan, to be sure. */
const SURE_AFTER = 3;

/** Starts a countdown; returns what is left of it, in milliseconds. */
function within(span: number, clock: Clock): () => number {
  const end = clock.now() + span;
  return () => end - clock.now();
}

/**
 * Polls until the finder has found nothing several times in a row.
 *
 * @param left time left, in milliseconds
 * @param onMembers acts on live members; returns whether waiting for them makes sense
 */
async function untilEmpty(
  finder: ProcessFinder,
  left: () => number,
  onMembers: (members: ProcessInfo[]) => boolean,
  hurry?: AbortSignal,
): Promise<boolean> {
  let empty = 0;
  for (let wait = FIRST_POLL; ; wait = Math.min(wait * 2, LONGEST_POLL)) {
    const { members, wrappers, isEmpty } = await lookTogether(() => lookAt(finder), left());
    for (const wrapper of wrappers) signal(wrapper, 'SIGCONT');
    if (isEmpty) {
      empty += 1;
      if (empty === SURE_AFTER) return true;
      wait = FIRST_POLL;
    } else {
      empty = 0;
      if (hurry?.aborted === true || !onMembers(members) || left() <= 0) return false;
    }
    await delay(wait);
  }
}

function lookAt(finder: ProcessFinder): {
  readonly members: ProcessInfo[];
  readonly wrappers: readonly ProcessInfo[];
  readonly isEmpty: boolean;
} {
  const members = finder.scan();
  const isEmpty = members.length === 0 && finder.mayBeEmpty();
  return { members, wrappers: finder.stoppedWrappers(), isEmpty };
}

/** Tells when only processes that we may not signal are left, and none of them has ended for a while. */
class Futility {
  readonly #clock: Clock;
  readonly #forbidden = new Set<string>();
  #last = '';
  #since = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sends a signal, and records whether that is permitted. */
  readonly send = (info: ProcessInfo, name: NodeJS.Signals): void => {
    if (!signal(info, name)) this.#forbidden.add(idOf(info));
  };

  isForbidden(info: ProcessId): boolean {
    return this.#forbidden.has(idOf(info));
  }

  /** Whether waiting any longer for these is futile. */
  isReached(members: readonly ProcessInfo[]): boolean {
    if (members.length === 0 || !members.every((info) => this.isForbidden(info))) {
      this.#last = '';
      return false;
    }
    const ids = members.map(idOf).join(' ');
    if (ids !== this.#last) this.#since = this.#clock.now();
    this.#last = ids;
    return this.#clock.now() - this.#since >= FORBIDDEN_WAIT;
  }
}

export interface EndOptions {
  /** Cuts the grace short when it aborts. */
  readonly hurry?: AbortSignal | undefined;
  /** How they are asked to end by themselves. */
  readonly manner?: Manner;
}

/**
 * Ends every process that the finder sees, until none is left: a request to end (see `Request`), a grace, SIGKILL.
 *
 * @param grace how long they get to end by themselves; 0 kills at once
 * @param of the component that they belong to
 * @param clock on which the grace is counted
 */
export async function terminate(
  finder: ProcessFinder,
  grace: Ms,
  of: string,
  clock: Clock,
  { hurry, manner = {} }: EndOptions = {},
): Promise<Ending> {
  const futility = new Futility(clock);
  const told = new Set<NodeJS.Signals>(['SIGCONT', 'SIGSTOP']);
  const send = (info: ProcessInfo, name: NodeJS.Signals): void => {
    if (!told.has(name)) manner.onSend?.(name);
    told.add(name);
    futility.send(info, name);
  };
  const request = new Request(manner, grace, { now: () => clock.now(), send, dispositionOf });
  const ask = (members: readonly ProcessInfo[]): boolean => {
    request.put(members);
    return !futility.isReached(members);
  };
  if (grace > 0 && (await untilEmpty(finder, () => request.deadline - clock.now(), ask, hurry)))
    return NOBODY;

  const killed = new Map<string, ProcessSighting>();
  const kill = (members: readonly ProcessInfo[]): boolean => {
    for (const info of freeze(finder, members, futility)) {
      const id = idOf(info);
      // Read before the kill: the command line is gone right after.
      const seen = killed.get(id) ?? sight(info);
      send(info, 'SIGKILL');
      if (!futility.isForbidden(info)) killed.set(id, seen);
    }
    finder.killAtOnce();
    return !futility.isReached(members);
  };
  if (await untilEmpty(finder, within(KILL_WAIT, clock), kill))
    return { killed: [...killed.values()], survivors: [] };
  const survivors = finder.scan().map((info) => {
    killed.delete(idOf(info));
    const obstacle = futility.isForbidden(info) ? 'not-permitted' : 'stuck';
    const survivor = { ...sight(info), obstacle } as const;
    noteUnended({ ...survivor, startTicks: info.startTicks, of });
    return survivor;
  });
  return { killed: [...killed.values()], survivors };
}

/** Attempts to stop processes that may fork faster than they are stopped. */
const FREEZE_ROUNDS = 20;

/**
 * Stops all members before any is killed, so that none can start another meanwhile: supervisors that restart their
 * children, and fork bombs, could otherwise be chased forever.
 *
 * @returns all that are stopped, including those born meanwhile
 */
function freeze(
  finder: ProcessFinder,
  members: readonly ProcessInfo[],
  futility: Futility,
): readonly ProcessInfo[] {
  let known = members;
  for (let round = 0; round < FREEZE_ROUNDS; round++) {
    for (const info of known) if (info.state !== 'T') futility.send(info, 'SIGSTOP');
    const now = finder.scan();
    const before = new Set(known.map(({ pid }) => pid));
    known = now;
    if (now.every(({ pid }) => before.has(pid))) break;
  }
  return known;
}

/** Kills everything at a place, whoever started it; `of` names the component that it belongs to. */
export async function endAll(place: Members, of: string, clock: Clock): Promise<Ending> {
  const finder = new ProcessFinder(null, { place });
  const { isEmpty } = await lookTogether(() => lookAt(finder), Number.POSITIVE_INFINITY);
  return isEmpty ? NOBODY : terminate(finder, 0 as Ms, of, clock);
}

/** Whether nothing is alive. Cheap while something is. */
export async function hasEnded(finder: ProcessFinder): Promise<boolean> {
  return (
    !finder.knownAlive() &&
    (await untilEmpty(
      finder,
      () => 0,
      () => true,
    ))
  );
}

/**
 * Waits for processes to end by themselves.
 *
 * @returns those still alive after `patience`, oldest first; undefined when nothing is alive. Empty when something is,
 *   but forks so fast that no scan shows it
 */
export async function linger(
  finder: ProcessFinder,
  patience: Ms,
  clock: Clock,
  hurry?: AbortSignal,
): Promise<ProcessInfo[] | undefined> {
  if (await untilEmpty(finder, within(patience, clock), () => true, hurry)) return undefined;
  return finder.scan().sort((a, b) => a.startTicks - b.startTicks);
}
