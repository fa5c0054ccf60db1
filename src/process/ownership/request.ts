/**
 * Asks processes to end as a person would: the leading one, not those below it. A primary ends its workers in its own
 * way, and takes a worker that dies of a signal for a crash.
 *
 * 1. The roots are asked: members without a live member above them. Of a service, only the root above the listening
 *    process; the others, such as a reader of its output, once that is gone.
 * 2. A process that does not catch the signal, as shells mostly do not, cannot pass it on: its children are asked as
 *    well.
 *    Neither does a shell that puts off a SIGINT until what it waits for has ended. What it starts from then on, in a
 *    trap, is its way of ending, and is not asked.
 * 3. Orphans of a process that caught it have been told. Orphans of one that died of it have not: Node catches signals
 *    internally, yet dies of them.
 * 4. Halfway through the grace, everything that is left is asked.
 *
 * A service may want it otherwise: only steps 1 and 2, once; or everything at once.
 */
import type { Ms } from '../../core/units.ts';
import { type Disposition, idOf, type ProcessInfo } from '../system/proc.ts';

/** How an owner's processes are asked to end. */
export interface Manner {
  /** Default: SIGTERM. */
  readonly signal?: NodeJS.Signals;
  /** The pid of the main process, such as the one that listens. */
  readonly first?: number;
  /** Whom it is for. Default: the main process, or the roots; and those that stay, halfway through the grace. */
  readonly to?: 'leader' | 'all';
  /** Whether a process that is gone is known to have died of a signal. */
  readonly wasKilled?: (info: ProcessInfo) => boolean;
  /** Called with each signal that ends processes, SIGKILL included, when the first of them is sent it. */
  readonly onSend?: (signal: NodeJS.Signals) => void;
}

/** What `Request` needs from outside. */
export interface Hands {
  /** The run's clock, in milliseconds. */
  readonly now: () => number;
  readonly send: (info: ProcessInfo, signal: NodeJS.Signals) => void;
  /** How a process handles a signal; undefined when it is gone. */
  readonly dispositionOf: (pid: number, signal: NodeJS.Signals) => Disposition | undefined;
}

/** In milliseconds. Processes beside the first one often end with it, and get this long to do so. */
const MOMENT = 100;

export class Request {
  readonly #signal: NodeJS.Signals;
  readonly #wasKilled: (info: ProcessInfo) => boolean;
  readonly #hands: Hands;
  readonly #grace: Ms;
  readonly #to: Manner['to'];
  /** When everything that is left is due to be asked. */
  readonly #late: number;
  /** When it was asked. */
  #allAskedAt = Number.POSITIVE_INFINITY;
  /** When anybody was. */
  #firstAskedAt = Number.POSITIVE_INFINITY;
  /** In which look each was asked. */
  readonly #asked = new Map<string, number>();
  /** In which look each member that has a parent was first seen. */
  readonly #seen = new Map<string, number>();
  #look = 0;
  /** The last known parent of each member whose parent was a member. */
  readonly #parents = new Map<string, ProcessInfo>();
  /** How members with children handle the signal. */
  readonly #dispositions = new Map<string, Disposition | undefined>();
  #first: number | undefined;
  #firstGoneAt = Number.NEGATIVE_INFINITY;

  /** @param grace how long they have in all */
  constructor({ signal = 'SIGTERM', first, to, wasKilled = () => false }: Manner, grace: Ms, hands: Hands) {
    this.#signal = signal;
    this.#first = first;
    this.#wasKilled = wasKilled;
    this.#hands = hands;
    this.#grace = grace;
    this.#to = to;
    this.#late =
      to === 'all' ? hands.now() : to === 'leader' ? Number.POSITIVE_INFINITY : hands.now() + grace / 2;
  }

