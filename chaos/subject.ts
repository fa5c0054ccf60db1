/** The Shakedown that a trial is about: the real program, started in one of several ways. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { programPath } from './behaviours.ts';
import { bornAmong, readBirths } from './births.ts';
import { commandOf, type Id, isRunning, running, runningSince } from './proc.ts';

export const CLI = resolve(import.meta.dirname, '../dist/cli.js');

const POLL = 5;
const START_LIMIT = 15_000;

export interface Ended {
  /** On the clock of `performance.now()`. */
  readonly at: number;
  /** Unknown where the harness is not the parent. */
  readonly exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;
}

export interface Subject {
  readonly id: Id;
  readonly ended: Promise<Ended>;
  /** What the harness itself has started: the program, or the terminal around it. */
  readonly child: ChildProcess | undefined;
}

/**
 * The words of the command that runs a suite.
 *
 * @param flags for Shakedown
 * @param options for Node
 * @param command of Shakedown
 */
export function shakedownCommand(
  config: string,
  flags: readonly string[],
  options: readonly string[] = [],
  command: 'run' | 'prove' = 'run',
): string[] {
  return [process.execPath, ...options, CLI, command, '--config', config, ...flags];
}

function environment(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _force, ...rest } = process.env;
  return { ...rest, NO_COLOR: '1' };
}

/** Starts a program in a session of its own, with its output in a file, or in a pipe that the caller may close. */
export function start(words: readonly string[], cwd: string, output: string | 'pipe'): ChildProcess {
  const [program = '', ...args] = words;
  const fd = output === 'pipe' ? output : openSync(output, 'a');
  try {
    return spawn(program, args, { cwd, env: environment(), detached: true, stdio: ['ignore', fd, fd] });
  } finally {
    if (fd !== 'pipe') closeSync(fd);
  }
}

export function exitOf(child: ChildProcess): Promise<Ended> {
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('exit', (code, signal) => done({ at: performance.now(), exit: { code, signal } }));
  });
}

function idOf(child: ChildProcess): Id {
  const id = child.pid === undefined ? undefined : running(child.pid);
  if (id === undefined) throw new Error(`${child.spawnargs.join(' ')} did not start`);
  return id;
}

export function startDirectly(words: readonly string[], cwd: string, output: string | 'pipe'): Subject {
  const child = start(words, cwd, output);
  child.stdout?.resume();
  child.stderr?.resume();
  return { id: idOf(child), ended: exitOf(child), child };
}

const quoted = (words: readonly string[]): string =>
  words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');

/** Within a pseudo-terminal, by util-linux's `script`; when that is killed, the terminal is closed. */
export async function startInTerminal(
  words: readonly string[],
  cwd: string,
  output: string,
): Promise<Subject> {
  const child = start(['script', '-q', '-e', '-f', '-c', `exec ${quoted(words)}`, '/dev/null'], cwd, output);
  const { pid, startTicks } = idOf(child);
  const inside = (): Id | undefined =>
    runningSince(startTicks).find((stat) => stat.parent === pid && commandOf(stat.pid).includes(CLI));
  const id = await until('the program in its terminal', inside);
  return { id, ended: untilGone(id), child };
}

/** A line for the leader of another Shakedown, which starts this one below itself. */
export function nestedLine(words: readonly string[], cwd: string, output: string): string {
  const born = programPath('born.sh');
  return `. ${quoted([born])}; born subject; exec 6>&- 8<&- 9>&-; cd ${quoted([cwd])}; exec ${quoted(words)} >>${quoted([output])} 2>&1`;
}

/** @param folder where the other Shakedown's leader runs, which was told the line */
export async function findNested(folder: string, since: number): Promise<Subject> {
  const inside = (): Id | undefined => {
    const births = readBirths(join(folder, 'births')).filter(({ role }) => role === 'subject');
    return births.length === 0 ? undefined : bornAmong(runningSince(since), births)[0];
  };
  const id = await until('the nested program', inside);
  return { id, ended: untilGone(id), child: undefined };
}

async function untilGone(id: Id): Promise<Ended> {
  while (isRunning(id)) await delay(POLL);
  return { at: performance.now(), exit: undefined };
}

/** @throws when it takes longer than anything should */
async function until<T>(what: string, look: () => T | undefined): Promise<T> {
  const deadline = performance.now() + START_LIMIT;
  for (;;) {
    const seen = look();
    if (seen !== undefined) return seen;
    if (performance.now() > deadline) throw new Error(`${what} did not come`);
    await delay(POLL);
  }
}
