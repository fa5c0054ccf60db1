/**
 * Finds every process that belongs to an owner, as the union of what each technique sees:
 *
 * - the cookie, an environment variable that children inherit (misses those that start with a clean environment);
 * - the lease, an open file that children inherit (misses those that close all descriptors);
 * - a resource limit of an odd value, inherited and readable by all (misses those that set it anew);
 * - ancestry, process group and session, remembered between scans (misses what left all three between two of them);
 * - the tier's enclosure, if it has one, which misses nothing.
 */
import { isStartedByUs } from '../system/children.ts';
import {
  canSignal,
  groupsOfZombies,
  hasProcessTable,
  killGroup,
  ownProcess,
  type ProcessId,
  type ProcessInfo,
  readProcess,
} from '../system/proc.ts';
import { arrivalsSince, type Crowd, pidsLately, takeCensus } from './crowd.ts';
import { bears, type Marks } from './marks.ts';
import type { Members } from './members.ts';
import { hasUnended } from './unended.ts';

export interface FinderOptions {
  /** Start time in ticks; older processes cannot belong, and are not looked at. Default: our own. */
  readonly notBefore?: number;
  /** The owner's part of an enclosure. */
  readonly place?: Members;
  /** It is one of several owners here: a command that we have started ourselves bears the marks of whoever has it adopted. */
  readonly isOwners?: boolean;
}

/** In milliseconds. Glances miss processes that were overlooked or have changed group: do a full scan this often. */
const SCAN_EVERY = 10_000;

/** In milliseconds: how long a group may have members that no scan has shown. */
const UNSEEN_FOR = 1000;

export class ProcessFinder {
  readonly #marks: Marks | null;
  readonly #place: Members | undefined;
  readonly #isOwners: boolean;
  /** The enclosure's wrappers: they tie their children to us, and are not members themselves. */
  readonly #wrappers = new Set<number>();
  /** Members seen so far: pid to start time. */
  readonly #known = new Map<number, number>();
  /** Groups and sessions of members, with the time when a member was last seen in each. */
  readonly #groups = new Map<number, number>();
  /** The pids of the last glance or scan, or before anything was started. */
  #glanced = pidsLately();
  #scannedAt = performance.now();
  #notBefore: number;

  /** @param marks null when the place alone decides who belongs */
  constructor(marks: Marks | null, { notBefore, place, isOwners = false }: FinderOptions = {}) {
    this.#marks = marks;
    this.#place = place;
    this.#isOwners = isOwners;
    this.#notBefore = notBefore ?? ownProcess()?.startTicks ?? 0;
  }

  /** Adds a process that is known to belong, such as one that was just started. */
  adopt(id: ProcessId & { readonly leadsGroup: boolean; readonly isWrapper?: boolean }): void {
    this.#known.set(id.pid, id.startTicks);
    if (id.isWrapper === true) this.#wrappers.add(id.pid);
    if (id.leadsGroup) this.#groups.set(id.pid, performance.now());
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
    if (performance.now() - this.#scannedAt > SCAN_EVERY) {
      this.scan();
      return;
    }
    const { crowd: arrivals, pids } = arrivalsSince(this.#glanced);
    this.#glanced = pids;
    for (const [pid, startTicks] of this.#known)
      if (!pids.has(pid) || (arrivals.get(pid)?.startTicks ?? startTicks) !== startTicks)
        this.#known.delete(pid);
    this.#forgetReusedGroups(arrivals, (info) => this.#isKnown(info));
    const found = new Map<number, ProcessInfo>();
    for (const [pid, startTicks] of this.#known) {
      const kin = [...arrivals.childrenOf(pid), ...arrivals.inGroup(pid)];
      // It may have ended, and its pid been reused, since the last glance.
      if (kin.length > 0 && readProcess(pid)?.startTicks === startTicks) this.#add(kin, found);
    }
    this.#spread(found, arrivals);
    if (this.#add(this.#bearersIn(arrivals), found)) this.#spread(found, arrivals);
    for (const info of found.values()) this.#known.set(info.pid, info.startTicks);
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
    this.#scannedAt = performance.now();
    const { crowd, pids } = takeCensus(this.#notBefore);
    this.#glanced = pids;
    const members = new Map<number, ProcessInfo>();
    for (const pid of this.#known.keys()) {
      const info = crowd.get(pid);
      if (info !== undefined && this.#isKnown(info)) members.set(pid, info);
    }
    this.#add(this.#bearersIn(crowd), members);
    const isMember = ({ pid }: ProcessInfo): boolean => members.has(pid);
    this.#forgetReusedGroups(crowd, isMember);
    this.#spread(members, crowd);
    const strays = this.#place?.strays(crowd, isMember) ?? [];
    if (this.#add(strays, members)) this.#spread(members, crowd);
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
      this.#isKnown(info) ||
      this.#known.has(info.parent) ||
      this.#groups.has(info.group) ||
      this.#groups.has(info.session) ||
      (this.#marks !== null && bears(info, this.#marks))
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
    const own = ownProcess();
    for (const group of [info.group, info.session])
      if (group !== own?.group && group !== own?.session) this.#groups.set(group, performance.now());
  }

  #isKnown({ pid, startTicks }: ProcessId): boolean {
    return this.#known.get(pid) === startTicks;
  }

  /** Those of a crowd that bear our marks, and are not known. */
  #bearersIn(crowd: Crowd): readonly ProcessInfo[] {
    if (this.#marks === null) return [];
    const needsNoLook = (info: ProcessInfo): boolean =>
      info.startTicks < this.#notBefore || this.#isKnown(info) || (this.#isOwners && isStartedByUs(info));
    return crowd.bearersOf(this.#marks, needsNoLook);
  }

  /** The kernel does not reuse a pid while it numbers a group or session: the earlier one is gone. */
  #forgetReusedGroups(crowd: Crowd, isMember: (info: ProcessInfo) => boolean): void {
    for (const group of this.#groups.keys()) {
      const info = crowd.get(group);
      if (info !== undefined && info.startTicks >= this.#notBefore && !isMember(info))
        this.#groups.delete(group);
    }
  }

  /** @returns whether any of them is new */
  #add(infos: readonly ProcessInfo[], members: Map<number, ProcessInfo>): boolean {
    const before = members.size;
    for (const info of infos) if (info.startTicks >= this.#notBefore) members.set(info.pid, info);
    return members.size > before;
  }

  /** Spreads membership to children, and to whoever shares a group or session, until nobody new is found. */
  #spread(members: Map<number, ProcessInfo>, crowd: Crowd): void {
    const due = [...members.values()];
    const visited = new Set<number>();
    const take = (infos: readonly ProcessInfo[]): void => {
      for (const info of infos) if (!members.has(info.pid) && this.#add([info], members)) due.push(info);
    };
    const visit = (group: number): void => {
      if (visited.has(group) || !this.#groups.has(group)) return;
      visited.add(group);
      take(crowd.inGroup(group));
    };
    for (const group of [...this.#groups.keys()]) visit(group);
    for (let info = due.pop(); info !== undefined; info = due.pop()) {
      this.#learn(info);
      take(crowd.childrenOf(info.pid));
      visit(info.group);
      visit(info.session);
    }
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
