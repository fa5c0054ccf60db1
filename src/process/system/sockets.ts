/** Who listens on a port: /proc/net/tcp{,6} gives the sockets, descriptors give their holders. */
import { accessSync, closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { connect } from 'node:net';
import { endianness, networkInterfaces } from 'node:os';
import { troubleOf } from '../../core/failure.ts';
import { type ProcessSighting, shortCommand } from '../../core/finding.ts';
import { hasProcessTable, openFiles, type ProcessId, processTable, sight } from './proc.ts';

/** A listening TCP socket. */
export interface Listener {
  /** As a person writes it: `127.0.0.1`, `0.0.0.0`, `::`, `fe80:0:0:0:0:0:0:1`. */
  readonly address: string;
  readonly port: number;
  readonly inode: string;
  readonly uid: number;
}

const LISTEN = '0A';
const TIME_WAIT = '06';

/** The bytes of an address as the kernel prints it: words of 32 bits, each in the order of the machine. */
function addressBytes(hex: string): number[] {
  const bytes = Buffer.from(hex, 'hex');
  return [...(endianness() === 'LE' ? bytes.swap32() : bytes)];
}

/** An address as a person writes it; one of IPv4 that stands for itself in IPv6 (`::ffff:a.b.c.d`) as what it is. */
function addressText(hex: string): string {
  const bytes = addressBytes(hex);
  const isMapped = bytes.length === 16 && bytes.slice(0, 12).join() === '0,0,0,0,0,0,0,0,0,0,255,255';
  if (bytes.length === 4 || isMapped) return bytes.slice(-4).join('.');
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16),
  ).join(':');
  if (groups === '0:0:0:0:0:0:0:0') return '::';
  return groups === '0:0:0:0:0:0:0:1' ? '::1' : groups;
}

/** Reads the text of /proc/net/tcp or /proc/net/tcp6, or a part of it in whole lines. */
export function parseListeners(text: string): Listener[] {
  const listeners: Listener[] = [];
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/\s+/);
    const [, local, , state, , , , uid, , inode] = fields;
    if (state !== LISTEN || local === undefined || inode === undefined) continue;
    listeners.push({
      address: addressText(local.slice(0, local.lastIndexOf(':'))),
      port: Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16),
      inode,
      uid: Number(uid),
    });
  }
  return listeners;
}

const page = Buffer.allocUnsafe(64 * 1024);
/** The kernel gives whole lines, a page (of 4 KiB or more) at a time: less than this much, and there is no more. */
const NEARLY_A_PAGE = 3 * 1024;

/**
 * Every listening socket. They come before the connections; and to find the end of the table the kernel looks at each
 * place where a connection could be, which takes milliseconds. So no more is read than must be, nor is the end read twice.
 *
 * A machine may well have only one of the two tables.
 *
 * @throws the error of the file system where the machine is in trouble: that is no sign that nobody listens
 */
function* eachListener(): Generator<Listener> {
  for (const path of ['/proc/net/tcp', '/proc/net/tcp6']) {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch (error) {
      throwTrouble(error);
      continue;
    }
    try {
      for (let isMore = true; isMore; ) {
        const length = readSync(fd, page);
        const listeners = parseListeners(page.toString('latin1', 0, length));
        yield* listeners;
        isMore = length >= NEARLY_A_PAGE && listeners.length > 0;
      }
    } finally {
      closeSync(fd);
    }
  }
}

function throwTrouble(error: unknown): void {
  if (troubleOf(error) !== undefined) throw error;
}

/**
 * Whether there is a table of sockets that may be read: hardened containers have none. Where there is none nobody is seen to
 * listen, which is another thing than that nobody does.
 */
