/** The process table, read from Linux's /proc; needs no `ps` or `lsof`. Elsewhere it is empty. */
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { basename } from 'node:path';
import type { ProcessSighting } from '../../core/finding.ts';
import type { ProcessState, RunningProcess } from '../../core/snapshot.ts';

/** A process is identified by pid *and* start time: pids are reused. */
export interface ProcessId {
  readonly pid: number;
  /** Clock ticks between boot and the process's start. */
  readonly startTicks: number;
}

/** A key for maps and sets. */
export const idOf = ({ pid, startTicks }: ProcessId): string => `${pid}:${startTicks}`;

export interface ProcessInfo extends ProcessId {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** One letter, as in `ps`: R, S, D, T (stopped), Z (zombie). */
  readonly state: string;
}

/** The kernel reports times to user space at 100 ticks a second on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

export const hasProcessTable: boolean = process.platform === 'linux';

/** All that is read goes through one buffer: to make one for each file would cost more than to read it. */
let buffer = Buffer.allocUnsafe(4096);

/** @param isLong it is read to its end, not just the first 4 KiB; then one read must return all that there is room for */
function readText(path: string, isLong = false): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    for (;;) {
      const most = isLong ? buffer.length : 4096;
      const length = readSync(fd, buffer, 0, most, 0);
      if (!isLong || length < most) return buffer.toString('latin1', 0, length);
      buffer = Buffer.allocUnsafe(2 * most);
    }
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

/** The fields of /proc/PID/stat from the third, the state, on. */
const statFields = (stat: string, most?: number): string[] =>
  stat.slice(stat.lastIndexOf(')') + 2).split(' ', most);

/** Parses /proc/PID/stat. The name stands in parentheses and may hold any byte, even parentheses. */
export function parseStat(pid: number, stat: string): ProcessInfo | undefined {
  const fields = statFields(stat, 20);
  const number = (index: number): number => Number(fields[index]);
  const startTicks = number(19);
  if (fields[0] === undefined || !Number.isInteger(startTicks)) return undefined;
  return { pid, startTicks, state: fields[0], parent: number(1), group: number(2), session: number(3) };
}

/** What has been read at one moment, by what was asked. */
let moment: Map<unknown, unknown> | undefined;

/**
 * Many owners look at the same processes: what one of them has read is not read again for the others.
 *
 * @param look must look at nothing that it changes itself
 */
export function atOneMoment(look: () => void): void {
  moment = new Map();
  try {
    look();
  } finally {
    moment = undefined;
  }
}

/** Reads anew, except at one moment (see `atOneMoment`), where it reads once. @param what identifies it */
export function readOnce<T>(what: unknown, read: () => T): T {
  if (moment === undefined) return read();
  if (moment.has(what)) return moment.get(what) as T;
  const found = read();
  moment.set(what, found);
  return found;
}

/** Undefined when it is gone. */
export const readProcess = (pid: number): ProcessInfo | undefined =>
  readOnce(`process ${pid}`, () => {
    const stat = readText(`/proc/${pid}/stat`);
    return stat === undefined ? undefined : parseStat(pid, stat);
  });

let own: ProcessInfo | undefined;

/** This very process, whose group and session stay the same. */
export function ownProcess(): ProcessInfo | undefined {
  own ??= readProcess(process.pid);
  return own;
}

/** The user that a process runs as; undefined when it is gone. */
export function ownerOf(pid: number): number | undefined {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch {
    return undefined;
  }
}

/** In which PID namespaces processes are: it stays the same for as long as they live. */
const namespaces = new Map<string, string>();
const MOST_NAMESPACES = 10_000;

/** The PID namespace that a process is in, as the kernel names it; empty when it is gone or someone else's. */
export function namespaceOf(process: ProcessId): string {
  const id = idOf(process);
  const known = namespaces.get(id);
  if (known !== undefined) return known;
  try {
    const found = readlinkSync(`/proc/${process.pid}/ns/pid`);
    if (namespaces.size === MOST_NAMESPACES) namespaces.clear();
    namespaces.set(id, found);
    return found;
  } catch {
    return '';
  }
}

const DEAD = new Set(['Z', 'X', 'x']);

