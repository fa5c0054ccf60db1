/**
 * The rig: a folder of its own, commands that phone home and do what the test says, and the real command-line
 * program. Nothing waits for a time: tests wait for what they mean, and a test that waits in vain runs into the
 * runner's time limit, with the program's output in its message.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Stamped } from '../../src/core/event.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Grid } from '../../src/core/grid.ts';
import type { TestResults } from '../../src/core/test-results.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { isAlive, type ProcessId, readProcess } from '../../src/process/system/proc.ts';
import { outerPid } from './pids.ts';

const ROOT = resolve(import.meta.dirname ?? __dirname, '../..');
const AGENT = join(ROOT, 'test/rig/agent.mjs');
export const CLI = join(ROOT, 'dist/cli.js');
/** The Node under which the program runs: the oldest that is supported may not be enough for the tests themselves. */
const NODE = process.env.TEST_NODE ?? process.execPath;
/** The folder of this project's own tools: the real `tsc` and `tsx`. */
export const TOOLS = join(ROOT, 'node_modules/.bin');

/** The words of `--report json` that users build on. */
export interface JsonReport {
  readonly version: number;
  readonly run: string;
  readonly suite: string;
  /** The folder that the paths are relative to. */
  readonly root: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly verdict: Verdict;
  readonly exitCode: number;
  readonly ownership: { readonly tier: string; readonly guarantees: readonly string[] };
  readonly setup: readonly {
    readonly name: string;
    readonly outcome: 'done' | 'cached' | 'failed';
    readonly findings: readonly Finding[];
  }[];
  readonly services?: readonly {
    readonly name: string;
    readonly kind: string;
    readonly outcome: string;
    readonly pid?: number;
    readonly port?: number | null;
    readonly findings: readonly Finding[];
    readonly logFile: string;
  }[];
  readonly notes: readonly Finding[];
  /** What was wrong, where nothing ran because of it. */
  readonly diagnostics?: readonly { readonly message: string; readonly hint?: string }[];
  readonly components: readonly JsonComponent[];
}

export interface JsonComponent {
  readonly name: string;
  readonly kind: string | null;
  readonly verdict: Verdict;
  readonly durationMs: number;
  readonly flaky: boolean;
  readonly slow: boolean;
  readonly attempts: number;
  readonly skipped?: string;
  readonly findings: readonly Finding[];
  readonly earlierFindings: readonly Finding[];
  readonly steps: readonly {
    readonly name: string;
    readonly command: string;
    readonly exitCode: number | null;
  }[];
  readonly services: readonly {
    readonly name: string;
    readonly pid: number;
    readonly port: number | null;
    readonly readyAfterMs: number;
  }[];
  readonly grids?: readonly Grid[];
  readonly tests?: TestResults;
  readonly logFile: string | null;
}

type Message =
  | { type: 'hello'; id: string; pid: number; args: string[]; env: Record<string, string>; cwd: string }
  | { type: 'done'; call: number; value: unknown }
  | { type: 'failed'; call: number; message: string }
  | { type: 'signal'; signal: string };

/** One run of a command: it has phoned home and waits to be told what to do. */
export class Invocation {
  readonly pid: number;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly #socket: Socket;
  readonly #calls = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  readonly #signals: string[] = [];
  readonly #wanted: { signal: string; resolve: () => void }[] = [];
  /** Resolves when the process has gone. */
  readonly gone: Promise<void>;
  #count = 0;

  constructor(hello: Extract<Message, { type: 'hello' }>, socket: Socket) {
    this.pid = hello.pid;
    this.args = hello.args;
    this.env = hello.env;
    this.cwd = hello.cwd;
    this.#socket = socket;
    this.gone = new Promise((done) => socket.once('close', () => done()));
  }

