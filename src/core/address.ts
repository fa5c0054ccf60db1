/** Where a service can be reached, and how that is told to those who use it. */

export interface Address {
  /** What its URL begins with. */
  readonly scheme: string;
  readonly host: string;
  /** Null if it listens on none. */
  readonly port: number | null;
  /** The whole of it, where that says more: a path, credentials, another scheme. */
  readonly url?: string;
  /** Where its other ports are reached, by those that it listens on itself. */
  readonly others?: ReadonlyMap<number, number>;
}

/** Where our own programs listen for others of this machine. */
export const LOOPBACK = '127.0.0.1';

const variable = (name: string, what: string): string =>
  `${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_${what}`;

/** An IPv6 address stands in brackets in a URL. */
const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** The same the other way round. */
export const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

/** `http://127.0.0.1:8001`; nothing for one without a port. */
export const urlOf = ({ scheme, host, port, url }: Address): string | undefined =>
  port === null ? undefined : (url ?? `${scheme}://${inUrl(host)}:${port}`);

/** `API_PORT`, for a service `api`. */
export const portVariable = (name: string): string => variable(name, 'PORT');
/** `API_URL`, for a service `api`. */
export const urlVariable = (name: string): string => variable(name, 'URL');

/** `API_PORT`, `API_HOST` and `API_URL`, for a service `api`; nothing for one without a port. */
export function addressVariables(name: string, address: Address): Readonly<Record<string, string>> {
  const { host, port, others } = address;
  const url = urlOf(address);
  if (url === undefined) return {};
  const further = [...(others ?? [])].map(([own, at]) => [variable(name, `PORT_${own}`), String(at)]);
  return {
    ...Object.fromEntries(further),
    [portVariable(name)]: String(port),
    [variable(name, 'HOST')]: host,
    [urlVariable(name)]: url,
  };
}

/** A URL for people to read: without the name and the password in it. */
export const withoutCredentials = (url: string): string =>
  url.replace(/^([a-z][a-z\d+.-]*:\/\/)[^/?#]*@/i, '$1');

/** Whether a host is this machine, as only itself can reach it. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
