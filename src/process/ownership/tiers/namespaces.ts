/**
 * Makes PID namespaces, each with `cat` as its first process, which reads from a pipe whose other end only we hold. When we die,
 * by whatever signal, the pipe ends, then `cat`, then everything inside, without anyone's help. It is started with SIGCHLD ignored,
 * so that the kernel itself reaps orphans. /proc is mounted anew inside, so that it shows the pids that processes there use.
 *
 * The programs that this takes are started by a shell, which waits for requests: it starts one at a fraction of what that costs
 * us, and says when a namespace is up and when it is over.
 *
 * The pids of each begin at another number: programs name files in /tmp by their pid, which two that run side by side
 * would otherwise share (`tsx` its pipe, for one).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { err, ok, type Result } from '../../../core/result.ts';
import { findProgram } from '../../../files/find-program.ts';
import { noteHelpers, registerHelpers } from '../../system/children.ts';
import { childrenOf, isAlive, namespaceOf, type ProcessInfo } from '../../system/proc.ts';
import { signal } from '../terminate.ts';
import { hasUnended } from '../unended.ts';

/** Only its pipe, or SIGKILL, ends the first process. */
const IGNORED = 'HUP,INT,QUIT,TERM,TSTP,TTIN,TTOU,PIPE,USR1,USR2,ALRM,CHLD';
/** In milliseconds. A machine on which everything is slow is no reason to do without. */
const UP_WITHIN = 15_000;
const GONE_WITHIN = 5000;
const LOOK_EVERY = 5;

/** The first process of the namespace `$1`: sets the last pid that was given away, where permitted, and becomes the rest. */
const FIRST = `{ echo "$2" >/proc/sys/kernel/ns_last_pid; } 2>/dev/null
echo "up $1"
shift 2
exec "$@" >/dev/null 2>&1`;

/**
 * What the shell does. A line asks for a namespace, an empty one only to take note of what has ended. Descriptor 3 is what first
 * processes read from, 4 is what is heard here. What `unshare` complains of comes in pieces, so it is kept until it has ended: lines
 * of several processes must not mix.
 */
const MAKE = `exec 4>&1 2>/dev/null
nsenter=$1 first=$2 env=$3 cat=$4
shift 4
{ case $("$nsenter" --help) in *--wdns*) echo wdns ;; esac; } &
while read -r name pids; do
  jobs >/dev/null
  [ -n "$name" ] || continue
  {
    why=$(exec "$@" "$0" -c "$first" sh "$name" "$pids" "$env" --ignore-signal=${IGNORED} "$cat" <&3 2>&1 >&4 3<&- 4>&-)
    echo "over $name $why"
  } &
  echo "at $name $!"
done
wait`;

/** No kernel has fewer pids by default. */
const MOST_PIDS = 32_768;
/** The kernel keeps those below for itself when it begins anew. */
const FIRST_PID = 300;
/** More than the processes of most attempts. */
const PIDS_EACH = 1009;

let pids = Math.floor(Math.random() * MOST_PIDS);

/** @returns where the pids of the next namespace begin */
function nextPids(): number {
  pids += PIDS_EACH;
  return FIRST_PID + (pids % (MOST_PIDS - FIRST_PID));
}

/** The absolute paths of the programs that it needs. */
export interface Tools {
  readonly unshare: string;
  readonly nsenter: string;
  readonly setsid: string;
  readonly env: string;
  readonly cat: string;
  readonly sh: string;
}

const TOOLS = ['unshare', 'nsenter', 'setsid', 'env', 'cat', 'sh'] as const;

export function findTools(): Result<Tools, string> {
  const path = process.env.PATH;
  const found = TOOLS.map((name) => [name, findProgram(name, path)] as const);
  const lacking = found.flatMap(([name, program]) => (program === undefined ? [name] : []));
  if (lacking.length > 0) return err(`${lacking.join(', ')} (util-linux, coreutils) is not installed`);
  return ok(Object.fromEntries(found) as unknown as Tools);
}

