/** Opens sockets, TCP or unix, plain or TLS, that all read into one buffer. */
import { connect as connectTcp, isIP, type NetConnectOpts, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, createSecureContext } from 'node:tls';
import { troubleOf } from '../../core/failure.ts';
import type { LoadFailureKind, LoadPlan } from '../../core/load.ts';

/** Receives the number of bytes read into the buffer. */
export type OnBytes = (length: number) => void;

export type Connect = (onBytes: OnBytes) => Socket;

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** @param failures in a row before this one; returns the milliseconds to wait */
export function backoff(failures: number): number {
  return failures === 0 ? 0 : Math.min(1000, 5 * 2 ** failures);
}

/** The host of a URL to connect to: an IPv6 address without brackets. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

export const portOf = (url: URL): number => Number(url.port || DEFAULT_PORTS[url.protocol]);

function placeOf({ target }: Pick<LoadPlan, 'target'>): NetConnectOpts {
  if (target.unixSocket !== null) return { path: target.unixSocket };
  const url = new URL(target.url);
  return {
    host: target.address ?? hostOf(url),
    port: portOf(url),
    noDelay: true,
    ...(target.localAddress === null ? {} : { localAddress: target.localAddress }),
  };
}

/**
 * @param buffer that every socket reads into; its content is only valid until `onBytes` returns
 * @param protocol to negotiate over TLS
 * @returns a function that starts to connect
 */
export function connector(
  plan: Pick<LoadPlan, 'target' | 'tls'>,
  buffer: Buffer,
  protocol: 'http/1.1' | 'h2',
): Connect {
  const place = placeOf(plan);
  // The types of Node 20 lack `onread` for TLS and unix sockets.
  const reading = (onBytes: OnBytes): object => {
    const callback = (length: number): boolean => {
      onBytes(length);
      return true;
    };
    return { onread: { buffer, callback } };
  };
  const url = new URL(plan.target.url);
  if (url.protocol !== 'https:')
    return (onBytes) => readToItsEnd(connectTcp({ ...place, ...reading(onBytes) }));
  const { verify, ca, cert, key, serverName } = plan.tls;
  const name = serverName ?? hostOf(url);
  const secureContext = createSecureContext({
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
  });
  const options = {
    ...place,
    secureContext,
    rejectUnauthorized: verify,
    ALPNProtocols: [protocol],
    checkServerIdentity: (_: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
      checkServerIdentity(name, certificate),
    ...(isIP(name) === 0 ? { servername: name } : {}),
  };
  return (onBytes) => readToItsEnd(connectTls({ ...options, ...reading(onBytes) }));
}

/** Errors of a write when the other side is gone for good. */
const GONE: readonly (string | undefined)[] = ['EPIPE', 'ECONNRESET'];

/**
 * Node destroys a socket whose write fails, and discards unread data: the last responses, and the reason why there are
 * no more. This reads that data first. It has all arrived, so two turns of the event loop without a read mean that it
 * is at an end; one is not enough, as that turn may have polled before the write.
 */
function readToItsEnd<S extends Socket>(socket: S): S {
  const destroy = socket.destroy.bind(socket);
  let isEnding = false;
  const readRest = (error: Error): void => {
    isEnding = true;
    let seen = socket.bytesRead;
    let turns = 0;
    const look = (): void => {
      turns = socket.bytesRead === seen ? turns + 1 : 0;
      seen = socket.bytesRead;
      if (turns === 2) destroy(error);
      else if (!socket.destroyed) setImmediate(look);
    };
    setImmediate(look);
  };
  socket.destroy = (error?: NodeJS.ErrnoException) => {
    if (error?.syscall !== 'write' || !GONE.includes(error.code)) return destroy(error);
    if (!isEnding) readRest(error);
    return socket;
  };
  return socket;
}

const CONNECT_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ENOENT: 'there is no such socket',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
};

const PLAIN_TEXT = 'the server answers without TLS, so use http://';
const TLS_ERRORS: Readonly<Record<string, string>> = {
  ERR_SSL_WRONG_VERSION_NUMBER: PLAIN_TEXT,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: PLAIN_TEXT,
  ERR_SSL_HTTP_REQUEST: PLAIN_TEXT,
};

/** What a socket error means for its request. */
export function failureOf(
  error: NodeJS.ErrnoException,
  wasOpen: boolean,
): { kind: LoadFailureKind; message: string } {
  const code = error.code ?? error.message;
  const trouble = wasOpen ? undefined : troubleOf(error);
  if (trouble !== undefined)
    return { kind: 'machine', message: `was not sent: ${trouble.cause} (${code}); ${trouble.remedy}` };
  if (wasOpen) return { kind: 'cut-off', message: `was cut off: the connection broke (${code})` };
  const isConnect = error.syscall === 'connect' || code in CONNECT_ERRORS;
  const why = CONNECT_ERRORS[code] ?? TLS_ERRORS[code] ?? error.message;
  return isConnect
    ? { kind: 'connect', message: `was not sent: ${why} (${code})` }
    : { kind: 'tls', message: `was not sent: the TLS handshake failed: ${why} (${code})` };
}
