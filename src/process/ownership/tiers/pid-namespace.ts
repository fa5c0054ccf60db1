/**
 * Linux PID namespaces: what is started inside cannot leave, whatever it does to its environment, files, session or
 * parents; and when the namespace's first process ends, the kernel kills all others at once.
 *
 * That first process is `cat`, reading from a pipe whose other end only we hold. When we are gone, by whatever signal,
 * the pipe ends, so does `cat`, and so does everything inside; nobody else is needed for it. It is started with SIGCHLD
 * ignored, so that the kernel itself buries those whose parents have ended.
 *
 * A command is started inside by `nsenter`, and made the leader of a session that it can see by `setsid`. /proc is
 * mounted anew inside, so that it shows the numbers by which processes there know each other; mounts that are made
 * inside stay there.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessSighting } from '../../../domain/finding.ts';
import { err, ok, type Result } from '../../../domain/result.ts';
import { findProgram } from '../../../files/find-program.ts';
import { registerChild } from '../../system/children.ts';
import { childrenOf, type ProcessInfo } from '../../system/proc.ts';
import type { ProcessFinder } from '../finder.ts';
import { endAll } from '../terminate.ts';
import { Claims } from './claims.ts';
import type { Argv, Enclosure, Place, Tier } from './tier.ts';

/** Nothing but its pipe, or SIGKILL, ends the first process. */
const IGNORED = 'HUP,INT,QUIT,TERM,TSTP,TTIN,TTOU,PIPE,USR1,USR2,ALRM,CHLD';
const UP_WITHIN = 2000;

/** The programs that it takes, by their absolute paths. */
interface Tools {
  readonly unshare: string;
  readonly nsenter: string;
  readonly setsid: string;
  readonly env: string;
  readonly cat: string;
}

const TOOLS = ['unshare', 'nsenter', 'setsid', 'env', 'cat'] as const;

function findTools(): Result<Tools, string> {
  const path = process.env.PATH;
  const found = TOOLS.map((name) => [name, findProgram(name, path)] as const);
  const lacking = found.flatMap(([name, program]) => (program === undefined ? [name] : []));
  if (lacking.length > 0) return err(`${lacking.join(', ')} (util-linux, coreutils) is not installed`);
  return ok(Object.fromEntries(found) as unknown as Tools);
}

/** A namespace that lives. */
class Namespace {
  /** As /proc/PID/ns/pid shows it. */
  readonly id: string;
  /** The pid, seen from outside, of its first process. */
  readonly first: number;
  /** What `nsenter` is told: our own open files, which stay these very namespaces whoever gets a pid. */
  readonly doors: readonly string[];
  readonly #launcher: ChildProcess;
  readonly #files: readonly number[];
  isOver = false;

  constructor(launcher: ChildProcess, first: number, isUser: boolean) {
    this.#launcher = launcher;
    this.first = first;
    this.id = readlinkSync(`/proc/${first}/ns/pid`);
    const kinds = ['pid', 'mnt', ...(isUser ? ['user'] : [])];
    this.#files = kinds.map((kind) => openSync(`/proc/${first}/ns/${kind}`, 'r'));
    const names = { pid: '--pid', mnt: '--mount', user: '--user' } as const;
    const doors = kinds.map(
      (kind, index) => `${names[kind as keyof typeof names]}=/proc/${process.pid}/fd/${this.#files[index]}`,
    );
    // The user stays who it is.
    this.doors = isUser ? [...doors, '--preserve-credentials'] : doors;
    launcher.once('exit', () => {
      this.isOver = true;
    });
  }

