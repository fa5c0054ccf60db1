/**
 * Runs one command and measures it from outside: nothing is loaded into it, and every runner is treated alike.
 *
 * A process that has ended stays in the process table until its parent takes note, with the CPU time of all its
 * threads. So the command is started by a shell that stops itself at once: it takes no note until what is wanted has
 * been read, and is then told to go on. The kernel keeps a process's own CPU time (`utime`, `stime`) apart from that
 * of children it has waited for (`cutime`, `cstime`), so the two need not be taken apart here.
 *
 * Those times are cut to 10 ms each. `schedstat` has nanoseconds, but of the first thread alone. Neither says too
 * much, so the greater of the two is the nearer; for bash, which has one thread, it is exact.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const LAUNCHER = `out=$1
shift
"$@" >"$out" 2>&1 </dev/null &
echo $!
kill -STOP $$
wait $!`;

const POLL = 2;
/** The peak is a mark that only rises: it is enough to read it now and then, until the end. */
const PEAK_EVERY = 10;
const MS_PER_TICK = 10;

export interface Job {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** A file for standard output and standard error: nobody has a terminal. */
  readonly output: string;
  readonly limitMs: number;
}

export interface Measurement {
  readonly exitCode: number;
  /** From the start of the launching shell to the end of the command. */
  readonly wholeMs: number;
  /** Of the process itself, all threads, without children. */
  readonly cpuMs: number;
  /** The part of it that was spent in the kernel. */
  readonly systemMs: number;
  /** Of its children, as far as it has waited for them. */
  readonly childCpuMs: number;
  readonly peakMb: number;
}

interface Stat {
  readonly state: string;
  readonly cpuMs: number;
  readonly systemMs: number;
  readonly childCpuMs: number;
}

function readStat(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = (index: number): number => Number(fields[index]);
  return {
    state: fields[0] ?? '?',
    cpuMs: (ticks(11) + ticks(12)) * MS_PER_TICK,
    systemMs: ticks(12) * MS_PER_TICK,
    childCpuMs: (ticks(13) + ticks(14)) * MS_PER_TICK,
  };
}

/** Whether a process lives; one that has ended and was not waited for does not. */
export function isAlive(pid: number): boolean {
  const state = readStat(pid)?.state;
  return state !== undefined && state !== 'Z' && state !== 'X';
}

function firstThreadCpuMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6;
  } catch {
    return 0;
  }
}

function peakMb(pid: number): number {
  try {
    const kib = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return (Number(kib ?? 0) * 1024) / 1e6;
  } catch {
    return 0;
  }
}

/** Sends a signal to a process that may have ended. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has.
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  return text.trim();
}

/** What is being measured, to be ended when the bench is interrupted. */
const running = new Set<number>();

/** Asks what is being measured to end. */
export function endRunning(): void {
  for (const pid of running) signal(pid, 'SIGTERM');
}

/** @throws when the command cannot be started, or had to be killed because it did not end in time */
export async function measure(job: Job): Promise<Measurement> {
  const startedAt = performance.now();
  const launcher = spawn('/bin/sh', ['-c', LAUNCHER, 'launcher', job.output, ...job.command], {
    cwd: job.cwd,
    env: job.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const launched = new Promise<number>((resolve, reject) => {
    launcher.once('error', reject);
    launcher.once('exit', (code) => resolve(code ?? -1));
  });
  const pid = Number(await Promise.race([firstLine(launcher), launched.then(() => 'nothing')]));
  const launcherPid = launcher.pid;
  if (!(pid > 0) || launcherPid === undefined) throw new Error(`${job.command[0]} could not be started`);
  running.add(pid);
  let timedOut = false;
  let peak = 0;
  let stat: Stat | undefined;
  for (let poll = 0; ; poll++) {
    stat = readStat(pid);
    if (stat === undefined || stat.state === 'Z') break;
    if (poll % PEAK_EVERY === 0) peak = Math.max(peak, peakMb(pid));
    if (!timedOut && performance.now() - startedAt > job.limitMs) {
      timedOut = true;
      signal(pid, 'SIGKILL');
    }
    await delay(POLL);
  }
  const wholeMs = performance.now() - startedAt;
  running.delete(pid);
  const cpuMs = Math.max(stat?.cpuMs ?? 0, firstThreadCpuMs(pid));
  // Told to go on before it has stopped, it would stop for good.
  while (isAlive(launcherPid) && readStat(launcherPid)?.state !== 'T') await delay(POLL);
  signal(launcherPid, 'SIGCONT');
  const exitCode = await launched;
  if (timedOut) throw new Error(`${job.command.join(' ')} did not end within ${job.limitMs} ms`);
  if (stat === undefined) throw new Error(`${job.command.join(' ')} ended unseen`);
  const { systemMs, childCpuMs } = stat;
  return { exitCode, wholeMs, cpuMs, systemMs, childCpuMs, peakMb: peak };
}
