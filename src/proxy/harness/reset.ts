import type { Socket } from 'node:net';

/**
 * Resets a connection, and nothing else. `resetAndDestroy` ends it first, like a service that closes it properly, and
 * many clients see only that end. The property is the one that this method sets before doing so.
 */
export function reset(socket: Socket): void {
  Object.assign(socket, { resetAndClosing: true });
  socket.destroy();
}