  /** Ends the namespace; the kernel ends all that is inside before it is gone. */
  async end(): Promise<void> {
    if (!this.isOver) {
      const gone = once(this.#launcher, 'exit');
      this.#launcher.ref();
      this.#launcher.stdin?.destroy();
      await gone;
    }
    for (const file of this.#files) closeSync(file);
  }
}

async function startNamespace(tools: Tools, isUser: boolean): Promise<Result<Namespace, string>> {
  const launcher = registerChild(
    spawn(
      tools.unshare,
      [
        ...(isUser ? ['--user', '--map-current-user'] : []),
        '--pid',
        '--fork',
        '--kill-child',
        '--mount-proc',
        ...['--propagation', 'slave'],
        ...['--', tools.env, `--ignore-signal=${IGNORED}`, tools.cat],
      ],
      { cwd: '/', detached: true, stdio: ['pipe', 'pipe', 'pipe'] },
    ),
  );
  let complaint = '';
  launcher.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  launcher.stdin?.on('error', () => {});
  launcher.stdin?.write('up\n');
  const closed = once(launcher, 'close').catch(() => {});
  const isUp = await Promise.race([
    new Promise<boolean>((resolve) => launcher.stdout?.once('data', () => resolve(true))),
    closed.then(() => false),
    delay(UP_WITHIN, false, { ref: false }),
  ]);
  const first = isUp && launcher.pid !== undefined ? childrenOf(launcher.pid)[0]?.pid : undefined;
  if (first === undefined) {
    launcher.kill('SIGKILL');
    return err(complaint.trim().split('\n')[0] || 'a namespace did not come up');
  }
  for (const stream of [launcher.stdin, launcher.stdout, launcher.stderr])
    (stream as { unref?: () => void } | null)?.unref?.();
  launcher.unref();
  return ok(new Namespace(launcher, first, isUser));
}

/** One attempt's use of a namespace. */
class NamespaceEnclosure implements Enclosure {
  readonly #namespace: Namespace;
  readonly #tools: Tools;
  readonly #giveBack: (namespace: Namespace) => Promise<void>;
  readonly #claims = new Claims();
  /** Who was looked at and is outside, by pid and start: nobody moves in later. */
  readonly #outside = new Map<number, number>();

  constructor(namespace: Namespace, tools: Tools, giveBack: (namespace: Namespace) => Promise<void>) {
    this.#namespace = namespace;
    this.#tools = tools;
    this.#giveBack = giveBack;
  }

  placeFor(): Place {
    const claims = this.#claims;
    let finder: ProcessFinder | undefined;
    return {
      admit: (asking) => {
        finder = asking;
        claims.add(asking);
      },
      enter: (argv, cwd) => ({ argv: this.#enter(argv, cwd), isDoor: true }),
      strays: (candidates) => (finder === undefined ? [] : claims.of(finder, this.#inside(candidates))),
      leave: () => finder !== undefined && claims.remove(finder),
    };
  }

  #enter(argv: Argv, cwd: string): Argv {
    const { nsenter, env, setsid } = this.#tools;
    // The folder is entered by its path inside: one that was opened outside has no path there.
    return [nsenter, ...this.#namespace.doors, '--', env, `--chdir=${cwd}`, setsid, ...argv];
  }

  #inside(candidates: readonly ProcessInfo[]): ProcessInfo[] {
    return candidates.filter((info) => this.#isInside(info));
  }

  #isInside(info: ProcessInfo): boolean {
    if (info.pid === this.#namespace.first || this.#outside.get(info.pid) === info.startTicks) return false;
    try {
      if (readlinkSync(`/proc/${info.pid}/ns/pid`) === this.#namespace.id) return true;
    } catch {
      // It has ended, or is somebody else's.
    }
    this.#outside.set(info.pid, info.startTicks);
    return false;
  }

  async close(): Promise<readonly ProcessSighting[]> {
    const left = await endAll({ strays: (candidates) => this.#inside(candidates) });
    await this.#giveBack(this.#namespace);
    return left;
  }
}

/** Namespaces are used again, since each takes two processes to make: there are never more than attempts at a time. */
export class PidNamespaceTier implements Tier {
  readonly name = 'pid-namespace';
  readonly #tools: Tools;
  readonly #isUser: boolean;
  readonly #all: Namespace[];
  readonly #idle: Namespace[];

  private constructor(tools: Tools, isUser: boolean, first: Namespace) {
    this.#tools = tools;
    this.#isUser = isUser;
    this.#all = [first];
    this.#idle = [first];
  }

  /**
   * @param isUser makes a user namespace as well, which an ordinary user needs, and which takes `sudo` and `su` away
   * @returns the tier with its first namespace, or why the machine does not permit it
   */
  static async create(isUser: boolean): Promise<Result<PidNamespaceTier, string>> {
    const tools = findTools();
    if (!tools.ok) return tools;
    const first = await startNamespace(tools.value, isUser);
    return first.ok ? ok(new PidNamespaceTier(tools.value, isUser, first.value)) : first;
  }

  async open(): Promise<Enclosure> {
    const namespace = this.#takeIdle() ?? (await this.#startAnother());
    return new NamespaceEnclosure(namespace, this.#tools, async (used) => {
      this.#idle.push(used);
    });
  }

  #takeIdle(): Namespace | undefined {
    const namespace = this.#idle.pop();
    return namespace?.isOver === true ? this.#takeIdle() : namespace;
  }

  async #startAnother(): Promise<Namespace> {
    const started = await startNamespace(this.#tools, this.#isUser);
    if (!started.ok) throw new Error(`no further PID namespace could be made: ${started.error}`);
    this.#all.push(started.value);
    return started.value;
  }

  async close(): Promise<readonly ProcessSighting[]> {
    await Promise.all(this.#all.map((namespace) => namespace.end()));
    return [];
  }
}
