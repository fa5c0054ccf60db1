import { type Address, urlOf } from '../../core/address.ts';
import type { Probe, Service } from '../../core/suite.ts';
import { hostOf } from '../../process/probes/probe.ts';

/** Whether one of the conditions asks by TLS. */
function isSecure(probe: Probe): boolean {
  if (probe.type === 'all' || probe.type === 'any') return probe.probes.some(isSecure);
  return (probe.type === 'http' || probe.type === 'grpc') && probe.tls !== undefined;
}

/** @param port that it uses; null if it listens on none */
export const addressOf = (service: Pick<Service, 'ready' | 'scheme'>, port: number | null): Address => ({
  scheme: service.scheme ?? (isSecure(service.ready) ? 'https' : 'http'),
  host: hostOf(service) ?? '127.0.0.1',
  port,
});

const asksByHttp = (probe: Probe): boolean =>
  probe.type === 'all' || probe.type === 'any'
    ? probe.probes.some(asksByHttp)
    : probe.type === 'http' && probe.unix === undefined;

/** For people, where it is reached: a URL if it is asked by HTTP or the config says what it speaks, else host and port; undefined if it has no port. */
export function shownAddress(
  service: Pick<Service, 'ready' | 'scheme'>,
  address: Address,
): string | undefined {
  const url = urlOf(address);
  return service.scheme !== undefined || asksByHttp(service.ready) ? url : url?.replace(/^.*:\/\//, '');
}