const flagsOf = (isUser: boolean): readonly string[] => [
  // The capabilities are of the first process alone, which begins the pids: who enters has none.
  ...(isUser ? ['--user', '--map-current-user', '--keep-caps'] : []),
  ...['--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'slave', '--'],
];

export class Namespace {
  /** As shown by /proc/PID/ns/pid. */
  readonly id: string;
  /** Its first process, seen from outside. */
  readonly first: ProcessInfo;
  /** Refers to our own open files, which stay these very namespaces even when the pid is reused. */
  readonly nsenterArgs: readonly string[];
  readonly #files: readonly number[];
  readonly #over: Promise<void>;
  readonly #forgetKeepers: () => void;
  isOver = false;

  /**
   * @param keepers the pids of those that keep it, who end with it
   * @param over resolves when nothing is left in it
   */
  constructor(first: ProcessInfo, keepers: readonly number[], isUser: boolean, over: Promise<unknown>) {
    this.first = first;
    this.#forgetKeepers = noteHelpers([first.pid, ...keepers]);
    this.id = namespaceOf(first);
    const kinds = ['pid', 'mnt', ...(isUser ? ['user'] : [])];
    this.#files = kinds.map((kind) => openSync(`/proc/${first.pid}/ns/${kind}`, 'r'));
    const names = { pid: '--pid', mnt: '--mount', user: '--user' } as const;
    const namespaces = kinds.map(
      (kind, index) => `${names[kind as keyof typeof names]}=/proc/${process.pid}/fd/${this.#files[index]}`,
    );
    // Keeps the user's identity.
    this.nsenterArgs = isUser ? [...namespaces, '--preserve-credentials'] : namespaces;
    this.#over = over.then(() => {
      this.isOver = true;
      this.#forgetKeepers();
    });
  }

  /**
   * Ends the namespace; the kernel ends everything inside first. The wait is bounded: a process that is frozen, or
   * stuck in the kernel, ends when it is released, and the namespace with it.
   */
  async end(): Promise<void> {
    if (!this.isOver) {
      signal(this.first, 'SIGKILL');
      await withinPatience(Promise.race([this.#over, this.#untilDead()]));
    }
    this.isOver = true;
    this.#forgetKeepers();
    for (const file of this.#files) closeSync(file);
  }

  /** Its first process is dead only once the kernel has ended all others. The shell that tells may have been killed itself. */
  async #untilDead(): Promise<void> {
    while (!this.isOver && isAlive(this.first)) await delay(LOOK_EVERY);
  }
}

async function withinPatience(gone: Promise<unknown>): Promise<void> {
  const patience = new AbortController();
  const given = delay(hasUnended() ? 0 : GONE_WITHIN, undefined, { signal: patience.signal });
  await Promise.race([gone, given.catch(() => {})]);
  patience.abort();
}

/** A namespace that was asked for, as far as the shell has told. */
interface Asked {
  /** The pid of the shell that waits for it. */
  at: number | undefined;
  isUp: boolean;
  readonly onUp: () => void;
  /** @param why what `unshare` has complained of */
  readonly onOver: (why: string) => void;
}

/** The first process of a namespace that is up, and those that wait for it: `unshare`, and a shell. */
function keepersOf({
  at,
}: Asked): { readonly first: ProcessInfo; readonly keepers: readonly number[] } | undefined {
  if (at === undefined) return undefined;
  const [unshare] = childrenOf(at);
  const [first] = unshare === undefined ? [] : childrenOf(unshare.pid);
  return unshare === undefined || first === undefined ? undefined : { first, keepers: [at, unshare.pid] };
}

/** The shell, and what it has made. */
export class NamespaceMaker {
  readonly #child: ChildProcess;
  readonly #isUser: boolean;
  readonly #asked = new Map<string, Asked>();
  readonly #gone: Promise<unknown>;
  #count = 0;
  #starting = 0;
  #line = '';
  #entersFolders = false;

  /** @param isUser makes a user namespace each as well */
  constructor(tools: Tools, isUser: boolean) {
    const { sh, nsenter, env, cat, unshare } = tools;
    this.#isUser = isUser;
    this.#child = registerHelpers(
      spawn(sh, ['-c', MAKE, sh, nsenter, FIRST, env, cat, unshare, ...flagsOf(isUser)], {
        ...{ cwd: '/', detached: true },
        stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
      }),
    );
    this.#gone = once(this.#child, 'exit').catch(() => {});
    // What it has not read yet, nobody does.
    void this.#gone.then(() => {
      for (const { at, onOver } of this.#asked.values()) if (at === undefined) onOver('');
    });
    this.#child.stdin?.on('error', () => {});
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
    for (const stream of this.#child.stdio) (stream as Partial<Socket> | null)?.unref?.();
    this.#child.unref();
  }

  /** Nobody listens any more; what it has made goes on. */
  get isGone(): boolean {
    const { pid, exitCode, signalCode } = this.#child;
    return pid === undefined || exitCode !== null || signalCode !== null;
  }

  /** Whether `nsenter` can go to a folder by its path inside; false until that is known. */
  get entersFolders(): boolean {
    return this.#entersFolders;
  }

  async make(): Promise<Result<Namespace, string>> {
    this.#count += 1;
    const name = String(this.#count);
    let [onUp, onOver] = [(): void => {}, (_why: string): void => {}];
    const up = new Promise<true>((resolve) => {
      onUp = () => resolve(true);
    });
    const over = new Promise<string>((resolve) => {
      onOver = resolve;
    });
    const asked: Asked = { at: undefined, isUp: false, onUp, onOver };
    this.#asked.set(name, asked);
    this.#keepAlive(1);
    this.#child.stdin?.write(`${name} ${nextPids()}\n`);
    const limit = delay(UP_WITHIN, undefined, { ref: false });
    const outcome = await Promise.race([up, over, limit.then(() => '')]);
    this.#keepAlive(-1);
    const found = outcome === true ? keepersOf(asked) : undefined;
    if (found !== undefined) return ok(new Namespace(found.first, found.keepers, this.#isUser, over));
    // It may still come.
    void up.then(() => {
      const late = keepersOf(asked)?.first;
      if (late !== undefined) signal(late, 'SIGKILL');
    });
    const why = outcome === true ? '' : outcome;
    return err(why === '' ? 'a namespace did not start' : why);
  }

  /** Keeps us alive while namespaces are starting. */
  #keepAlive(change: 1 | -1): void {
    this.#starting += change;
    if (this.#starting > 0) this.#child.ref();
    else this.#child.unref();
  }

  #hear(text: string): void {
    const lines = `${this.#line}${text}`.split('\n');
    this.#line = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
  }

  #take(line: string): void {
    const [word = '', name = '', ...rest] = line.split(' ');
    if (word === 'wdns') this.#entersFolders = true;
    const asked = this.#asked.get(name);
    if (asked === undefined) return;
    if (word === 'over') {
      this.#asked.delete(name);
      asked.onOver(rest.join(' '));
      this.#child.stdin?.write('\n');
    } else {
      if (word === 'at') asked.at = Number(rest[0]);
      if (word === 'up') asked.isUp = true;
      if (asked.isUp && asked.at !== undefined) asked.onUp();
    }
  }

  /** Ends whatever is left, and waits for that within a bound. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    (this.#child.stdio[3] as Socket | null)?.destroy();
    if (!this.isGone) await withinPatience(this.#gone);
  }
}
