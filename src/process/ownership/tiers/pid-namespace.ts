/**
 * Linux PID namespaces: what is started inside cannot leave, whatever it does to its environment, files, session or
 * parents; and when the namespace's first process ends, the kernel kills all others at once.
 *
 * That first process is `cat`, reading from a pipe whose other end only we hold. When we die, by whatever signal, the
 * pipe ends, then `cat`, then everything inside, without anyone's help. It is started with SIGCHLD ignored, so that the
 * kernel itself reaps orphans.
 *
 * Commands enter by `nsenter`, and lead a session that they can see by `setsid`. /proc is mounted anew inside, so that
 * it shows the pids that processes there use. Each attempt has its own namespace, so that its mounts do not reach the
 * next one; it is made ahead, during the attempt before.
 *
 * The pids of each begin at another number: programs name files in /tmp by their pid, which two that run side by side
 * would otherwise share (`tsx` its pipe, for one).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../../core/clock.ts';
import { Lanes } from '../../../core/lanes.ts';
import { err, ok, type Result } from '../../../core/result.ts';
import { findProgram } from '../../../files/find-program.ts';
import { registerHelpers } from '../../system/children.ts';
import { childrenOf, type ProcessInfo } from '../../system/proc.ts';
import type { Crowd } from '../crowd.ts';
import { type Ending, NOBODY } from '../ending.ts';
import type { ProcessFinder } from '../finder.ts';
import { endAll } from '../terminate.ts';
import { hasUnended } from '../unended.ts';
import { Claims } from './claims.ts';
import type { Argv, Enclosure, Place, Tier } from './tier.ts';

/** Only its pipe, or SIGKILL, ends the first process. */
const IGNORED = 'HUP,INT,QUIT,TERM,TSTP,TTIN,TTOU,PIPE,USR1,USR2,ALRM,CHLD';
const UP_WITHIN = 2000;
const GONE_WITHIN = 5000;
/** In milliseconds after the start of an attempt: then the next one's namespace is made, out of the attempt's way. */
const PREPARE_AFTER = 2;

/** Sets the last pid that was given away, where permitted, and becomes the command given to it. */
const BEGIN_PIDS = '{ echo "$1" >/proc/sys/kernel/ns_last_pid; } 2>/dev/null; shift; exec "$@"';
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

/** So many may be starting at once: of hundreds, none would be up in time. */
const MOST_STARTING = 4;

/** The absolute paths of the programs that it needs. */
interface Tools {
  readonly unshare: string;
  readonly nsenter: string;
  readonly setsid: string;
  readonly env: string;
  readonly cat: string;
  readonly sh: string;
}

const TOOLS = ['unshare', 'nsenter', 'setsid', 'env', 'cat', 'sh'] as const;

function findTools(): Result<Tools, string> {
  const path = process.env.PATH;
  const found = TOOLS.map((name) => [name, findProgram(name, path)] as const);
  const lacking = found.flatMap(([name, program]) => (program === undefined ? [name] : []));
  if (lacking.length > 0) return err(`${lacking.join(', ')} (util-linux, coreutils) is not installed`);
  return ok(Object.fromEntries(found) as unknown as Tools);
}

