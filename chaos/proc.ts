/**
 * The process table as the harness sees it. It is read here once more, apart from the product: what judges the
 * finders must not share their mistakes.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process: pids are used again, so the start time belongs to it. */
export interface Id {
  readonly pid: number;
  /** Clock ticks, 100 a second, between the machine's start and the process's. */
  readonly startTicks: number;
}

export interface Stat extends Id {
  readonly state: string;
  readonly parent: number;
}

export const sameId = (id: Id): string => `${id.pid}:${id.startTicks}`;

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/** A process that runs; undefined when it has ended, also when its parent has not taken note yet. */
export function running(pid: number): Stat | undefined {
  const text = read(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = 'X', parent] = fields;
  if ('ZXx'.includes(state)) return undefined;
  return { pid, startTicks: Number(fields[19]), state, parent: Number(parent) };
}

export const isRunning = (id: Id): boolean => running(id.pid)?.startTicks === id.startTicks;

/** All that run and were started at that time or later. */
export function runningSince(ticks: number): Stat[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const stat = running(Number(name));
    return stat !== undefined && stat.startTicks >= ticks ? [stat] : [];
  });
}

/** How long a process has waited for a processor since it was started, in ms; 0 when it has ended. */
export function waitedMs(pid: number): number {
  const [, nanoseconds = '0'] = (read(`/proc/${pid}/schedstat`) ?? '').split(' ');
  return Number(nanoseconds) / 1e6;
}

/** Now, on the clock of start times. */
export function nowTicks(): number {
  return Math.floor(Number.parseFloat(read('/proc/uptime') ?? '0') * 100);
}

/** The pid as the process itself sees it: in a namespace of its own it is another one. */
export function innerPid(pid: number): number {
  const line = /^NSpid:\s*(.*)$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return Number(line?.trim().split(/\s+/).at(-1) ?? pid);
}

/** What its open descriptors point at. */
export function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => link(`/proc/${pid}/fd/${fd}`) ?? []);
  } catch {
    return [];
  }
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

export const folderOf = (pid: number): string | undefined => link(`/proc/${pid}/cwd`);

/** The command line, or the bare name where a process has lost it. */
export function commandOf(pid: number): string {
  const line = (read(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim();
  return line === '' ? `[${(read(`/proc/${pid}/comm`) ?? '?').trim()}]` : line;
}

/** Sends a signal to this very process, if it still runs. */
export function signal(id: Id, name: NodeJS.Signals): void {
  // To zero and below, a signal goes to whole groups, or to everybody.
  if (id.pid <= 1 || !isRunning(id)) return;
  try {
    process.kill(id.pid, name);
  } catch {
    // It has ended in between.
  }
}
