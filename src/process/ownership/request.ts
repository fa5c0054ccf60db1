/**
 * Asks processes to end as a person would: the one that leads them, and not those that it leads. A primary ends its
 * workers in its own way, and one that sees them die of a signal takes that for a crash.
 *
 * 1. Asked are the roots, those without a living member above them. Of a service only the root above the process that
 *    listens; the others, such as the reader of its output, when that has gone.
 * 2. Whoever does not catch the signal, as a shell most often, cannot pass it on: those below are asked as well.
 * 3. Orphans of one that caught it have been told. Of one that is known to have died of it they have not: Node catches
 *    it by itself, and dies all the same.
 * 4. Those that are still there when half of the grace is over are asked, whoever they are.
 */
import type { Ms } from '../../core/units.ts';
import type { Disposition, ProcessInfo } from '../system/proc.ts';

/** How the processes of an owner are asked to end. */
export interface Manner {
  /** Default: SIGTERM. */
  readonly signal?: NodeJS.Signals;
  /** The pid of the process that the others are there for, such as the one that listens. */
  readonly first?: number;
  /** Whether a process that is gone is known to have ended by a signal. */
  readonly wasKilled?: (info: ProcessInfo) => boolean;
}

/** What it takes to ask. */
export interface Hands {
  /** The time on the clock of the run, in milliseconds. */
  readonly now: () => number;
  readonly send: (info: ProcessInfo, signal: NodeJS.Signals) => void;
  /** How a process takes a signal; undefined when it is gone. */
  readonly dispositionOf: (pid: number, signal: NodeJS.Signals) => Disposition | undefined;
}

/** Those beside the first one often end with it. So long, in milliseconds, they get for that. */
const MOMENT = 100;

const idOf = ({ pid, startTicks }: ProcessInfo): string => `${pid}:${startTicks}`;

export class Request {
  readonly #signal: NodeJS.Signals;
  readonly #wasKilled: (info: ProcessInfo) => boolean;
  readonly #hands: Hands;
  readonly #grace: Ms;
  /** When everybody is asked. */
  readonly #late: number;
  /** When that was done. */
  #allAskedAt = Number.POSITIVE_INFINITY;
  readonly #asked = new Set<string>();
  /** Of each member that has had a member as its parent: that one, as it was last seen. */
  readonly #parents = new Map<string, ProcessInfo>();
  /** How those that have children take the signal. */
  readonly #dispositions = new Map<string, Disposition | undefined>();
  #first: number | undefined;
  #firstGoneAt = Number.NEGATIVE_INFINITY;

  /**
   * @param grace how long they have in all
   */
  constructor({ signal = 'SIGTERM', first, wasKilled = () => false }: Manner, grace: Ms, hands: Hands) {
    this.#signal = signal;
    this.#first = first;
    this.#wasKilled = wasKilled;
    this.#hands = hands;
    this.#grace = grace;
    this.#late = hands.now() + grace / 2;
  }

  /** When their time is over: on a machine that is slow nobody loses the half of the grace that is left after everybody was asked. */
  get deadline(): number {
    return this.#allAskedAt + this.#grace / 2;
  }

  /**
   * Asks those whose turn it is.
   *
   * @param members all that live now
   */
  put(members: readonly ProcessInfo[]): void {
    const tree = this.#treeOf(members);
    if (this.#hands.now() >= this.#late) {
      this.#allAskedAt = Math.min(this.#allAskedAt, this.#hands.now());
      for (const info of members) this.#ask(info);
    } else this.#askInTurn(members, tree);
    // A stopped process takes no signal but SIGKILL until it goes on, whoever sends it.
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
      this.#parents.set(idOf(info), parent);
      const id = idOf(parent);
      if (!this.#dispositions.has(id))
        this.#dispositions.set(id, this.#hands.dispositionOf(parent.pid, this.#signal));
    }
    return { living, children };
  }

  #askInTurn(members: readonly ProcessInfo[], tree: Tree): void {
    const path = this.#pathToFirst(tree);
    const first = path.at(-1);
    if (first !== undefined) {
      const hears = path.find((info) => this.#passesOn(info)) ?? first;
      for (const info of path.slice(0, path.indexOf(hears))) this.#ask(info);
      this.#askDown([hears], tree);
    } else if (this.#hands.now() >= this.#firstGoneAt + MOMENT) {
      this.#askDown(
        members.filter((info) => !tree.living.has(info.parent) && !this.#wasTold(info)),
        tree,
      );
    }
  }

  /** Asks these, and below each that does not pass it on. */
  #askDown(roots: readonly ProcessInfo[], { children }: Tree): void {
    const due = [...roots];
    for (let info = due.pop(); info !== undefined; info = due.pop()) {
      this.#ask(info);
      if (!this.#passesOn(info)) due.push(...(children.get(info.pid) ?? []));
    }
  }

  /** The first process with those above it, from the root down; nobody when it has gone or there is none. */
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

  /** Whether an orphan can be taken to have been told by the one that it has lost. */
  #wasTold(orphan: ProcessInfo): boolean {
    const parent = this.#parents.get(idOf(orphan));
    return parent !== undefined && this.#passesOn(parent) && !this.#wasKilled(parent);
  }

  #ask(info: ProcessInfo): void {
    const id = idOf(info);
    if (this.#asked.has(id)) return;
    this.#asked.add(id);
    this.#hands.send(info, this.#signal);
    // It may have stopped since it was looked at.
    this.#hands.send(info, 'SIGCONT');
  }
}

interface Tree {
  readonly living: ReadonlyMap<number, ProcessInfo>;
  readonly children: ReadonlyMap<number, readonly ProcessInfo[]>;
}
