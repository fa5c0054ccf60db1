/**
 * Finds every process that belongs to an owner, as the union of what each technique sees:
 *
 * - the cookie, an environment variable that children inherit (misses those that start with a clean environment);
 * - the lease, an open file that children inherit (misses those that close all descriptors);
 * - a resource limit of an odd value, inherited and readable by all (misses those that set it anew);
 * - ancestry, process group and session, remembered between scans (misses what left all three between two of them);
 * - the tier's enclosure, if it has one, which misses nothing.
 */
import {
  allPids,
  canSignal,
  environmentHolds,
  groupsOfZombies,
  hasProcessTable,
  killGroup,
  openFiles,
  type ProcessId,
  type ProcessInfo,
  processTable,
  readProcess,
} from '../system/proc.ts';
import { isUnder, type LimitRange } from './limit-mark.ts';
import type { Members } from './members.ts';
import { hasUnended, isUnended } from './unended.ts';

export interface Marks {
  /** `NAME=value`, or `NAME=` for any value. */
  readonly cookie: string;
  /** A file that is held open; with a trailing slash, any file in that folder. */
  readonly lease: string;
  /** A resource limit in this range marks a member. */
  readonly limit?: LimitRange | undefined;
}

export interface FinderOptions {
  /** Start time in ticks; older processes cannot belong, and are not looked at. Default: our own. */
  readonly notBefore?: number;
  /** The owner's part of an enclosure. */
  readonly place?: Members;
}

/** In milliseconds. A pid is not reused sooner: the kernel hands out all others first. */
const SAME_PID_FOR = 20;

/** In milliseconds. Glances miss processes that were overlooked or have changed group: do a full scan this often. */
const SCAN_EVERY = 10_000;

/** In milliseconds: how long a group may have members that no scan has shown. */
const UNSEEN_FOR = 1000;

/** What the kernel appends to the path of an open file that was removed. */
const REMOVED = ' (deleted)';

export class ProcessFinder {
  readonly #marks: Marks | null;
  readonly #place: Members | undefined;
  /** The enclosure's wrappers: they tie their children to us, and are not members themselves. */
  readonly #wrappers = new Set<number>();
  /** Members seen so far: pid to start time. */
  readonly #known = new Map<number, number>();
  /** Groups and sessions of members, with the time when a member was last seen in each. */
  readonly #groups = new Map<number, number>();
  /** Processes too old to belong at the last scan, and until when to trust that: scans often come in threes. */
  readonly #elders = new Set<number>();
  #eldersUntil = 0;
  /** The pids of the last glance, and of every scan since. */
  #glanced = new Set<number>();
  #scannedAt = Number.NEGATIVE_INFINITY;
  #notBefore: number;
  #own: ProcessInfo | undefined;

  /** @param marks null when the place alone decides who belongs */
  constructor(marks: Marks | null, { notBefore, place }: FinderOptions = {}) {
    this.#marks = marks;
    this.#place = place;
    this.#notBefore = notBefore ?? readProcess(process.pid)?.startTicks ?? 0;
  }

