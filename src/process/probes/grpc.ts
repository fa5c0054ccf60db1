/** A service that tells by the health protocol of gRPC whether it is ready. */
import type { Probe } from '../../core/suite.ts';
import { hasProcessTable } from '../system/proc.ts';
import { firstListeningLoopback } from '../system/sockets.ts';
import type { ProbeAnswer } from './answer.ts';
import { askHealth, SERVING, statusName } from './grpc-health.ts';
import type { Questioned } from './http.ts';

/** In milliseconds. Without a known listener a connection may still be redirected: that is tried this rarely. */
const TRY_EVERY = 250;

type GrpcProbe = Extract<Probe, { type: 'grpc' }>;

export class GrpcLooks {
  readonly #probe: GrpcProbe;
  readonly #port: number;
  readonly #subject: Pick<Questioned, 'clock' | 'onAsked'>;
  #patience: number;
  #triedAt = Number.NEGATIVE_INFINITY;

  constructor(probe: GrpcProbe, port: number, subject: Pick<Questioned, 'clock' | 'onAsked'>) {
    this.#probe = probe;
    this.#port = port;
    this.#subject = subject;
    this.#patience = probe.timeout;
  }

  async look(signal: AbortSignal): Promise<ProbeAnswer> {
    const { clock, onAsked } = this.#subject;
    const place = `port ${this.#port}`;
    const host = this.#host();
    if (host === undefined) return { ready: false, why: `${place} refused the connection`, isUnheard: true };
    const limit = AbortSignal.any([signal, clock.timeout(this.#patience)]);
    const { service } = this.#probe;
    const where = { host, port: this.#port };
    const health = await askHealth(where, this.#probe, limit, () => onAsked?.());
    if ('status' in health && health.status === SERVING) return { ready: true };
    if (limit.aborted) this.#patience *= 2;
    const of = service === '' ? '' : ` of ${service}`;
    const why =
      'status' in health
        ? `the health${of} on ${place} is ${statusName(health.status)}`
        : `${place} ${health.why}`;
    return { ready: false, why, isHeard: true };
  }

  #host(): string | undefined {
    const known = firstListeningLoopback(this.#port);
    const now = performance.now();
    if (known !== undefined || (hasProcessTable && now - this.#triedAt < TRY_EVERY)) return known;
    this.#triedAt = now;
    return '127.0.0.1';
  }
}
