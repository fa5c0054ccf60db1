/**
 * A server without SO_REUSEADDR cannot listen on a port while the kernel remembers a connection that was closed there
 * from its side: for a minute (TIME_WAIT, RFC 9293, section 3.6.1).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { findPortHolder, timeWaitsOn } from '../system/sockets.ts';
import { whereSeen } from './unlooked.ts';

export const IN_USE = /EADDRINUSE|address (?:is )?already in use/i;

const LOOK_EVERY = 100;
/** In milliseconds; Linux remembers for 60 seconds. */
const LONGEST = 75_000;

/** What the machine shows of a port. */
export interface PortSight {
  readonly isHeld: (port: number) => Promise<boolean>;
  readonly timeWaits: (port: number) => number;
}

const MACHINE: PortSight = {
  isHeld: async (port) => (await findPortHolder(port)) !== undefined,
  timeWaits: timeWaitsOn,
};

export interface Refused {
  readonly name: string;
  /** The port that it was given. */
  readonly port: number | null;
  /** Its last words. */
  readonly lines: readonly string[];
  readonly signal: AbortSignal;
  readonly say: (message: string) => void;
}

/**
 * Waits for the port of a service that has ended because nobody can listen there yet.
 *
 * @returns whether it makes sense to start it again
 */
export async function outlastTimeWait(
  { name, port, lines, signal, say }: Refused,
  sight: PortSight = MACHINE,
): Promise<boolean> {
  if (port === null || !lines.some((line) => IN_USE.test(line))) return false;
  const isHeld = await whereSeen(
    () => sight.isHeld(port),
    () => true,
  );
  const count = sight.timeWaits(port);
  if (isHeld || count === 0) return false;
  say(
    `${name} could not listen on port ${port}: the kernel remembers connections that a server closed there (${count} in TIME_WAIT), for a minute, and ${name} does not set SO_REUSEADDR; it is started again when that is over`,
  );
  const until = performance.now() + LONGEST;
  while (sight.timeWaits(port) > 0) {
    if (signal.aborted || performance.now() > until) return false;
    await delay(LOOK_EVERY, undefined, { signal, ref: false }).catch(() => {});
  }
  return !signal.aborted;
}
