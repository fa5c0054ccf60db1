/** Where a service can be reached, and how that is told to those who use it. */
import type { Environment } from './suite.ts';

export interface Address {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  /** Null if it listens on none. */
  readonly port: number | null;
}

const variable = (name: string, what: string): string =>
  `${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_${what}`;

/** An IPv6 address stands in brackets in a URL. */
const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** `API_PORT`, `API_HOST` and `API_URL`, for a service `api`; nothing for one without a port. */
export function addressVariables(name: string, { scheme, host, port }: Address): Environment {
  if (port === null) return {};
  return {
    [variable(name, 'PORT')]: String(port),
    [variable(name, 'HOST')]: host,
    [variable(name, 'URL')]: `${scheme}://${inUrl(host)}:${port}`,
  };
}
