/**
 * Finds every process that belongs to an owner, by the union of what each technique sees:
 *
 * - the cookie, a variable in the environment that children inherit (misses those that start with a clean one);
 * - the lease, an open file that children inherit (misses those that close all descriptors);
 * - descent, group and session, remembered from look to look (misses what left all three between two looks).
 */
import {
  allPids,
  canSignal,
  environmentHolds,
  hasProcessTable,
  openFiles,
  type ProcessId,
  type ProcessInfo,
  processTable,
  readProcess,
} from '../system/proc.ts';

export interface Marks {
  /** `NAME=value`, or `NAME=` for whatever value. */
  readonly cookie: string;
  /** The file, or (ending in a slash) the folder of files, that is held open. */
  readonly lease: string;
}

/** So long, in milliseconds, a pid is taken to be still the same process's: for another to get it, all others must be used up first. */
const SAME_PID_FOR = 20;

/** Glances know nothing of a process that was overlooked, or that has changed its group since: so often, in milliseconds, all are looked at. */
const SCAN_EVERY = 10_000;

export class ProcessFinder {
  readonly #marks: Marks;
  /** Members seen so far: pid to start time. */
  readonly #known = new Map<number, number>();
  /** Groups and sessions that members lead or led. */
  readonly #groups = new Set<number>();
  /** Who was too old to belong at the last full look, and until when that is believed: looks often come in threes. */
  readonly #elders = new Set<number>();
  #eldersUntil = 0;
  /** Who was there at the last glance, and whoever was looked at since. */
  #glanced = new Set<number>();
  #scannedAt = Number.NEGATIVE_INFINITY;
  #notBefore: number;

  /** @param notBefore start time in ticks; older processes cannot belong, and are not even looked at */
  constructor(marks: Marks, notBefore: number = readProcess(process.pid)?.startTicks ?? 0) {
    this.#marks = marks;
    this.#notBefore = notBefore;
  }

  /** Takes in a process that is known to belong, such as one that was just started. */
  adopt(id: ProcessId & { readonly leadsGroup: boolean }): void {
    this.#known.set(id.pid, id.startTicks);
    this.#glanced.add(id.pid);
    if (id.leadsGroup) this.#groups.add(id.pid);
    if (id.startTicks < this.#notBefore) this.#eldersUntil = 0;
    this.#notBefore = Math.min(this.#notBefore, id.startTicks);
  }

  /** Takes in a process that an earlier run wrote down. If it has ended, its pid and group may be somebody else's by now. */
  adoptIfAlive(id: ProcessId): void {
    const now = readProcess(id.pid);
    if (now?.startTicks === id.startTicks) this.adopt({ ...id, leadsGroup: now.group === id.pid });
  }

  /** Whether any member that was seen before still lives; much cheaper than `scan`, which also finds new ones. */
  knownAlive(): boolean {
    if (!hasProcessTable) return this.scan().length > 0;
    for (const [pid, startTicks] of this.#known) {
      const now = readProcess(pid);
      if (now !== undefined && now.startTicks === startTicks && now.state !== 'Z') return true;
      this.#known.delete(pid);
    }
    return false;
  }

  /**
   * Remembers who descends from whom, while there is nothing to end. It looks only at those that have come since the
   * last time, so it costs next to nothing however many live.
   */
  glance(): void {
    if (!hasProcessTable) return;
    const pids = new Set(allPids());
    const before = this.#glanced;
    this.#glanced = pids;
    if (performance.now() - this.#scannedAt > SCAN_EVERY) {
      this.scan();
      return;
    }
    const newcomers: ProcessInfo[] = [];
    for (const pid of pids) {
      if (before.has(pid)) continue;
      const info = readProcess(pid);
      if (info === undefined || info.startTicks < this.#notBefore) continue;
      newcomers.push(info);
      // No pid is given out again while a group or session has it as its number: what had this one is gone.
      if (this.#known.get(pid) !== info.startTicks) {
        this.#known.delete(pid);
        this.#groups.delete(pid);
      }
    }
    const isMember = ({ pid, parent, group, session }: ProcessInfo): boolean =>
      [parent, group, session].some((id) => this.#known.has(id)) ||
      this.#groups.has(group) ||
      this.#groups.has(session) ||
      this.#isMarked(pid);
    let candidates = newcomers;
    for (let grew = true; grew; ) {
      grew = false;
      candidates = candidates.filter((info) => {
        if (!isMember(info)) return true;
        for (const id of [info.group, info.session])
          if (id === info.pid || this.#known.has(id)) this.#groups.add(id);
        this.#known.set(info.pid, info.startTicks);
        grew = true;
        return false;
      });
    }
    for (const pid of this.#known.keys()) if (!pids.has(pid)) this.#known.delete(pid);
  }

  /** Every member that lives now. */
  scan(): ProcessInfo[] {
    if (!hasProcessTable) return this.#scanGroups();
    const now = performance.now();
    this.#scannedAt = now;
    if (now > this.#eldersUntil) {
      this.#elders.clear();
      this.#eldersUntil = now + SAME_PID_FOR;
    }
    const table = processTable(this.#elders);
    const members = new Map<number, ProcessInfo>();
    const rest: ProcessInfo[] = [];
    const off = lineage(table);
    for (const info of table) {
      this.#glanced.add(info.pid);
      if (info.startTicks < this.#notBefore) this.#elders.add(info.pid);
      if (info.startTicks < this.#notBefore || off.has(info.pid)) continue;
      if (this.#known.get(info.pid) === info.startTicks || this.#isMarked(info.pid))
        members.set(info.pid, info);
      else rest.push(info);
    }
    const groups = this.#groups;
    const learn = (info: ProcessInfo): void => {
      if (info.group === info.pid) groups.add(info.pid);
      if (info.session === info.pid) groups.add(info.pid);
    };
    for (const info of members.values()) learn(info);
    // Membership spreads until a round finds nobody new.
    let candidates = rest;
    for (let grew = true; grew; ) {
      grew = false;
      candidates = candidates.filter((info) => {
        if (!members.has(info.parent) && !groups.has(info.group) && !groups.has(info.session)) return true;
        members.set(info.pid, info);
        learn(info);
        grew = true;
        return false;
      });
    }
    this.#remember(members);
    return [...members.values()];
  }

  #isMarked(pid: number): boolean {
    if (environmentHolds(pid, this.#marks.cookie)) return true;
    const { lease } = this.#marks;
    return openFiles(pid).some((target) =>
      lease.endsWith('/') ? target.startsWith(lease) : target === lease,
    );
  }

  #remember(members: ReadonlyMap<number, ProcessInfo>): void {
    this.#known.clear();
    const live = new Set<number>();
    for (const info of members.values()) {
      this.#known.set(info.pid, info.startTicks);
      live.add(info.group);
      live.add(info.session);
    }
    // A group without members is gone: its number may come back as somebody else's.
    for (const group of this.#groups) if (!live.has(group)) this.#groups.delete(group);
  }

  /** Without a process table a group is all that can be asked for: it is shown as its leader. */
  #scanGroups(): ProcessInfo[] {
    return [...this.#groups]
      .filter((group) => canSignal(-group))
      .map((group) => ({ pid: group, startTicks: 0, parent: 0, group, session: group, state: '?' }));
  }
}

/** This process and those above it, which must never be taken for a member. */
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
