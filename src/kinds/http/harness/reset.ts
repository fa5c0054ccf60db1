import type { Socket } from 'node:net';

/**
 * Resets a connection, and nothing else: `resetAndDestroy` ends it first, as a service does that closes it properly, and
 * many a client sees that end alone. The property is what that method sets before it does so.
 */
export function reset(socket: Socket): void {
  Object.assign(socket, { resetAndClosing: true });
  socket.destroy();
}
