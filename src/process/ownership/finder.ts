/**
 * Finds every process that belongs to an owner, by the union of what each technique sees:
 *
 * - the cookie, a variable in the environment that children inherit (misses those that start with a clean one);
 * - the lease, an open file that children inherit (misses those that close all descriptors);
 * - a limit of an odd value, which children inherit and everybody may read (misses those that set it anew);
 * - descent, group and session, remembered from look to look (misses what left all three between two looks);
 * - where the tier has one, the enclosure that they were started in, which misses nobody.
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
  /** `NAME=value`, or `NAME=` for whatever value. */
  readonly cookie: string;
  /** The file, or (ending in a slash) the folder of files, that is held open. */
  readonly lease: string;
  /** Who is under a limit of this range. */
  readonly limit?: LimitRange | undefined;
}

export interface FinderOptions {
  /** Start time in ticks; older processes cannot belong, and are not even looked at. Default: our own. */
  readonly notBefore?: number;
  /** Where in an enclosure the members are. */
  readonly place?: Members;
}

/** So long, in milliseconds, a pid is taken to be still the same process's: for another to get it, all others must be used up first. */
const SAME_PID_FOR = 20;

/** Glances know nothing of a process that was overlooked, or that has changed its group since: so often, in milliseconds, all are looked at. */
const SCAN_EVERY = 10_000;

/** So long, in milliseconds, a group may have members that no look has shown. */
const UNSEEN_FOR = 1000;

/** What the kernel adds to the path of an open file that somebody has removed. */
const REMOVED = ' (deleted)';

export class ProcessFinder {
  readonly #marks: Marks | null;
  readonly #place: Members | undefined;
  /** Wrappers of the enclosure: they bind their children to us, and are no members themselves. */
  readonly #wrappers = new Set<number>();
  /** Members seen so far: pid to start time. */
  readonly #known = new Map<number, number>();
  /** Groups and sessions that members are in, with the time when one of theirs was last seen. */
  readonly #groups = new Map<number, number>();
  /** Who was too old to belong at the last full look, and until when that is believed: looks often come in threes. */
  readonly #elders = new Set<number>();
  #eldersUntil = 0;
  /** Who was there at the last glance, and whoever was looked at since. */
  #glanced = new Set<number>();
  #scannedAt = Number.NEGATIVE_INFINITY;
  #notBefore: number;
  /** This process itself. */
  #own: ProcessInfo | undefined;

  /** @param marks null when the place alone tells who belongs */
  constructor(marks: Marks | null, { notBefore, place }: FinderOptions = {}) {
    this.#marks = marks;
    this.#place = place;
    this.#notBefore = notBefore ?? readProcess(process.pid)?.startTicks ?? 0;
  }

  /** Takes in a process that is known to belong, such as one that was just started. */
  adopt(id: ProcessId & { readonly leadsGroup: boolean; readonly isWrapper?: boolean }): void {
    this.#known.set(id.pid, id.startTicks);
    if (id.isWrapper === true) this.#wrappers.add(id.pid);
    this.#glanced.add(id.pid);
    if (id.leadsGroup) this.#groups.set(id.pid, performance.now());
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
    // A parent may have ended and its pid be somebody else's by now, all since the last glance.
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

  /** Those members that a look at newcomers alone shows: nearly always all of them, for a small part of the time. */
  scanLightly(): ProcessInfo[] {
    this.glance();
    return [...this.#known].flatMap(([pid, startTicks]) => {
      const info = readProcess(pid);
      return info?.startTicks === startTicks && !this.#wrappers.has(pid) ? [info] : [];
    });
  }

  /** Every member that lives now. */
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
        // No pid is given out again while a group or session has it as its number: what had this one is gone.
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

  /** Those of the wrappers that have been stopped: a wrapper stops with its command, and does not go on with it by itself. */
  stoppedWrappers(): ProcessInfo[] {
    return [...this.#wrappers].flatMap((pid) => {
      const info = readProcess(pid);
      return info !== undefined && info.startTicks === this.#known.get(pid) && info.state === 'T'
        ? [info]
        : [];
    });
  }

  /** Whether marks or descent tell that a process belongs: what another owner asks before it takes a stray in. */
  recognises(info: ProcessInfo): boolean {
    return (
      this.#known.get(info.pid) === info.startTicks ||
      this.#isRelated(info, this.#known) ||
      this.#isMarked(info.pid)
    );
  }

  /**
   * Kills at once whoever can be killed without being seen: all in the enclosure, where the tier can, and the groups
   * that are ours. Then it is still to be looked whether they are gone.
   */
  killAtOnce(): void {
    this.#place?.kill?.();
    for (const group of this.#groups.keys()) if (!this.#isLedByAnother(group)) killGroup(group);
  }

  /** A process that forks and ends without pause is missed by any number of looks; but its group is there. */
  mayBeEmpty(): boolean {
    if (!hasProcessTable || hasUnended()) return true;
    if (this.#place?.isEmpty !== undefined) return this.#place.isEmpty();
    const groups = [...this.#groups.keys()].filter(
      (group) => canSignal(-group) && !this.#isLedByAnother(group),
    );
    if (groups.length === 0) return true;
    // One whose members are zombies can be signalled as well. They are looked for once, not once for each group.
    const dead = groupsOfZombies();
    return groups.every((group) => dead.has(group));
  }

  #isLedByAnother(group: number): boolean {
    const leader = readProcess(group);
    return leader !== undefined && this.#known.get(group) !== leader.startTicks && leader.state !== 'Z';
  }

  #learn(info: ProcessInfo): void {
    // A command is started in a session of its own, and one can only leave that for a new one: whoever leads them, they
    // are ours. Those that we are in ourselves never are.
    for (const group of [info.group, info.session])
      if (group !== this.#own?.group && group !== this.#own?.session)
        this.#groups.set(group, performance.now());
  }

  #isRelated(info: ProcessInfo, members: ReadonlyMap<number, unknown>): boolean {
    return members.has(info.parent) || this.#groups.has(info.group) || this.#groups.has(info.session);
  }

  /** Lets membership spread until a round finds nobody new; returns who is left. */
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
    // A group without members is gone, once it is sure that none was missed: its number may come back as another's.
    for (const [group, seenAt] of this.#groups) if (now - seenAt > UNSEEN_FOR) this.#groups.delete(group);
    for (const wrapper of this.#wrappers) if (!members.has(wrapper)) this.#wrappers.delete(wrapper);
  }

  /** Without a process table a group is all that can be asked for: it is shown as its leader. */
  #scanGroups(): ProcessInfo[] {
    return [...this.#groups.keys()]
      .filter((group) => canSignal(-group))
      .map((group) => ({ pid: group, startTicks: 0, parent: 0, group, session: group, state: '?' }));
  }
}

/** Asks for each number once, however often it is asked for. */
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