class Namespace {
  /** As shown by /proc/PID/ns/pid. */
  readonly id: string;
  /** The pid of its first process, seen from outside. */
  readonly first: number;
  /** Refers to our own open files, which stay these very namespaces even when the pid is reused. */
  readonly nsenterArgs: readonly string[];
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
    const namespaces = kinds.map(
      (kind, index) => `${names[kind as keyof typeof names]}=/proc/${process.pid}/fd/${this.#files[index]}`,
    );
    // Keeps the user's identity.
    this.nsenterArgs = isUser ? [...namespaces, '--preserve-credentials'] : namespaces;
    launcher.once('exit', () => {
      this.isOver = true;
    });
  }

  /**
   * Ends the namespace; the kernel ends everything inside first. The wait is bounded: a process that is frozen, or
   * stuck in the kernel, ends when it is released, and the namespace with it.
   */
  async end(): Promise<void> {
    if (!this.isOver) {
      const patience = new AbortController();
      const gone = once(this.#launcher, 'exit').then(() => patience.abort());
      this.#launcher.stdin?.destroy();
      const given = delay(hasUnended() ? 0 : GONE_WITHIN, undefined, { signal: patience.signal });
      await Promise.race([gone, given.catch(() => {})]);
    }
    for (const file of this.#files) closeSync(file);
  }
}

async function startNamespace(tools: Tools, isUser: boolean): Promise<Result<Namespace, string>> {
  const launcher = registerHelpers(
    spawn(
      tools.unshare,
      [
        // The capabilities are of the first process alone, which begins the pids: who enters has none.
        ...(isUser ? ['--user', '--map-current-user', '--keep-caps'] : []),
        '--pid',
        '--fork',
        '--kill-child',
        '--mount-proc',
        ...['--propagation', 'slave'],
        ...['--', tools.sh, '-c', BEGIN_PIDS, 'sh', String(nextPids())],
        ...[tools.env, `--ignore-signal=${IGNORED}`, tools.cat],
      ],
      { cwd: '/', detached: true, stdio: ['pipe', 'pipe', 'pipe'] },
    ),
  );
  let complaint = '';
  launcher.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  launcher.once('error', ({ message }) => {
    complaint = message;
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
    return err(complaint.trim().split('\n')[0] || 'a namespace did not start');
  }
  for (const stream of [launcher.stdin, launcher.stdout, launcher.stderr])
    (stream as { unref?: () => void } | null)?.unref?.();
  launcher.unref();
  return ok(new Namespace(launcher, first, isUser));
}

class NamespaceEnclosure implements Enclosure {
  readonly needsLimit = false;
  readonly #namespace: Namespace;
  readonly #tools: Tools;
  readonly #of: string;
  readonly #clock: Clock;
  readonly #giveUp: (namespace: Namespace) => void;
  readonly #claims = new Claims();

  constructor(
    namespace: Namespace,
    tools: Tools,
    of: string,
    clock: Clock,
    giveUp: (namespace: Namespace) => void,
  ) {
    this.#namespace = namespace;
    this.#tools = tools;
    this.#of = of;
    this.#clock = clock;
    this.#giveUp = giveUp;
  }

  placeFor(): Place {
    const claims = this.#claims;
    let finder: ProcessFinder | undefined;
    return {
      admit: (asking, isHeld) => {
        finder = asking;
        claims.add(asking, isHeld);
      },
      enter: (argv, cwd) => ({ argv: this.#enter(argv, cwd), isWrapper: true }),
      strays: (crowd, isKnown) =>
        finder === undefined
          ? []
          : claims.of(
              finder,
              this.#inside(crowd).filter((info) => !isKnown(info)),
            ),
      leave: () => finder !== undefined && claims.remove(finder),
    };
  }

  #enter(argv: Argv, cwd: string): Argv {
    const { nsenter, env, setsid } = this.#tools;
    // The folder is entered by its path inside: one that was opened outside has no path there, nor has one opened
    // through /proc/PID/root when a link on the way leads outside.
    return [nsenter, ...this.#namespace.nsenterArgs, '--', env, `--chdir=${cwd}`, setsid, ...argv];
  }

  #inside(crowd: Crowd): ProcessInfo[] {
    return crowd.inNamespace(this.#namespace.id).filter(({ pid }) => pid !== this.#namespace.first);
  }

  async close(): Promise<Ending> {
    const ending = await endAll({ strays: (crowd) => this.#inside(crowd) }, this.#of, this.#clock);
    this.#giveUp(this.#namespace);
    return ending;
  }
}

export class PidNamespaceTier implements Tier {
  readonly name = 'pid-namespace';
  readonly #tools: Tools;
  readonly #isUser: boolean;
  readonly #clock: Clock;
  /** Namespaces made, or being made, and not used yet. */
  readonly #spare: Promise<Result<Namespace, string>>[];
  /** Namespaces of attempts, and those that are ending. */
  readonly #used = new Set<Namespace>();
  readonly #endings = new Set<Promise<void>>();
  readonly #lanes = new Lanes(MOST_STARTING);
  #toCome = 0;
  #preparation: NodeJS.Timeout | undefined;

  private constructor(tools: Tools, isUser: boolean, clock: Clock, first: Result<Namespace, string>) {
    this.#tools = tools;
    this.#isUser = isUser;
    this.#clock = clock;
    this.#spare = [Promise.resolve(first)];
  }

  /**
   * @param isUser makes a user namespace as well, which ordinary users need, and which disables `sudo` and `su`
   * @returns the tier with its first namespace, or why the machine does not permit it
   */
  static async create(isUser: boolean, clock: Clock): Promise<Result<PidNamespaceTier, string>> {
    const tools = findTools();
    if (!tools.ok) return tools;
    const first = await startNamespace(tools.value, isUser);
    return first.ok ? ok(new PidNamespaceTier(tools.value, isUser, clock, first)) : first;
  }

  expect(attempts: number): void {
    this.#toCome = attempts;
  }

  async open(of: string): Promise<Enclosure> {
    this.#toCome -= 1;
    const namespace = await this.#take();
    this.#used.add(namespace);
    clearTimeout(this.#preparation);
    this.#preparation = setTimeout(() => this.#prepare(), PREPARE_AFTER).unref();
    return new NamespaceEnclosure(namespace, this.#tools, of, this.#clock, (used) => this.#end(used));
  }

  #prepare(): void {
    if (this.#toCome > 0 && this.#spare.length === 0) this.#spare.push(this.#start());
  }

  #start(): Promise<Result<Namespace, string>> {
    return this.#lanes.run(() => startNamespace(this.#tools, this.#isUser));
  }

  async #take(): Promise<Namespace> {
    const spare = await this.#spare.pop();
    if (spare?.ok === true && !spare.value.isOver) return spare.value;
    const started = await this.#start();
    if (!started.ok) throw new Error(`no more PID namespaces can be made: ${started.error}`);
    return started.value;
  }

  #end(namespace: Namespace): void {
    this.#used.delete(namespace);
    const ending = namespace.end().finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }

  async close(): Promise<Ending> {
    clearTimeout(this.#preparation);
    this.#toCome = 0;
    for (const spare of await Promise.all(this.#spare.splice(0))) if (spare.ok) this.#end(spare.value);
    for (const namespace of this.#used) this.#end(namespace);
    await Promise.all(this.#endings);
    return NOBODY;
  }
}
