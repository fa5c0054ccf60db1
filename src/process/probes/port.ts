import { hasProcessTable } from '../system/proc.ts';
import { acceptingAddresses, firstListeningLoopback } from '../system/sockets.ts';
import type { ProbeAnswer } from './answer.ts';

const CONNECT_WITHIN = 1000;
/** In milliseconds. Connections may be redirected without a listener, as container engines do: rarely try one. */
const TRY_EVERY = 1000;

/** Asks the kernel whether a port accepts connections: one without a request makes some servers print an error. */
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
