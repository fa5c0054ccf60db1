/** What a probe sends, and how it gets there. */
import { connect, isIP, type NetConnectOpts, type Socket } from 'node:net';
import type { Probe } from '../../core/suite.ts';

export type HttpProbe = Extract<Probe, { type: 'http' }>;

/** Where a service can be asked: an address and port, or a socket in the file system. */
export type Endpoint = { readonly host: string; readonly port: number } | { readonly path: string };

const LOOPBACK = new Set(['127.0.0.1', '::1']);

/** The `Host` of a request: what a browser would send for the same place. */
function hostOf(to: Endpoint): string {
  if (!('port' in to)) return 'localhost';
  const host = LOOPBACK.has(to.host) ? 'localhost' : to.host.includes(':') ? `[${to.host}]` : to.host;
  return `${host}:${to.port}`;
}

export const methodOf = ({ method }: HttpProbe): string => method ?? 'GET';

/** @param agent the User-Agent, by which servers can recognise our requests */
export function requestText(probe: HttpProbe, to: Endpoint, agent: string): string {
  const own = Object.entries(probe.headers ?? {});
  const isOwn = (name: string): boolean => own.some(([given]) => given.toLowerCase() === name.toLowerCase());
  const usual = [
    ['Host', hostOf(to)],
    ['User-Agent', agent],
    ['Accept', '*/*'],
  ].filter(([name = '']) => !isOwn(name));
  // No `Connection: close`: when the server closes first, its port keeps a connection in TIME_WAIT, and a server that
  // does not set SO_REUSEADDR could not be restarted there for a minute.
  const lines = [...usual, ...own].map(([name, value]) => `${name}: ${value}\r\n`);
  return `${methodOf(probe)} ${probe.path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

type Tls = typeof import('node:tls');

/** As much of a probe as its connection depends on. */
type Connected = Pick<HttpProbe, 'tls' | 'headers'>;

/** Loads what a probe needs beyond plain sockets. */
export const loadTls = async ({ tls }: Connected): Promise<Tls | undefined> =>
  tls === undefined ? undefined : import('node:tls');

/**
 * Opens a connection for one request.
 *
 * @param tls Node's module, if the probe needs it: loading it takes a while
 * @param onOpen called once it can be written to: with TLS, when the certificate has been accepted
 */
export function openConnection(
  probe: Connected,
  to: Endpoint,
  tls: Tls | undefined,
  onOpen: () => void,
  protocol: 'http/1.1' | 'h2' = 'http/1.1',
): Socket {
  const place: NetConnectOpts = { ...to };
  if (probe.tls === undefined || tls === undefined) return connect(place).once('connect', onOpen);
  const { connect: secure, checkServerIdentity } = tls;
  const { verify, ca } = probe.tls;
  const named = Object.entries(probe.headers ?? {}).find(([name]) => name.toLowerCase() === 'host')?.[1];
  const name = (named ?? hostOf(to)).replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return secure({
    ...place,
    ALPNProtocols: [protocol],
    rejectUnauthorized: verify,
    ...(ca === null ? {} : { ca }),
    // An address must not be sent as a server name (RFC 6066, section 3).
    servername: isIP(name) === 0 ? name : '',
    checkServerIdentity: (_, certificate) => {
      const names = 'host' in to ? [name, to.host] : [name];
      const refusals = names.map((each) => checkServerIdentity(each, certificate));
      return refusals.includes(undefined) ? undefined : refusals[0];
    },
  }).once('secureConnect', onOpen);
}

/** Errors of a certificate, by Node's codes, as far as they are not `CERT_…`. */
const DISTRUST = /CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;

/** What an error on the connection means; undefined if it is like any other. */
export function describeTlsError({ code = '' }: NodeJS.ErrnoException): string | undefined {
  if (DISTRUST.test(code)) return `has a certificate that is not trusted (${code})`;
  return code.startsWith('ERR_SSL_') || code === 'EPROTO' ? 'answered, but not in TLS' : undefined;
}
