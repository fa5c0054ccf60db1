/** One runner, one way to end, and what is left of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { isAlive, signal } from '../measure.ts';
import { interruption } from '../rounds.ts';
import { benchEnvironment, freePort } from '../suite.ts';
import { type Places, type Runner, searchPath } from './runners.ts';

export const ENDINGS = ['passes', 'client fails', 'SIGINT', 'SIGKILL'] as const;
/** `SIGINT`, as a terminal sends it, goes to the runner's whole group; `SIGKILL` to the runner alone. */
export type Ending = (typeof ENDINGS)[number];

export interface Outcome {
  /** Processes of the server, and others of the run, that live three seconds after the runner's end. */
  readonly server: number;
  readonly others: number;
  readonly portOpen: boolean;
  /** Whether the client came to ask the server at all. */
  readonly clientCame: boolean;
  /** A code, the name of a signal, or that it had to be killed. */
  readonly exit: string;
  /** The last lines of what the runner said. */
  readonly said: readonly string[];
}

const AFTER = 3000;
const BEGINS_WITHIN = 30_000;
const ENDS_WITHIN = 30_000;
const SAID_LINES = 8;

/** Whoever was started with this in its environment. Reads /proc by itself, as nothing of the product's has a say here. */
function bearing(entry: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d/.test(name)) return [];
    try {
      const environment = readFileSync(`/proc/${name}/environ`, 'latin1').split('\0');
      return environment.includes(entry) && isAlive(Number(name)) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Exactly those that bear the mark of the trial, by pid, until there is none. */
async function endAll(mark: string): Promise<void> {
  for (let looks = 0; looks < 100; looks++) {
    const left = bearing(mark);
    if (left.length === 0) return;
    for (const pid of left) signal(pid, 'SIGKILL');
    await delay(20);
  }
  throw new Error(`processes with ${mark} in their environment could not be ended`);
}

let trials = 0;

export async function tryOut(
  runner: Runner,
  ending: Ending,
  daemon: boolean,
  places: Places,
): Promise<Outcome> {
  const records = join(places.folder, 'records');
  rmSync(records, { recursive: true, force: true });
  mkdirSync(records);
  const port = await freePort();
  const token = `${process.pid}-${++trials}`;
  const output = join(records, 'output');
  const fd = openSync(output, 'w');
  const [program, ...args] = runner.command(places, { port, daemon });
  const clientBegins = (): boolean => existsSync(join(records, 'client-begins'));
  try {
    const child = spawn(program, args, {
      cwd: places.project,
      env: benchEnvironment({
        PATH: searchPath(places),
        PORT: String(port),
        BENCH_RECORDS: records,
        BENCH_TRIAL: token,
        BENCH_HTTP: daemon ? '--daemon' : '',
        BENCH_CLIENT: { passes: 'passes', 'client fails': 'fails', SIGINT: 'goes on', SIGKILL: 'goes on' }[
          ending
        ],
      }),
      // A group of its own, as an interactive shell gives to what it runs.
      detached: true,
      stdio: ['ignore', fd, fd],
    });
    const pid = child.pid;
    const exited = once(child, 'exit');
    if (pid === undefined) throw (await exited.catch((error: unknown) => [error]))[0];
    const until = async (condition: () => boolean, limitMs: number): Promise<boolean> => {
      const deadline = performance.now() + limitMs;
      while (!condition() && performance.now() < deadline)
        await delay(20, undefined, { signal: interruption.signal });
      return condition();
    };
    const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
    if (ending === 'SIGINT' || ending === 'SIGKILL') {
      await until(() => clientBegins() || hasEnded(), BEGINS_WITHIN);
      // For it to be in the middle of its work.
      await delay(300);
      if (!hasEnded()) signal(ending === 'SIGINT' ? -pid : pid, ending);
    }
    const endedItself = await until(hasEnded, ENDS_WITHIN);
    if (!endedItself) signal(pid, 'SIGKILL');
    await exited;
    await delay(AFTER, undefined, { signal: interruption.signal });
    const server = bearing(`BENCH_SERVER=${token}`);
    const others = bearing(`BENCH_TRIAL=${token}`).filter((other) => !server.includes(other));
    return {
      server: server.length,
      others: others.length,
      portOpen: await isOpen(port),
      clientCame: clientBegins(),
      exit: endedItself ? String(child.signalCode ?? child.exitCode) : 'did not end',
      said: saidLast(output),
    };
  } finally {
    closeSync(fd);
    await endAll(`BENCH_TRIAL=${token}`);
  }
}

function saidLast(output: string): string[] {
  const lines = stripVTControlCharacters(readFileSync(output, 'utf8')).split(/[\r\n]+/);
  return lines.filter((line) => line.trim() !== '').slice(-SAID_LINES);
}
