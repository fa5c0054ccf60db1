/** Which processes serve on a port. */
import { readFileSync } from 'node:fs';
import { openFiles, type ProcessId } from './proc.ts';

/** The sockets of this machine whose own port it is: listeners and connections, by what a descriptor says of them. */
function* socketsAt(port: number): Generator<string> {
  for (const path of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of read(path).split('\n')) {
      const [, local = '', , , , , , , , inode = '0'] = line.trim().split(/\s+/);
      // A connection that no process has accepted has no inode.
      if (Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16) === port && inode !== '0')
        yield `socket:[${inode}]`;
    }
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Those of these processes that hold a listener or a connection of a port. */
export function servingOn<P extends ProcessId>(port: number, processes: readonly P[]): P[] {
  const sockets = new Set(socketsAt(port));
  return processes.filter(({ pid }) => openFiles(pid).some((file) => sockets.has(file)));
}
