/**
 * Linux control groups, version 2: a process is born into its parent's group and can only be moved by someone with
 * write access. The kernel lists a group's members exactly, and kills all of them at once (`cgroup.kill`, since Linux
 * 5.14). Nothing is limited or changed for those inside.
 *
 * Root has groups wherever the file system is mounted; an ordinary user where one has been delegated, as systemd does
 * for `systemd-run --user --scope -p Delegate=yes`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../../core/clock.ts';
import { err, ok, type Result } from '../../../core/result.ts';
import { whyNotOurs } from '../../../store/ours.ts';
import { registerChild } from '../../system/children.ts';
import type { ProcessInfo } from '../../system/proc.ts';
import type { Crowd } from '../crowd.ts';
import { type Ending, NOBODY } from '../ending.ts';
import type { Members } from '../members.ts';
import { endAll, THE_RUN } from '../terminate.ts';
import type { Argv, Enclosure, Place, Tier } from './tier.ts';

/** Moves itself into the group whose file is its first argument, then becomes the rest. */
const ENTER = 'echo $$ >"$1" || exit 125; shift; exec "$@"';

/** A group that was just emptied may be busy for a moment. */
const REMOVE_TRIES = 20;
const REMOVE_WAIT = 5;

const enter = (group: string, argv: Argv): Argv => [
  '/bin/sh',
  '-c',
  ENTER,
  'shakedown-enter',
  join(group, 'cgroup.procs'),
  ...argv,
];

/** Where version 2 is mounted; beside version 1, that may be anywhere. */
function mountPoint(): string | undefined {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const mount = mounts.find((line) => / - cgroup2 /.test(line));
  return mount
    ?.split(' ')[4]
    ?.replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8)));
}

/** Our own group, as an absolute path. */
function ownGroup(): Result<string, string> {
  try {
    const mount = mountPoint();
    const path = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
    if (mount === undefined || path === undefined) return err('cgroup version 2 is not mounted');
    return ok(join(mount, path));
  } catch (error) {
    return err((error as Error).message);
  }
}

/** A group and its descendants. */
function groupsBelow(group: string): string[] {
  try {
    const below = readdirSync(group, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [group, ...below.flatMap(({ name }) => groupsBelow(join(group, name)))];
  } catch {
    return [];
  }
}

function pidsIn(group: string): Set<number> {
  const pids = new Set<number>();
  for (const path of groupsBelow(group)) {
    try {
      for (const pid of readFileSync(join(path, 'cgroup.procs'), 'latin1').split('\n'))
        if (pid !== '') pids.add(Number(pid));
    } catch {
      // It was removed meanwhile.
    }
  }
  return pids;
}

const inside = (group: string, crowd: Crowd): ProcessInfo[] =>
  [...pidsIn(group)].flatMap((pid) => crowd.get(pid) ?? []);

function kill(group: string): void {
  try {
    writeFileSync(join(group, 'cgroup.kill'), '1');
  } catch {
    // It is gone, with everything inside.
  }
}

async function remove(group: string): Promise<void> {
  for (let attempt = 0; attempt < REMOVE_TRIES; attempt++) {
    try {
      for (const path of groupsBelow(group).reverse()) rmdirSync(path);
      return;
    } catch {
      await delay(REMOVE_WAIT);
    }
  }
}

/**
 * Ends everything in a run's group, and removes it; does nothing when it is gone.
 *
 * @param of the component that it belongs to
 */
export async function endGroup(group: string, of: string, clock: Clock): Promise<Ending> {
  if (!existsSync(group)) return NOBODY;
  const ending = await endAll(membersOf(group), of, clock);
  await remove(group);
  return ending;
}

/** Whether the kernel reports the group and those below as empty. */
function isEmpty(group: string): boolean {
  try {
    return /^populated 0$/m.test(readFileSync(join(group, 'cgroup.events'), 'latin1'));
  } catch {
    return true;
  }
}

export const membersOf = (group: string): Members => ({
  strays: (crowd) => inside(group, crowd),
  kill: () => kill(group),
  isEmpty: () => isEmpty(group),
});

/** The prefix of a run's groups: no other group is ever mistaken for one. */
const nameOf = (pid: number): string => `shakedown-${pid}-`;

/** The magic number of cgroup2 in statfs(2). */
const CGROUP2 = 0x63677270;

/**
 * Whether a path is that of a control group made by a run: the file that names it could have been written by anyone.
 *
 * @param pid of the run's Shakedown
 */
export function isGroupOf(pid: number, group: string): boolean {
  if (group !== resolve(group) || !basename(group).startsWith(nameOf(pid))) return false;
  try {
    return statfsSync(group).type === CGROUP2 && whyNotOurs(group) === undefined;
  } catch {
    return false;
  }
}

/** The groups of one attempt: one per owner, within one for all. */
class GroupEnclosure implements Enclosure {
  readonly needsLimit = false;
  readonly #group: string;
  readonly #of: string;
  readonly #clock: Clock;
  #places = 0;

  constructor(group: string, of: string, clock: Clock) {
    this.#group = group;
    this.#of = of;
    this.#clock = clock;
    mkdirSync(group);
  }

  placeFor(): Place {
    const group = join(this.#group, String(this.#places++));
    mkdirSync(group);
    return {
      ...membersOf(group),
      admit: () => {},
      enter: (argv) => ({ argv: enter(group, argv), isWrapper: false }),
      leave: () => {},
    };
  }

  close(): Promise<Ending> {
    return endGroup(this.#group, this.#of, this.#clock);
  }
}

export class CgroupTier implements Tier {
  readonly name = 'cgroup';
  readonly trace: string;
  readonly #clock: Clock;
  #attempts = 0;

  private constructor(group: string, clock: Clock) {
    this.trace = group;
    this.#clock = clock;
  }

  /** @returns the tier with a group for the run, or why the machine does not permit it */
  static async create(clock: Clock): Promise<Result<CgroupTier, string>> {
    const own = ownGroup();
    if (!own.ok) return own;
    const group = join(own.value, `${nameOf(process.pid)}${Date.now().toString(36)}`);
    try {
      mkdirSync(group);
    } catch (error) {
      return err(`no control group can be made in ${own.value}: ${(error as NodeJS.ErrnoException).code}`);
    }
    const complaint = existsSync(join(group, 'cgroup.kill'))
      ? await tryToEnter(group)
      : 'the kernel is older than Linux 5.14';
    if (complaint === undefined) return ok(new CgroupTier(group, clock));
    await remove(group);
    return err(complaint);
  }

  async open(of: string): Promise<Enclosure> {
    return new GroupEnclosure(join(this.trace, String(this.#attempts++)), of, this.#clock);
  }

  close(): Promise<Ending> {
    return endGroup(this.trace, THE_RUN, this.#clock);
  }
}

/** Whether a child can move itself there, which takes more rights than making the group. */
async function tryToEnter(group: string): Promise<string | undefined> {
  const [program, ...args] = enter(group, ['/bin/sh', '-c', ':']);
  const child = registerChild(spawn(program, args, { stdio: 'ignore' }));
  const [code] = (await once(child, 'exit').catch(() => [null])) as [number | null];
  return code === 0 ? undefined : `a process cannot be moved into ${group}`;
}
