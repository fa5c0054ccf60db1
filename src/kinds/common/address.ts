import type { Address } from '../../core/address.ts';
import type { Probe, Service } from '../../core/suite.ts';
import { hostOf } from '../../process/probes/probe.ts';

/** Whether one of the conditions asks by TLS. */
function isSecure(probe: Probe): boolean {
  if (probe.type === 'all' || probe.type === 'any') return probe.probes.some(isSecure);
  return probe.type === 'http' && probe.tls !== undefined;
}

/** @param port that it uses; null if it listens on none */
export const addressOf = (service: Pick<Service, 'ready'>, port: number | null): Address => ({
  scheme: isSecure(service.ready) ? 'https' : 'http',
  host: hostOf(service) ?? '127.0.0.1',
  port,
});
