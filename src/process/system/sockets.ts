/** Who listens on a port: /proc/net/tcp{,6} lists the sockets, descriptors reveal their holders. */
import { accessSync, closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { connect } from 'node:net';
import { endianness, networkInterfaces } from 'node:os';
import { troubleOf } from '../../core/failure.ts';
import { type ProcessSighting, shortCommand } from '../../core/finding.ts';
import { hasProcessTable, openFiles, type ProcessId, processTable, sight } from './proc.ts';

/** A listening TCP socket. */
export interface Listener {
  /** In the usual notation: `127.0.0.1`, `0.0.0.0`, `::`, `fe80:0:0:0:0:0:0:1`. */
  readonly address: string;
  readonly port: number;
  readonly inode: string;
  readonly uid: number;
}

const LISTEN = '0A';
const TIME_WAIT = '06';
/** Of UDP. */
const UNCONNECTED = '07';

/** The bytes of an address as the kernel prints it: 32-bit words, each in the machine's byte order. */
function addressBytes(hex: string): number[] {
  const bytes = Buffer.from(hex, 'hex');
  return [...(endianness() === 'LE' ? bytes.swap32() : bytes)];
}

/** The usual notation of an address; an IPv4-mapped one (`::ffff:a.b.c.d`) as the IPv4 address. */
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

/** Parses /proc/net/tcp or /proc/net/tcp6, or any whole lines of it. */
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
/** The kernel returns whole lines, about a page (4 KiB or more) per read: a shorter read was the last. */
const NEARLY_A_PAGE = 3 * 1024;

/** The tables that can have a listener: often no socket is of IPv6, which is cheap to ask, and dear to see in the table. */
function* listenerTables(): Generator<string> {
  yield '/proc/net/tcp';
  if (!/^TCP6: inuse 0$/m.test(readTable('/proc/net/sockstat6'))) yield '/proc/net/tcp6';
}

/**
 * Every listening socket. These come before the connections, and to find the end of the table the kernel walks every
 * slot for connections, which takes milliseconds: so it is read no further than needed, and its end only once.
 *
 * A machine may have only one of the two tables.
 *
 * @throws the file system's error where the machine is in trouble: that does not mean that nobody listens
 */
function* eachListener(): Generator<Listener> {
  for (const path of listenerTables()) {
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

/** Whether the socket table is readable: in hardened containers it is not, and nobody is seen to listen. */
export function hasSocketTable(): boolean {
  if (!hasProcessTable) return false;
  try {
    accessSync('/proc/net/tcp', constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** Like `openFiles`, but throws where the machine is in trouble. */
export const filesOf = ({ pid }: ProcessId): readonly string[] => openFiles(pid, throwTrouble);

/**
 * The sockets that listen on a port, in either address family.
 *
 * @throws like `eachListener`, as does everything that reads the table
 */
export function listenersOn(port: number): Listener[] {
  return [...eachListener()].filter((listener) => listener.port === port);
}

/** Whether a text like /proc/net/udp has a socket that receives on this port, from whomever. */
export const hasReceiver = (text: string, port: number): boolean =>
  text.split('\n').some((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    return state === UNCONNECTED && portIn(local) === port;
  });

/** Whether something listens on a port, or receives there by UDP, at whatever address of this machine. */
export const isBound = (port: number): boolean =>
  listenersOn(port).length > 0 ||
  ['/proc/net/udp', '/proc/net/udp6'].some((path) => hasReceiver(readTable(path), port));

/** Which of these processes hold listening sockets, and on which address and port. */
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

/** How many sockets in a text like /proc/net/tcp are in TIME_WAIT with this local port. */
export function countTimeWait(text: string, port: number): number {
  const own = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return text.split('\n').filter((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    return state === TIME_WAIT && local?.endsWith(own) === true;
  }).length;
}

/** How many connections closed by a server on this port the kernel still remembers, for about a minute. */
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
 * The ports at the other ends of connections to a port of the loopback interface, in a text like /proc/net/tcp. It has
 * each connection twice, from either end, and for a minute also one that was closed.
 */
export function parsePeers(text: string, port: number): number[] {
  return text.split('\n').flatMap((line) => {
    const [, local = '', remote = '', state = LISTEN] = line.trim().split(/\s+/);
    if (state === LISTEN || !remote.includes(':')) return [];
    for (const [end, other] of [
      [local, remote],
      [remote, local],
    ] as const)
      if (portIn(end) === port && isLoopback(addressText(end.slice(0, end.lastIndexOf(':')))))
        return [portIn(other)];
    return [];
  });
}

const portIn = (end: string): number => Number.parseInt(end.slice(end.lastIndexOf(':') + 1), 16);
const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

/** The ports at the other ends of connections to a port, also of some that have been closed. */
export const peersOf = (port: number): number[] =>
  ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => parsePeers(readTable(path), port));

/** The kernel's TCP counters change when someone starts to listen, and are cheap to read. Empty where unavailable. */
export function socketCounts(): string {
  if (!hasProcessTable) return '';
  return ['/proc/net/sockstat', '/proc/net/sockstat6']
    .map((path) => /^TCP6?: inuse \d+/m.exec(readTable(path))?.[0] ?? '')
    .join(' ')
    .trim();
}

/**
 * Which of these processes hold a socket that listens on a port: of several sockets, the first that one of them holds.
 */
export function holdersOf<P extends ProcessId>(port: number, processes: readonly P[]): P[] {
  const files = processes.map((process) => ({ process, targets: filesOf(process) }));
  for (const listener of eachListener()) {
    if (listener.port !== port) continue;
    const holders = files.filter(({ targets }) => targets.includes(`socket:[${listener.inode}]`));
    if (holders.length > 0) return holders.map(({ process }) => process);
  }
  return [];
}

export interface PortHolder {
  /** Null when it cannot be seen: another user's process. */
  readonly process: ProcessSighting | null;
  readonly uid: number | null;
}

/** What holds a port, or undefined when nothing does. Of several holders the oldest is named: it is the master. */
export function portHolder(port: number): PortHolder | undefined {
  const listeners = listenersOn(port);
  const first = listeners[0];
  if (first === undefined) return undefined;
  const holders = listeningPorts(processTable()).filter((found) => found.port === port);
  const oldest = holders.sort((a, b) => a.process.startTicks - b.process.startTicks)[0];
  return { process: oldest === undefined ? null : sight(oldest.process), uid: first.uid };
}

/** `python3 app.py (pid 4711, for 3m 05s)`, or a guess where only the user is known. */
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

/** The loopback address that reaches a listener; undefined when none does. */
export function loopbackOf({ address }: Pick<Listener, 'address'>): string | undefined {
  if (address === '127.0.0.1' || address === '0.0.0.0') return '127.0.0.1';
  if (address === '::1') return '::1';
  // The table does not tell whether it takes IPv4 as well; it always takes IPv6.
  if (address === '::') return hasLoopback6() ? '::1' : '127.0.0.1';
  return undefined;
}

/** One notation for each address: the kernel's table writes out what people leave out. */
const canonical = (address: string): string =>
  address.includes(':') ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address;

/** Whether a listener accepts connections to an address of this machine. */
export function reaches({ address }: Pick<Listener, 'address'>, host: string): boolean {
  if (address === '::') return true;
  return address === '0.0.0.0' ? !host.includes(':') : canonical(address) === canonical(host);
}

/** Whether something listens on a port of an address of this machine, as the kernel reports. */
export function listensAt(port: number, host: string): boolean {
  for (const listener of eachListener()) if (listener.port === port && reaches(listener, host)) return true;
  return false;
}

/** The first listening loopback address in the kernel's table, which is read no further. */
export function firstListeningLoopback(port: number): string | undefined {
  for (const listener of eachListener()) {
    const address = listener.port === port ? loopbackOf(listener) : undefined;
    if (address !== undefined) return address;
  }
  return undefined;
}

/** The loopback addresses on which something listens on a port, as the kernel reports. Makes no connection. */
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
 * The loopback addresses at which a port is served. The kernel is asked first: a connection that closes without a
 * request is an error to some servers, which print a traceback. One is made only where the kernel knows of no listener:
 * there is none, or connections are redirected, as container engines do.
 *
 * @param timeout milliseconds that a connection may take
 */
export async function servedAddresses(port: number, timeout: number): Promise<string[]> {
  const listening = listeningLoopback(port);
  return listening.length > 0 ? listening : acceptingAddresses(port, timeout);
}

/** Those of the addresses, by default of the loopback interface, on which a port accepts connections; all are tried at once. */
export async function acceptingAddresses(
  port: number,
  timeout: number,
  hosts: readonly string[] = LOOPBACK,
): Promise<string[]> {
  const answers = await Promise.all(hosts.map((host) => accepts(host, port, timeout)));
  return hosts.filter((_, index) => answers[index]);
}

/** What holds a port, also where there is no socket table; undefined when the port is free. */
export async function findPortHolder(port: number): Promise<PortHolder | undefined> {
  if (hasSocketTable()) return portHolder(port);
  const addresses = await acceptingAddresses(port, 250);
  return addresses.length === 0 ? undefined : { process: null, uid: null };
}
