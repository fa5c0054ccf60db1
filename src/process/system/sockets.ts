/** Who listens on a port: /proc/net/tcp{,6} gives the sockets, descriptors give their holders. */
import { closeSync, openSync, readSync } from 'node:fs';
import { connect } from 'node:net';
import { type ProcessSighting, shortCommand } from '../../domain/finding.ts';
import { hasProcessTable, openFiles, type ProcessId, processTable, sight } from './proc.ts';

/** A listening TCP socket. */
export interface Listener {
  readonly port: number;
  readonly inode: string;
  readonly uid: number;
}

const LISTEN = '0A';

/** Reads the text of /proc/net/tcp or /proc/net/tcp6, or a part of it in whole lines. */
export function parseListeners(text: string): Listener[] {
  const listeners: Listener[] = [];
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/\s+/);
    const [, local, , state, , , , uid, , inode] = fields;
    if (state !== LISTEN || local === undefined || inode === undefined) continue;
    listeners.push({
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
 */
function* eachListener(): Generator<Listener> {
  for (const path of ['/proc/net/tcp', '/proc/net/tcp6']) {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch {
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

/** The sockets that listen on a port, on either address family. */
export function listenersOn(port: number): Listener[] {
  return [...eachListener()].filter((listener) => listener.port === port);
}

/** Which of these processes hold a listening socket, and on which port. */
export function listeningPorts<P extends ProcessId>(processes: readonly P[]): { process: P; port: number }[] {
  const byInode = new Map([...eachListener()].map(({ inode, port }) => [`socket:[${inode}]`, port]));
  const found: { process: P; port: number }[] = [];
  for (const process of processes) {
    for (const target of openFiles(process.pid)) {
      const port = byInode.get(target);
      if (port !== undefined) found.push({ process, port });
    }
  }
  return found;
}

/** Which of these processes hold a socket that listens on a port: of several such sockets, the first that one of them holds. */
export function holdersOf<P extends ProcessId>(port: number, processes: readonly P[]): P[] {
  const files = processes.map((process) => ({ process, targets: openFiles(process.pid) }));
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

/** The loopback addresses on which a port accepts connections, both families tried at once. */
export async function acceptingAddresses(port: number, timeout: number): Promise<string[]> {
  const answers = await Promise.all(LOOPBACK.map((host) => accepts(host, port, timeout)));
  return LOOPBACK.filter((_, index) => answers[index]);
}

/**
 * Who holds a port, also where there is no process table to ask.
 *
 * @returns undefined when the port is free
 */
export async function findPortHolder(port: number): Promise<PortHolder | undefined> {
  if (hasProcessTable) return portHolder(port);
  const addresses = await acceptingAddresses(port, 250);
  return addresses.length === 0 ? undefined : { process: null, uid: null };
}
