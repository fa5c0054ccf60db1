import { hasProcessTable } from '../system/proc.ts';
import { acceptingAddresses, firstListeningLoopback } from '../system/sockets.ts';
import type { ProbeAnswer } from './answer.ts';

const CONNECT_WITHIN = 1000;
/** Where nobody is known to listen, connections may still be redirected, as container engines do: so seldom it is tried. */
const TRY_EVERY = 1000;

/**
 * Whether a port accepts connections. The kernel is asked, and no connection made: one that ends without a word is a fault
 * to a server that waits for one, and some print a traceback then.
 */
export class PortLooks {
  readonly #port: number;
  #triedAt = performance.now();

  constructor(port: number) {
    this.#port = port;
  }

  async look(): Promise<ProbeAnswer> {
    if (firstListeningLoopback(this.#port) !== undefined || (await this.#accepts())) return { ready: true };
    return { ready: false, why: `port ${this.#port} accepts no connections`, isUnheard: hasProcessTable };
  }

  async #accepts(): Promise<boolean> {
    const now = performance.now();
    if (hasProcessTable && now - this.#triedAt < TRY_EVERY) return false;
    this.#triedAt = now;
    return (await acceptingAddresses(this.#port, CONNECT_WITHIN)).length > 0;
  }
}
