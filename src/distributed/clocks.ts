/** The clock of an agent, or of a command line, against that of the server, as far as the order of what happened tells. */
import type { Bounds } from '../load/index.ts';
import type { ClockLook } from './protocol.ts';

/**
 * An agent has a task after the server has scheduled it, and the server hears the answer after the agent has given it.
 *
 * @param heardAt when the server had the answer, in milliseconds since 1970 by its clock
 * @returns milliseconds that the agent's clock is ahead of the server's
 */
export const boundsOf = ({ scheduledAt, receivedAt, answeredAt }: ClockLook, heardAt: number): Bounds => ({
  least: answeredAt - heardAt,
  most: receivedAt - scheduledAt,
});

/**
 * A clock is taken for right as long as nothing disproves it.
 *
 * @returns milliseconds that it is ahead, as little as that can be
 */
export function aheadIn({ least, most }: Bounds): number {
  if (most < 0) return most;
  return Math.max(0, least);
}

/** How close bounds are looked for, in milliseconds, and how often: how much a look tells depends on how long the answer takes. */
const CLOSE = 25;
export const LOOKS = 20;

export const isClose = ({ least, most }: Bounds): boolean => most - least <= CLOSE;

/** The server's clock is read in whole milliseconds. */
export const asWhole = ({ least, most }: Bounds): Bounds => ({ least: least - 1, most });

/** What two looks at the same clock tell together; if it was set between them, the one that tells more. */
export function together(one: Bounds, other: Bounds): Bounds {
  const both = { least: Math.max(one.least, other.least), most: Math.min(one.most, other.most) };
  if (both.least <= both.most) return both;
  return other.most - other.least < one.most - one.least ? other : one;
}