  /** Adds a process that is known to belong, such as one that was just started. */
  adopt(id: ProcessId & { readonly leadsGroup: boolean; readonly isWrapper?: boolean }): void {
    this.#known.set(id.pid, id.startTicks);
    if (id.isWrapper === true) this.#wrappers.add(id.pid);
    this.#glanced.add(id.pid);
    if (id.leadsGroup) this.#groups.set(id.pid, performance.now());
    if (id.startTicks < this.#notBefore) this.#eldersUntil = 0;
    this.#notBefore = Math.min(this.#notBefore, id.startTicks);
  }

  /** Adds a process that an earlier run recorded. If it has ended, its pid and group may have been reused. */
  adoptIfAlive(id: ProcessId): void {
    const now = readProcess(id.pid);
    if (now?.startTicks === id.startTicks) this.adopt({ ...id, leadsGroup: now.group === id.pid });
  }

  /** Whether any known member still lives; much cheaper than `scan`, which also finds new ones. */
  knownAlive(): boolean {
    if (!hasProcessTable) return this.scan().length > 0;
    for (const [pid, startTicks] of this.#known) {
      const now = readProcess(pid);
      if (now !== undefined && now.startTicks === startTicks && now.state !== 'Z') return true;
      this.#known.delete(pid);
    }
    return false;
  }

  /** Records ancestry while there is nothing to end. Looks only at new processes, so it costs next to nothing. */
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
      // The kernel does not reuse a pid while it numbers a group or session: the earlier one is gone.
      if (this.#known.get(pid) !== info.startTicks) {
        this.#known.delete(pid);
        this.#groups.delete(pid);
      }
    }
    // A parent may have ended, and its pid been reused, since the last glance.
    const isKnown = once((pid: number): boolean => {
      const startTicks = this.#known.get(pid);
      return startTicks !== undefined && readProcess(pid)?.startTicks === startTicks;
    });
    const isMarked = once((pid: number): boolean => this.#isMarked(pid));
    const found = new Set<number>();
    const isMember = ({ pid, parent, group, session }: ProcessInfo): boolean =>
      [parent, group, session].some((id) => found.has(id) || isKnown(id)) ||
      this.#groups.has(group) ||
      this.#groups.has(session) ||
      isMarked(pid);
    let candidates = newcomers;
    for (let grew = true; grew; ) {
      grew = false;
      candidates = candidates.filter((info) => {
        if (!isMember(info)) return true;
        for (const id of [info.group, info.session])
          if (id === info.pid || this.#known.has(id)) this.#groups.set(id, performance.now());
        this.#known.set(info.pid, info.startTicks);
        found.add(info.pid);
        grew = true;
        return false;
      });
    }
    for (const pid of this.#known.keys()) if (!pids.has(pid)) this.#known.delete(pid);
  }

  /** The members that a glance shows: nearly always all of them, at a fraction of the cost. */
  scanLightly(): ProcessInfo[] {
    this.glance();
    return [...this.#known].flatMap(([pid, startTicks]) => {
      const info = readProcess(pid);
      return info?.startTicks === startTicks && !this.#wrappers.has(pid) ? [info] : [];
    });
  }

  /** Every live member. */
  scan(): ProcessInfo[] {
    if (!hasProcessTable) return this.#scanGroups();
    const now = performance.now();
    this.#scannedAt = now;
    this.#own = readProcess(process.pid);
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
      if (info.startTicks < this.#notBefore || off.has(info.pid) || isUnended(info)) continue;
      if (this.#known.get(info.pid) === info.startTicks || this.#isMarked(info.pid))
        members.set(info.pid, info);
      else {
        // The kernel does not reuse a pid while it numbers a group or session: the earlier one is gone.
        this.#groups.delete(info.pid);
        rest.push(info);
      }
    }
    for (const info of members.values()) this.#learn(info);
    const others = this.#spread(members, rest);
    const strays = this.#place?.strays(others) ?? [];
    for (const info of strays) members.set(info.pid, info);
    if (strays.length > 0) this.#spread(members, others);
    this.#remember(members);
    return [...members.values()].filter(({ pid }) => !this.#wrappers.has(pid));
  }

  /** Stopped wrappers: a wrapper stops with its command, but does not resume with it. */
  stoppedWrappers(): ProcessInfo[] {
    return [...this.#wrappers].flatMap((pid) => {
      const info = readProcess(pid);
      return info !== undefined && info.startTicks === this.#known.get(pid) && info.state === 'T'
        ? [info]
        : [];
    });
  }

  /** Whether marks or ancestry show that a process belongs; other owners ask before they claim a stray. */
  recognises(info: ProcessInfo): boolean {
    return (
      this.#known.get(info.pid) === info.startTicks ||
      this.#isRelated(info, this.#known) ||
      this.#isMarked(info.pid)
    );
  }

  /** Kills what it can without a scan: all in the enclosure, where the tier can, and our groups. Check afterwards. */
  killAtOnce(): void {
    this.#place?.kill?.();
    for (const group of this.#groups.keys()) if (!this.#isLedByAnother(group)) killGroup(group);
  }

  /** A process that forks and exits without pause escapes any number of scans; its group does not. */
  mayBeEmpty(): boolean {
    if (!hasProcessTable || hasUnended()) return true;
    if (this.#place?.isEmpty !== undefined) return this.#place.isEmpty();
    const groups = [...this.#groups.keys()].filter(
      (group) => canSignal(-group) && !this.#isLedByAnother(group),
    );
    if (groups.length === 0) return true;
    // A group of zombies can be signalled as well. Zombies are looked up once, not once per group.
    const dead = groupsOfZombies();
    return groups.every((group) => dead.has(group));
  }

  #isLedByAnother(group: number): boolean {
    const leader = readProcess(group);
    return leader !== undefined && this.#known.get(group) !== leader.startTicks && leader.state !== 'Z';
  }

  #learn(info: ProcessInfo): void {
    // A command starts in a session of its own and can only leave it for a new one. So these groups are ours, whoever
    // leads them, unless we are in them ourselves.
    for (const group of [info.group, info.session])
      if (group !== this.#own?.group && group !== this.#own?.session)
        this.#groups.set(group, performance.now());
  }

  #isRelated(info: ProcessInfo, members: ReadonlyMap<number, unknown>): boolean {
    return members.has(info.parent) || this.#groups.has(info.group) || this.#groups.has(info.session);
  }

  /** Spreads membership until a round finds nothing new; returns the rest. */
  #spread(members: Map<number, ProcessInfo>, candidates: readonly ProcessInfo[]): readonly ProcessInfo[] {
    let left = candidates;
    for (let before = -1; before !== left.length; ) {
      before = left.length;
      left = left.filter((info) => {
        if (!this.#isRelated(info, members)) return true;
        members.set(info.pid, info);
        this.#learn(info);
        return false;
      });
    }
    return left;
  }

  #isMarked(pid: number): boolean {
    if (this.#marks === null) return false;
    const { cookie, lease, limit } = this.#marks;
    if (limit !== undefined && isUnder(pid, limit)) return true;
    if (environmentHolds(pid, cookie)) return true;
    return openFiles(pid).some((target) =>
      lease.endsWith('/') ? target.startsWith(lease) : target === lease || target === `${lease}${REMOVED}`,
    );
  }

  #remember(members: ReadonlyMap<number, ProcessInfo>): void {
    const now = performance.now();
    this.#known.clear();
    for (const info of members.values()) {
      this.#known.set(info.pid, info.startTicks);
      for (const group of [info.group, info.session])
        if (this.#groups.has(group)) this.#groups.set(group, now);
    }
    // An empty group is forgotten once no member can have been missed: its number may be reused.
    for (const [group, seenAt] of this.#groups) if (now - seenAt > UNSEEN_FOR) this.#groups.delete(group);
    for (const wrapper of this.#wrappers) if (!members.has(wrapper)) this.#wrappers.delete(wrapper);
  }

  /** Without a process table only groups can be probed; each is shown as its leader. */
  #scanGroups(): ProcessInfo[] {
    return [...this.#groups.keys()]
      .filter((group) => canSignal(-group))
      .map((group) => ({ pid: group, startTicks: 0, parent: 0, group, session: group, state: '?' }));
  }
}

/** Memoises a predicate. */
function once(ask: (of: number) => boolean): (of: number) => boolean {
  const answers = new Map<number, boolean>();
  return (of) => {
    const known = answers.get(of);
    if (known !== undefined) return known;
    const answer = ask(of);
    answers.set(of, answer);
    return answer;
  };
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
