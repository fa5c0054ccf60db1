/** The clock of an agent against that of the server, as far as the order of what happened tells. */
import type { ClockLook } from './protocol.ts';

/**
 * An agent's clock is taken for right as long as nothing disproves it: an agent has a task after the server has scheduled
 * it, and the server hears the answer after the agent has given it.
 *
 * @param heardAt when the server had the answer, in milliseconds since 1970 by its clock
 * @returns milliseconds that the agent's clock is ahead of the server's, as little as that can be
 */
export function clockAhead({ scheduledAt, receivedAt, answeredAt }: ClockLook, heardAt: number): number {
  const most = receivedAt - scheduledAt;
  const least = answeredAt - heardAt;
  if (most < 0) return most;
  return Math.max(0, least);
}
