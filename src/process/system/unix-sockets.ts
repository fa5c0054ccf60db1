/** Who listens on a socket in the file system: /proc/net/unix lists them as they were bound, descriptors reveal their holders. */
import { readFileSync, statSync } from 'node:fs';
import { type ProcessId, processTable, sight } from './proc.ts';
import { filesOf, type PortHolder } from './sockets.ts';

const ACCEPTING = 0x10000;

/** The inodes of the listening sockets in a text like /proc/net/unix that were bound by this path. */
export function parseListening(text: string, path: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [, , , flags = '0', , , inode, ...name] = line.trim().split(/ +/);
    const isIt = name.join(' ') === path && (Number.parseInt(flags, 16) & ACCEPTING) !== 0;
    return isIt && inode !== undefined ? [inode] : [];
  });
}

function listening(path: string): string[] {
  try {
    return parseListening(readFileSync('/proc/net/unix', 'latin1'), path);
  } catch {
    return [];
  }
}

/** Whether something listens on a socket in the file system that was bound by this absolute path, as the kernel reports. */
export const listensOnPath = (path: string): boolean => listening(path).length > 0;

/**
 * Which of these processes hold a socket that listens on this absolute path.
 *
 * @throws the file system's error where the machine is in trouble
 */
export function holdersOfPath<P extends ProcessId>(path: string, processes: readonly P[]): P[] {
  const inodes = listening(path).map((inode) => `socket:[${inode}]`);
  if (inodes.length === 0) return [];
  return processes.filter((process) => filesOf(process).some((target) => inodes.includes(target)));
}

/** What listens on this absolute path, or undefined when nothing is seen to. Of several holders the oldest is named. */
export function pathHolder(path: string): PortHolder | undefined {
  if (!listensOnPath(path)) return undefined;
  const [oldest] = holdersOfPath(path, processTable()).sort((a, b) => a.startTicks - b.startTicks);
  return { process: oldest === undefined ? null : sight(oldest), uid: userOf(path) };
}

function userOf(path: string): number | null {
  try {
    return statSync(path).uid;
  } catch {
    return null;
  }
}