/** Whether this very process (not another one under its pid) still runs. A zombie has ended. */
export function isAlive(id: ProcessId): boolean {
  if (!hasProcessTable) return canSignal(id.pid);
  const now = readProcess(id.pid);
  return now !== undefined && now.startTicks === id.startTicks && !DEAD.has(now.state);
}

/** Whether a pid, or a process group when negative, can be signalled. That is all one can find out without /proc. */
export function canSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const listPids = (): number[] =>
  hasProcessTable ? readdirSync('/proc').flatMap((name) => (/^\d/.test(name) ? Number(name) : [])) : [];

/** The pid that was given away last: they are given away in rising order, then from the start again. Undefined where that is not told. */
export function lastPid(): number | undefined {
  const text = readText('/proc/sys/kernel/ns_last_pid');
  return text === undefined ? undefined : Number(text);
}

/** All pids, zombies included: much cheaper than reading each process. */
export const allPids = (): ReadonlySet<number> => readOnce('pids', () => new Set(listPids()));

/** Processes that fork without pause must not be chased forever. */
const MOST_ROUNDS = 4;

/** Every live process, without zombies. @param isLeftOut whether one is not even looked at */
export function processTable(isLeftOut: (pid: number) => boolean = () => false): ProcessInfo[] {
  const table: ProcessInfo[] = [];
  const seen = new Set<number>();
  // The parent of a process born during the scan may have ended before it was read.
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const fresh = listPids().filter((pid) => !seen.has(pid) && !isLeftOut(pid));
    if (fresh.length === 0) break;
    for (const pid of fresh) {
      seen.add(pid);
      const info = readProcess(pid);
      if (info !== undefined && !DEAD.has(info.state)) table.push(info);
    }
  }
  return table;
}

/** The process groups that contain an unreaped zombie. */
export const groupsOfZombies = (): ReadonlySet<number> =>
  readOnce('groups of zombies', () => {
    const infos = [...allPids()].flatMap((pid) => readProcess(pid) ?? []);
    return new Set(infos.flatMap(({ state, group }) => (DEAD.has(state) ? [group] : [])));
  });

/** Kills a whole process group, including processes that are just being forked. */
export function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It is empty.
  }
}

/** The children of a process, unreaped zombies included. */
export function childrenOf(parent: number): ProcessInfo[] {
  const infos = (listedChildren(parent) ?? listPids()).flatMap((pid) => readProcess(pid) ?? []);
  return infos.filter((info) => info.parent === parent);
}

/** Those of the first thread, which has nearly all; undefined where the kernel was built without this list. */
function listedChildren(parent: number): number[] | undefined {
  const path = `/proc/${parent}/task/${parent}/children`;
  try {
    return readFileSync(path, 'latin1').split(' ').filter(Boolean).map(Number);
  } catch {
    return undefined;
  }
}

/** The environment that a process was started with, as `NAME=value`; empty if that cannot be read. */
export const environmentOf = (pid: number): readonly string[] =>
  readOnce(`environment ${pid}`, () => readText(`/proc/${pid}/environ`, true)?.split('\0') ?? []);

/** The names of its variables. */
export const environmentNames = (pid: number): string[] =>
  environmentOf(pid).flatMap((entry) => entry.split('=', 1));

/** Limits of resident memory in KiB; undefined: unlimited. */
export interface ResidentLimits {
  readonly soft: number | undefined;
  readonly hard: number | undefined;
}

/** The limits of its resident memory, which anyone may read; neither when it is gone. */
export function residentLimits(pid: number): ResidentLimits {
  const limits = readOnce(`limits ${pid}`, () => readText(`/proc/${pid}/limits`)) ?? '';
  const [, soft, hard] = /^Max resident set +(\d+|unlimited) +(\d+|unlimited)/m.exec(limits) ?? [];
  const kibOf = (bytes = 'unlimited'): number | undefined =>
    bytes === 'unlimited' ? undefined : Number(BigInt(bytes) / 1024n);
  return { soft: kibOf(soft), hard: kibOf(hard) };
}

/**
 * The targets of a process's open descriptors. Empty when it is gone or someone else's.
 *
 * @param onUnread told why they could not be listed
 */
export const openFiles = (pid: number, onUnread?: (error: unknown) => void): readonly string[] =>
  onUnread === undefined
    ? readOnce(`files ${pid}`, () => readOpenFiles(pid, () => {}))
    : readOpenFiles(pid, onUnread);

