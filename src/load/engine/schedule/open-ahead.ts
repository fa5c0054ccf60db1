import type { Connection } from '../connection.ts';

/** More than this many at once would overflow the backlog of many servers. */
export const CONNECTING_AT_ONCE = 128;

export function countConnecting(connections: readonly Connection[]): number {
  let count = 0;
  for (const connection of connections) if (connection.isConnecting) count += 1;
  return count;
}

/** Opens those that are to be open before they are used, as many at a time as a server can take. */
export function openAhead(connections: readonly Connection[], now: number): void {
  let left = CONNECTING_AT_ONCE - countConnecting(connections);
  for (const connection of connections) {
    if (left <= 0) return;
    connection.openAhead?.(now);
    if (connection.isConnecting) left -= 1;
  }
}
