/**
 * Processes of one moment, by all that finders look for: whose children they are, in which groups and sessions, which marks they
 * bear. Many finders share a crowd: each asks for its own, and does not go through all.
 */
import { isKnownHelper, isNobodys } from '../system/children.ts';
import {
  allPids,
  lastPid,
  namespaceOf,
  type ProcessInfo,
  processTable,
  readOnce,
  readProcess,
} from '../system/proc.ts';
import { limitSignsOf, limitSignsOn, type Marks, signsOf, signsOn } from './marks.ts';
import { isUnended } from './unended.ts';

const NONE: readonly ProcessInfo[] = [];

type Groups<K> = Map<K, ProcessInfo[]>;

function put<K>(groups: Groups<K>, key: K, info: ProcessInfo): void {
  const known = groups.get(key);
  if (known === undefined) groups.set(key, [info]);
  else known.push(info);
}

/** Processes by signs. To read them takes time, so none is read that whoever asks knows already. */
class Index {
  readonly #signsOn: (info: ProcessInfo) => readonly string[];
  readonly #found: Groups<string> = new Map();
  #unread: readonly ProcessInfo[];

  constructor(infos: readonly ProcessInfo[], signsOn: (info: ProcessInfo) => readonly string[]) {
    this.#unread = infos;
    this.#signsOn = signsOn;
  }

  get(signs: readonly string[], isKnown: (info: ProcessInfo) => boolean): readonly ProcessInfo[] {
    if (signs.length === 0) return NONE;
    this.#unread = this.#unread.filter((info) => {
      if (isKnown(info)) return true;
      for (const sign of this.#signsOn(info)) put(this.#found, sign, info);
      return false;
    });
    return signs.flatMap((sign) => this.#found.get(sign) ?? NONE);
  }
}

export class Crowd {
  readonly #byPid = new Map<number, ProcessInfo>();
  readonly #children: Groups<number> = new Map();
  readonly #groups: Groups<number> = new Map();
  readonly #signs: Index;
  readonly #limits: Index;
  #namespaces: Groups<string> | undefined;

  constructor(infos: readonly ProcessInfo[]) {
    for (const info of infos) {
      this.#byPid.set(info.pid, info);
      put(this.#children, info.parent, info);
      put(this.#groups, info.group, info);
      if (info.session !== info.group) put(this.#groups, info.session, info);
    }
    this.#signs = new Index(infos, signsOn);
    this.#limits = new Index(infos, limitSignsOn);
  }

  get(pid: number): ProcessInfo | undefined {
    return this.#byPid.get(pid);
  }

  childrenOf(pid: number): readonly ProcessInfo[] {
    return this.#children.get(pid) ?? NONE;
  }

  /** Those in a group or session. */
  inGroup(id: number): readonly ProcessInfo[] {
    return this.#groups.get(id) ?? NONE;
  }

  /** Those in a PID namespace. @param id as shown by /proc/PID/ns/pid */
  inNamespace(id: string): readonly ProcessInfo[] {
    if (this.#namespaces === undefined) {
      this.#namespaces = new Map();
      for (const info of this.#byPid.values()) put(this.#namespaces, namespaceOf(info), info);
    }
    return this.#namespaces.get(id) ?? NONE;
  }

  /** Those that bear any of the marks. @param isKnown whether it need not be asked about a process */
  bearersOf(marks: Marks, isKnown: (info: ProcessInfo) => boolean): readonly ProcessInfo[] {
    return [...this.#limits.get(limitSignsOf(marks), isKnown), ...this.#signs.get(signsOf(marks), isKnown)];
  }
}

/** Everybody who can belong to an owner. */
export interface Census {
  readonly crowd: Crowd;
  /** Of all processes, also of those that are too old. */
  readonly pids: ReadonlySet<number>;
}

/** In milliseconds. A pid is not reused sooner: the kernel hands out all others first. */
const SAME_PID_FOR = 20;
/** The same where it is seen when it has handed out all: by the last one, as long as that is looked at often enough. */
const SAME_TURN_FOR = 1000;

/** Processes that were too old at the last census, and for how long to trust that. */
let elders = { notBefore: 0, last: 0, until: 0, pids: new Set<number>() };

/** @param notBefore start time in ticks: older processes are left out */
export const takeCensus = (notBefore: number): Census =>
  readOnce(`census ${notBefore}`, () => look(notBefore));

function look(notBefore: number): Census {
  const now = performance.now();
  const last = lastPid();
  if (notBefore !== elders.notBefore || now > elders.until || (last ?? elders.last) < elders.last) {
    const until = now + (last === undefined ? SAME_PID_FOR : SAME_TURN_FOR);
    elders = { notBefore, last: last ?? 0, until, pids: new Set() };
  }
  const table = processTable((pid) => elders.pids.has(pid) || isKnownHelper(pid));
  const off = lineage(table);
  const infos = table.filter((info) => {
    if (info.startTicks >= notBefore) return !off.has(info.pid) && !isUnended(info) && !isNobodys(info);
    elders.pids.add(info.pid);
    return false;
  });
  const pids = new Set([...elders.pids, ...table.map(({ pid }) => pid)]);
  return { crowd: new Crowd(infos), pids };
}

/** In milliseconds: for how long it is known well enough who was there before. */
const LATELY = 1000;

let latest: { readonly pids: ReadonlySet<number>; readonly at: number } | undefined;

function pidsNow(): ReadonlySet<number> {
  const pids = allPids();
  latest = { pids, at: performance.now() };
  return pids;
}

/** Those who were there a moment ago: whatever is started from now on is not among them. */
export const pidsLately = (): ReadonlySet<number> =>
  latest !== undefined && performance.now() - latest.at < LATELY ? latest.pids : pidsNow();

export interface Arrivals {
  readonly crowd: Crowd;
  /** Of all who are there now. */
  readonly pids: ReadonlySet<number>;
}

/** Who has come since `before`; the same for all who were there then. */
export function arrivalsSince(before: ReadonlySet<number>): Arrivals {
  const pids = pidsNow();
  return readOnce(before, () => {
    const newcomers = [...pids].filter((pid) => !before.has(pid) && !isKnownHelper(pid));
    const infos = newcomers.flatMap((pid) => readProcess(pid) ?? []);
    return { crowd: new Crowd(infos.filter((info) => !isNobodys(info))), pids };
  });
}

/** This process and its ancestors, which are never members. */
function lineage(table: readonly ProcessInfo[]): Set<number> {
  const parents = new Map(table.map((info) => [info.pid, info.parent]));
  const pids = new Set<number>([1]);
  for (
    let pid: number | undefined = process.pid;
    pid !== undefined && pid > 1 && !pids.has(pid);
    pid = parents.get(pid)
  ) {
    pids.add(pid);
  }
  return pids;
}