function readOpenFiles(pid: number, onUnread: (error: unknown) => void): string[] {
  let names: string[];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch (error) {
    onUnread(error);
    return [];
  }
  const targets: string[] = [];
  for (const name of names) {
    try {
      targets.push(readlinkSync(`/proc/${pid}/fd/${name}`));
    } catch {
      // Closed meanwhile.
    }
  }
  return targets;
}

/** The command line, at most 4 KiB of it; the bare name when a process has overwritten or lost it. */
function commandOf(pid: number): string {
  const raw = readText(`/proc/${pid}/cmdline`) ?? '';
  const line = raw.replaceAll('\0', ' ').trim();
  return line === '' ? `[${(readText(`/proc/${pid}/comm`) ?? '?').trim()}]` : line;
}

function uptimeSeconds(): number {
  return Number.parseFloat(readText('/proc/uptime') ?? '0');
}

/** The current time in the clock ticks of start times. */
export const nowTicks = (): number => Math.floor(uptimeSeconds() * TICKS_PER_SECOND);

/** Pid, command and age of a process, for display. */
export function sight(id: ProcessId): ProcessSighting {
  const ageMs = Math.max(0, Math.round((uptimeSeconds() - id.startTicks / TICKS_PER_SECOND) * 1000));
  return { pid: id.pid, command: commandOf(id.pid), ageMs };
}

const STATES: Readonly<Record<string, ProcessState>> = {
  R: 'running',
  S: 'sleeping',
  I: 'sleeping',
  D: 'uninterruptible',
  T: 'stopped',
  t: 'stopped',
};

/** The current state of a process. */
export function observe(info: ProcessInfo): RunningProcess {
  const fields = statFields(readText(`/proc/${info.pid}/stat`) ?? '');
  const cpuTicks = Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  const { pid, command, ageMs } = sight(info);
  return {
    pid,
    parent: info.parent,
    command,
    state: STATES[info.state] ?? 'unknown',
    cpuMs: (cpuTicks * 1000) / TICKS_PER_SECOND,
    ageMs,
  };
}

/**
 * Caught by a handler, ignored, or handled by the kernel. Deferred: by a shell that heeds a Ctrl-C, which reaches what
 * it has started as well, only once that has ended.
 */
export type Disposition = 'caught' | 'deferred' | 'ignored' | 'default';

const SHELL = /^(?:dash|bash|sh|ash|busybox|ksh\w*|mksh|yash)$/;

/** Whether a process is a shell, also one that runs a script. */
function isShell(pid: number): boolean {
  try {
    return SHELL.test(basename(readlinkSync(`/proc/${pid}/exe`)));
  } catch {
    return false;
  }
}

const CAUGHT = /^SigCgt:\s*([0-9a-f]+)$/m;
const IGNORED = /^SigIgn:\s*([0-9a-f]+)$/m;

/** How a process handles each of some signals; undefined when it is gone. */
export function dispositionsOf<S extends NodeJS.Signals>(
  pid: number,
  signals: readonly S[],
): ReadonlyMap<S, Disposition> | undefined {
  const status = readText(`/proc/${pid}/status`);
  if (status === undefined) return undefined;
  const caught = BigInt(`0x${CAUGHT.exec(status)?.[1] ?? '0'}`);
  const ignored = BigInt(`0x${IGNORED.exec(status)?.[1] ?? '0'}`);
  const how = (signal: S): Disposition => {
    const bit = 1n << BigInt(constants.signals[signal] - 1);
    // dash and bash catch SIGINT without any trap.
    if ((caught & bit) !== 0n) return signal === 'SIGINT' && isShell(pid) ? 'deferred' : 'caught';
    return (ignored & bit) !== 0n ? 'ignored' : 'default';
  };
  return new Map(signals.map((signal) => [signal, how(signal)]));
}

/** How a process handles a signal; undefined when it is gone. */
export const dispositionOf = (pid: number, signal: NodeJS.Signals): Disposition | undefined =>
  dispositionsOf(pid, [signal])?.get(signal);

/** Whether this process may draw on its terminal: it is not in the background there (`&`, `bg`). */
export function isInForeground(): boolean {
  const [, , group, , , foreground] = statFields(readText('/proc/self/stat') ?? '');
  return foreground === undefined || Number(foreground) <= 0 || foreground === group;
}
