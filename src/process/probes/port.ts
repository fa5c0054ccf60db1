import { hasProcessTable } from '../system/proc.ts';
import { acceptingAddresses, firstListeningLoopback, listensAt } from '../system/sockets.ts';
import type { ProbeAnswer } from './answer.ts';

const CONNECT_WITHIN = 1000;
/** In milliseconds. Connections may be redirected without a listener, as container engines do: rarely try one. */
const TRY_EVERY = 1000;

/** Asks the kernel whether a port accepts connections: one without a request makes some servers print an error. */
export class PortLooks {
  readonly #port: number;
  /** An address of this machine; undefined: those of localhost. */
  readonly #host: string | undefined;
  #triedAt = performance.now();

  constructor(port: number, host?: string) {
    this.#port = port;
    this.#host = host;
  }

  async look(): Promise<ProbeAnswer> {
    if (this.#listens() || (await this.#accepts())) return { ready: true };
    const where = this.#host === undefined ? '' : ` of ${this.#host}`;
    return {
      ready: false,
      why: `port ${this.#port}${where} accepts no connections`,
      isUnheard: hasProcessTable,
    };
  }

  #listens(): boolean {
    if (this.#host !== undefined) return listensAt(this.#port, this.#host);
    return firstListeningLoopback(this.#port) !== undefined;
  }

  async #accepts(): Promise<boolean> {
    const now = performance.now();
    if (hasProcessTable && now - this.#triedAt < TRY_EVERY) return false;
    this.#triedAt = now;
    return (
      (
        await acceptingAddresses(
          this.#port,
          CONNECT_WITHIN,
          this.#host === undefined ? undefined : [this.#host],
        )
      ).length > 0
    );
  }
}