export function hasSocketTable(): boolean {
  if (!hasProcessTable) return false;
  try {
    accessSync('/proc/net/tcp', constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** As `openFiles`; where the machine is in trouble it throws. */
const filesOf = ({ pid }: ProcessId): string[] => openFiles(pid, throwTrouble);

/**
 * The sockets that listen on a port, on either address family.
 *
 * @throws as `eachListener`, and so do all that look at the table
 */
export function listenersOn(port: number): Listener[] {
  return [...eachListener()].filter((listener) => listener.port === port);
}

/** Which of these processes hold a listening socket, on which address and port. */
export function listeningPorts<P extends ProcessId>(
  processes: readonly P[],
): { process: P; address: string; port: number }[] {
  const byInode = new Map([...eachListener()].map((listener) => [`socket:[${listener.inode}]`, listener]));
  const found: { process: P; address: string; port: number }[] = [];
  for (const process of processes) {
    for (const target of filesOf(process)) {
      const listener = byInode.get(target);
      if (listener !== undefined) found.push({ process, address: listener.address, port: listener.port });
    }
  }
  return found;
}

/** How many sockets a text in the form of /proc/net/tcp shows in TIME_WAIT, whose own end is a port. */
export function countTimeWait(text: string, port: number): number {
  const own = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return text.split('\n').filter((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    return state === TIME_WAIT && local?.endsWith(own) === true;
  }).length;
}

/** How many connections that a server on this port has closed the kernel still remembers; for about a minute it does. */
export function timeWaitsOn(port: number): number {
  return ['/proc/net/tcp', '/proc/net/tcp6'].reduce(
    (sum, path) => sum + countTimeWait(readTable(path), port),
    0,
  );
}

function readTable(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/**
 * The kernel's counts of TCP sockets: cheap to read (some microseconds, where a table takes a millisecond), and they
 * change when somebody begins to listen. Empty where they are not to be had.
 */
export function socketCounts(): string {
  if (!hasProcessTable) return '';
  return ['/proc/net/sockstat', '/proc/net/sockstat6']
    .map((path) => /^TCP6?: inuse \d+/m.exec(readTable(path))?.[0] ?? '')
    .join(' ')
    .trim();
}

/** Which of these processes hold a socket that listens on a port: of several such sockets, the first that one of them holds. */
export function holdersOf<P extends ProcessId>(port: number, processes: readonly P[]): P[] {
  const files = processes.map((process) => ({ process, targets: filesOf(process) }));
  for (const listener of eachListener()) {
    if (listener.port !== port) continue;
    const holders = files.filter(({ targets }) => targets.includes(`socket:[${listener.inode}]`));
    if (holders.length > 0) return holders.map(({ process }) => process);
  }
  return [];
}

/** What holds a port that should be free. */
export interface PortHolder {
  /** Null when it cannot be seen: a process of another user. */
  readonly process: ProcessSighting | null;
  readonly uid: number | null;
}

/** Who holds a port, or undefined when nobody listens on it. The oldest holder is named: it is the master. */
export function portHolder(port: number): PortHolder | undefined {
  const listeners = listenersOn(port);
  const first = listeners[0];
  if (first === undefined) return undefined;
  const holders = listeningPorts(processTable()).filter((found) => found.port === port);
  const oldest = holders.sort((a, b) => a.process.startTicks - b.process.startTicks)[0];
  return { process: oldest === undefined ? null : sight(oldest.process), uid: first.uid };
}

/** `python3 app.py (pid 4711, for 3m 05s)`, or who it may be where only the user is known. */
export function describeHolder(holder: PortHolder, age: (ms: number) => string): string {
  if (holder.process !== null)
    return `${shortCommand(holder.process.command)} (pid ${holder.process.pid}, up for ${age(holder.process.ageMs)})`;
  return holder.uid === null
    ? 'a process that cannot be seen from here'
    : `a process of another user (uid ${holder.uid})`;
}

const LOOPBACK = ['127.0.0.1', '::1'] as const;

const hasLoopback6 = (): boolean =>
  Object.values(networkInterfaces()).some((own) => own?.some(({ address }) => address === '::1'));

/** By which loopback address a listener is reached; undefined where by none. */
export function loopbackOf({ address }: Pick<Listener, 'address'>): string | undefined {
  if (address === '127.0.0.1' || address === '0.0.0.0') return '127.0.0.1';
  if (address === '::1') return '::1';
  // Whether it takes IPv4 as well, the table does not tell; IPv6 it always takes.
  if (address === '::') return hasLoopback6() ? '::1' : '127.0.0.1';
  return undefined;
}

/** The first of those addresses that the kernel tells of, and no more of its table is read. */
export function firstListeningLoopback(port: number): string | undefined {
  for (const listener of eachListener()) {
    const address = listener.port === port ? loopbackOf(listener) : undefined;
    if (address !== undefined) return address;
  }
  return undefined;
}

/** The loopback addresses on which the kernel says that somebody listens on a port. No connection is made for it. */
export function listeningLoopback(port: number): string[] {
  const found = [...eachListener()].filter((listener) => listener.port === port);
  const addresses = found.map(loopbackOf);
  return LOOPBACK.filter((address) => addresses.includes(address));
}

/** Whether a connection to a loopback address is accepted; settles within `timeout` milliseconds. */
function accepts(host: string, port: number, timeout: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(timeout, () => finish(false));
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}

/**
 * The loopback addresses at which a port is served. The kernel is asked first: to a server that waits for words, a
 * connection which ends without any is a fault, and some print a traceback then. Only where the kernel knows of no
 * listener (there is none, or connections are redirected, as container engines do) is one made.
 *
 * @param timeout milliseconds that a connection may take
 */
export async function servedAddresses(port: number, timeout: number): Promise<string[]> {
  const listening = listeningLoopback(port);
  return listening.length > 0 ? listening : acceptingAddresses(port, timeout);
}

/** The loopback addresses on which a port accepts connections, both families tried at once. */
export async function acceptingAddresses(port: number, timeout: number): Promise<string[]> {
  const answers = await Promise.all(LOOPBACK.map((host) => accepts(host, port, timeout)));
  return LOOPBACK.filter((_, index) => answers[index]);
}

/**
 * Who holds a port, also where there is no table to ask.
 *
 * @returns undefined when the port is free
 */
export async function findPortHolder(port: number): Promise<PortHolder | undefined> {
  if (hasSocketTable()) return portHolder(port);
  const addresses = await acceptingAddresses(port, 250);
  return addresses.length === 0 ? undefined : { process: null, uid: null };
}