  /**
   * When their time is up. The second half counts from when everybody was asked, so a slow machine does not shorten it.
   */
  get deadline(): number {
    if (this.#to !== undefined) return this.#firstAskedAt + this.#grace;
    return this.#allAskedAt + this.#grace / 2;
  }

  /** Asks those of the live members that are due. */
  put(members: readonly ProcessInfo[]): void {
    this.#look += 1;
    const tree = this.#treeOf(members);
    if (this.#hands.now() >= this.#late) {
      this.#allAskedAt = Math.min(this.#allAskedAt, this.#hands.now());
      for (const info of members) this.#ask(info);
    } else if (this.#to !== 'leader') this.#askInTurn(members, tree);
    else if (this.#asked.size === 0) this.#askLeader(members, tree);
    // A stopped process takes no signal but SIGKILL until it is resumed.
    for (const info of members) if (info.state === 'T') this.#hands.send(info, 'SIGCONT');
  }

  #treeOf(members: readonly ProcessInfo[]): Tree {
    const living = new Map(members.map((info) => [info.pid, info]));
    const children = new Map<number, ProcessInfo[]>();
    for (const info of members) {
      const parent = living.get(info.parent);
      if (parent === undefined) continue;
      const siblings = children.get(parent.pid);
      if (siblings === undefined) children.set(parent.pid, [info]);
      else siblings.push(info);
      const child = idOf(info);
      this.#parents.set(child, parent);
      if (!this.#seen.has(child)) this.#seen.set(child, this.#look);
      const id = idOf(parent);
      if (!this.#dispositions.has(id))
        this.#dispositions.set(id, this.#hands.dispositionOf(parent.pid, this.#signal));
    }
    return { living, children };
  }

  /** Asks the root above the main process and, where there is no main process, all roots. Nobody else is ever asked. */
  #askLeader(members: readonly ProcessInfo[], tree: Tree): void {
    if (this.#askTo(this.#pathToFirst(tree)) !== undefined) return;
    const roots = members.filter((info) => !tree.living.has(info.parent));
    this.#askDown(roots, tree);
  }

  /** Asks those on a path, down to the first that catches the signal or else the last. @returns that one */
  #askTo(path: readonly ProcessInfo[]): ProcessInfo | undefined {
    const hears = path.find((info) => this.#passesOn(info)) ?? path.at(-1);
    for (const info of path) {
      this.#ask(info);
      if (info === hears) break;
    }
    return hears;
  }

  #askInTurn(members: readonly ProcessInfo[], tree: Tree): void {
    const hears = this.#askTo(this.#pathToFirst(tree));
    if (hears !== undefined) this.#askDown([hears], tree);
    else if (this.#hands.now() >= this.#firstGoneAt + MOMENT)
      this.#askDown(
        members.filter(
          (info) => !tree.living.has(info.parent) && !this.#wasTold(info) && !this.#isReaction(info),
        ),
        tree,
      );
  }

  /** Asks these, and the children of each that does not pass the signal on. */
  #askDown(roots: readonly ProcessInfo[], { children }: Tree): void {
    const due = [...roots];
    for (let info = due.pop(); info !== undefined; info = due.pop()) {
      this.#ask(info);
      if (this.#passesOn(info)) continue;
      due.push(...(children.get(info.pid) ?? []).filter((child) => !this.#isReaction(child)));
    }
  }

  /** The path from the root down to the first process; empty when that is gone or not set. */
  #pathToFirst({ living }: Tree): ProcessInfo[] {
    const path: ProcessInfo[] = [];
    let info = this.#first === undefined ? undefined : living.get(this.#first);
    if (info === undefined && this.#first !== undefined) {
      this.#first = undefined;
      if (this.#asked.size > 0) this.#firstGoneAt = this.#hands.now();
    }
    for (; info !== undefined; info = living.get(info.parent)) path.unshift(info);
    return path;
  }

  #passesOn(info: ProcessInfo): boolean {
    return this.#dispositions.get(idOf(info)) === 'caught';
  }

  /** Whether an orphan's former parent can be assumed to have told it. */
  #wasTold(orphan: ProcessInfo): boolean {
    const parent = this.#parents.get(idOf(orphan));
    return parent !== undefined && this.#passesOn(parent) && !this.#wasKilled(parent);
  }

  /** Whether a shell has started it because it was asked itself. */
  #isReaction(info: ProcessInfo): boolean {
    const parent = this.#parents.get(idOf(info));
    if (parent === undefined || this.#dispositions.get(idOf(parent)) !== 'deferred') return false;
    const askedAt = this.#asked.get(idOf(parent)) ?? Number.POSITIVE_INFINITY;
    return (this.#seen.get(idOf(info)) ?? 0) > askedAt;
  }

  #ask(info: ProcessInfo): void {
    const id = idOf(info);
    if (this.#asked.has(id)) return;
    this.#asked.set(id, this.#look);
    this.#firstAskedAt = Math.min(this.#firstAskedAt, this.#hands.now());
    this.#hands.send(info, this.#signal);
    // It may have stopped since the last scan.
    this.#hands.send(info, 'SIGCONT');
  }
}

interface Tree {
  readonly living: ReadonlyMap<number, ProcessInfo>;
  readonly children: ReadonlyMap<number, readonly ProcessInfo[]>;
}