  receive(message: Message): void {
    if (message.type === 'signal') {
      this.#signals.push(message.signal);
      for (const wanted of this.#wanted.splice(0)) this.signal(wanted.signal).then(wanted.resolve);
    } else if (message.type !== 'hello') {
      const call = this.#calls.get(message.call);
      this.#calls.delete(message.call);
      if (message.type === 'done') call?.resolve(message.value);
      else call?.reject(new Error(message.message));
    }
  }

  #tell(action: string, options: object = {}): Promise<unknown> {
    const call = this.#count++;
    this.#socket.write(`${JSON.stringify({ call, action, ...options })}\n`);
    return new Promise((resolve, reject) => this.#calls.set(call, { resolve, reject }));
  }

  async print(text: string): Promise<void> {
    await this.#tell('print', { text });
  }

  async printError(text: string): Promise<void> {
    await this.#tell('printError', { text });
  }

  /** Ends with a code, and waits until the process has gone. */
  async exit(code: number): Promise<void> {
    void this.#tell('exit', { code });
    await this.gone;
  }

  /** Sends itself a signal that ends it. */
  async die(signal: NodeJS.Signals): Promise<void> {
    void this.#tell('raise', { signal });
    await this.gone;
  }

  /** From now on a signal is only told to the test. */
  async ignore(signal: NodeJS.Signals): Promise<void> {
    await this.#tell('ignore', { signal });
  }

  /** From now on the end of its input is told to the test, as the signal `end of input`. */
  async hearInput(): Promise<void> {
    await this.#tell('hearInput');
  }

  /** The ignored signals that have arrived so far. */
  get signals(): readonly string[] {
    return this.#signals;
  }

  /** Resolves when an ignored signal has arrived. */
  async signal(signal: string): Promise<void> {
    if (this.#signals.includes(signal)) return;
    await new Promise<void>((resolve) => this.#wanted.push({ signal, resolve }));
  }

  /** Serves HTTP. Returns the port. */
  async listen(port: number, { host = '127.0.0.1', status = 200 } = {}): Promise<number> {
    return (await this.#tell('listen', { port, host, status })) as number;
  }

  /** Starts another command in a session of its own, with its output closed; `clean` also empties its environment. */
  async daemon(command: FakeCommand, { clean = false } = {}): Promise<number> {
    return outerPid((await this.#tell('daemon', { id: command.id, clean })) as number, command.words);
  }

  /** Starts another command as a child that shares the output. */
  async child(command: FakeCommand): Promise<number> {
    return outerPid((await this.#tell('child', { id: command.id })) as number, command.words);
  }
}

/** A command whose every run phones home. */
export class FakeCommand {
  readonly id: string;
  /** For a shell, with `exec`, so that its pid is the one that was started. */
  readonly line: string;
  readonly #waiting: ((invocation: Invocation) => void)[] = [];
  readonly #arrived: Invocation[] = [];

  /** What stands in the command line of each of its runs, and of no other command's. */
  readonly words: readonly string[];

  constructor(id: string, socketPath: string) {
    this.id = id;
    this.words = [AGENT, socketPath, id];
    this.line = `exec ${process.execPath} ${this.words.join(' ')}`;
  }

  arrive(invocation: Invocation): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#arrived.push(invocation);
    else next(invocation);
  }

  /** The next run of the command, once it has phoned home. */
  async invocation(): Promise<Invocation> {
    return this.#arrived.shift() ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** How many runs have phoned home and were not asked for. */
  get unasked(): number {
    return this.#arrived.length;
  }
}

/** A run of the real program. */
export class ShakedownRun {
  readonly child: ChildProcess;
  readonly #cwd: string;
  #stdout = '';
  #stderr = '';
  #watchers: (() => void)[] = [];
  readonly #closed: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;

  /** @param argv what is started in place of the program itself: something that starts it in turn */
  constructor(
    args: readonly string[],
    cwd: string,
    env: NodeJS.ProcessEnv,
    argv: readonly [string, ...string[]] = [NODE, CLI, ...args],
    stdin: 'ignore' | 'pipe' = 'ignore',
  ) {
    this.#cwd = cwd;
    const [program, ...rest] = argv;
    this.child = spawn(program, rest, { cwd, env, stdio: [stdin, 'pipe', 'pipe'] });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      for (const watch of this.#watchers) watch();
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      for (const watch of this.#watchers) watch();
    });
    this.#closed = once(this.child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** The end of the program. */
  async exit(): Promise<{
    code: number | null;
    signal: NodeJS.Signals | null;
    stdout: string;
    stderr: string;
  }> {
    return { ...(await this.#closed), stdout: this.#stdout, stderr: this.#stderr };
  }

  /** Resolves when the output (both streams) matches. */
  async output(pattern: RegExp): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!pattern.test(this.#stdout) && !pattern.test(this.#stderr)) return;
        this.#watchers = this.#watchers.filter((watch) => watch !== look);
        resolve();
      };
      this.#watchers.push(look);
      look();
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Presses keys in the terminal that it was started in. */
  type(keys: string): void {
    this.child.stdin?.write(keys);
  }

  /** The journal of the latest run in the rig's folder. */
  journal(): Stamped[] {
    const path = join(this.#cwd, '.shakedown/latest/journal.ndjson');
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Stamped);
  }
}

const FIRST_PORT = 10_000;
const PORTS = 20_000;
/** Test files run side by side, each in a process of its own: each begins somewhere else. */
let nextPort = process.pid * 97;

export class Rig implements AsyncDisposable {
  readonly dir: string;
  readonly #server: Server;
  readonly #socketPath: string;
  readonly #commands = new Map<string, FakeCommand>();
  readonly #sockets = new Set<Socket>();
  readonly #born: ProcessId[] = [];
  readonly #runs: ShakedownRun[] = [];

  private constructor(dir: string) {
    this.dir = dir;
    this.#socketPath = join(dir, '.rig.sock');
    this.#server = createServer((socket) => this.#accept(socket));
  }

  static async create(): Promise<Rig> {
    const rig = new Rig(mkdtempSync(join(tmpdir(), 'rig-')));
    rig.#server.listen(rig.#socketPath);
    await once(rig.#server, 'listening');
    return rig;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    let invocation: Invocation | undefined;
    let buffered = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      buffered += text;
      for (let at = buffered.indexOf('\n'); at !== -1; at = buffered.indexOf('\n')) {
        const message = this.#seenFromOutside(JSON.parse(buffered.slice(0, at)) as Message);
        buffered = buffered.slice(at + 1);
        if (message.type === 'hello') {
          invocation = new Invocation(message, socket);
          const startTicks = readProcess(message.pid)?.startTicks;
          if (startTicks !== undefined) this.#born.push({ pid: message.pid, startTicks });
          this.#commands.get(message.id)?.arrive(invocation);
        } else invocation?.receive(message);
      }
    });
  }

  #seenFromOutside(message: Message): Message {
    if (message.type !== 'hello') return message;
    return { ...message, pid: outerPid(message.pid, [this.#socketPath, message.id]) };
  }

  /** A new command. */
  command(): FakeCommand {
    const command = new FakeCommand(`c${this.#commands.size}`, this.#socketPath);
    this.#commands.set(command.id, command);
    return command;
  }

  /** Writes a file into the rig's folder. Returns its absolute path. */
  write(path: string, content: string | Uint8Array, mode?: number): string {
    const absolute = join(this.dir, path);
    mkdirSync(dirname(absolute), { recursive: true });
    writeFileSync(absolute, content);
    if (mode !== undefined) chmodSync(absolute, mode);
    return absolute;
  }

  /** Writes an executable shell script. */
  script(path: string, ...lines: string[]): string {
    return this.write(path, `#!/bin/sh\n${lines.join('\n')}\n`, 0o755);
  }

  /** Writes an executable whose every run phones home, with the arguments that it was given. */
  executable(path: string): FakeCommand {
    const command = this.command();
    this.script(path, `${command.line} "$@"`);
    return command;
  }

  /** Puts a link to a file that is somewhere else. */
  link(path: string, target: string): void {
    const absolute = join(this.dir, path);
    mkdirSync(dirname(absolute), { recursive: true });
    symlinkSync(target, absolute);
  }

  /**
   * A port that nobody listens on. Not one of those that the kernel hands out by itself, so that it stays free
   * until the test uses it.
   */
  async freePort(): Promise<number> {
    for (;;) {
      const port = FIRST_PORT + (nextPort++ % PORTS);
      if (await this.isFree(port)) return port;
    }
  }

  /** Whether nobody listens on a port, on either address family. */
  isFree(port: number): Promise<boolean> {
    return new Promise((done) => {
      const server = createServer();
      server.once('error', () => done(false));
      server.listen({ port, host: '::' }, () => server.close(() => done(true)));
    });
  }

  /** Writes `shakedown.config.json`. */
  config(suite: object): void {
    this.write('shakedown.config.json', JSON.stringify(suite, null, 2));
  }

  read(path: string): string {
    return readFileSync(join(this.dir, path), 'utf8');
  }

  exists(path: string): boolean {
    return existsSync(join(this.dir, path));
  }

  /** A report that `--report json=FILE` has written. */
  report(path = 'report.json'): JsonReport {
    return JSON.parse(this.read(path)) as JsonReport;
  }

  /** Starts the real program in the rig's folder; it need not end by itself. */
  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ShakedownRun {
    const run = new ShakedownRun(args, this.dir, this.#environment(env));
    this.#runs.push(run);
    return run;
  }

  /**
   * Starts the real program in a terminal of its own (by `script` of util-linux): all that the terminal is sent is in
   * `stdout`, the pid is not the program's.
   *
   * @param script what the shell in the terminal does, given the command line of the program
   */
  startInTerminal(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    size: { readonly rows: number; readonly columns: number } = { rows: 30, columns: 100 },
    script = (program: string): string => `exec ${program}`,
  ): ShakedownRun {
    const words = [NODE, CLI, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    const line = `stty rows ${size.rows} cols ${size.columns}; ${script(words)}`;
    const run = new ShakedownRun(
      args,
      this.dir,
      this.#environment({ TERM: 'xterm', SHELL: '/bin/sh', ...env }),
      ['script', '--quiet', '--return', '--flush', '--command', line, '/dev/null'],
      'pipe',
    );
    this.#runs.push(run);
    return run;
  }

  /** Starts another program in the rig's folder. */
  startProgram(argv: readonly [string, ...string[]], env: NodeJS.ProcessEnv = {}): ShakedownRun {
    const run = new ShakedownRun([], this.dir, this.#environment(env), argv);
    this.#runs.push(run);
    return run;
  }

  /** Starts a script by the Node of the tests; in it, `shakedown` is the library as it is built. */
  startScript(path: string, env: NodeJS.ProcessEnv = {}): ShakedownRun {
    return this.startProgram([NODE, path], env);
  }

  /** Installs the library as it is built, as a package manager would link it. */
  install(): void {
    this.write('package.json', '{ "type": "module" }');
    this.link('node_modules/shakedown', ROOT);
  }

  #environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const { NO_COLOR: _no, FORCE_COLOR: _force, CI: _ci, ...inherited } = process.env;
    return { ...inherited, ...env };
  }

  /** Runs the real program to its end. */
  run(args: readonly string[], env: NodeJS.ProcessEnv = {}): ReturnType<ShakedownRun['exit']> {
    return this.start(args, env).exit();
  }

  /** The pids of all commands that phoned home and still live. */
  alive(): number[] {
    return this.#born.filter(isAlive).map(({ pid }) => pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const run of this.#runs) {
      if (run.child.exitCode === null && run.child.signalCode === null) {
        run.kill('SIGKILL');
        await run.exit();
      }
    }
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
