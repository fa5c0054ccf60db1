/** Sockets of every sort, made alike: TCP or unix, plain or TLS, all reading into one buffer. */
import { connect as connectTcp, isIP, type NetConnectOpts, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, createSecureContext } from 'node:tls';
import { troubleOf } from '../../core/failure.ts';
import type { LoadFailureKind, LoadPlan } from '../../core/load.ts';

/** Told how many bytes are in the buffer. */
export type OnBytes = (length: number) => void;

export type Connect = (onBytes: OnBytes) => Socket;

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** Milliseconds to wait after so many failures in a row before this one. */
export function backoff(failures: number): number {
  return failures === 0 ? 0 : Math.min(1000, 5 * 2 ** failures);
}

/** The host of a URL as one connects to it: an IPv6 address without its brackets. */
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
 * @param buffer what every socket reads into; it is only valid until `onBytes` returns
 * @param protocol what to agree upon when TLS is spoken
 * @returns a function that begins to connect
 */
export function connector(
  plan: Pick<LoadPlan, 'target' | 'tls'>,
  buffer: Buffer,
  protocol: 'http/1.1' | 'h2',
): Connect {
  const place = placeOf(plan);
  // The types of Node 20 do not know that TLS sockets and unix sockets take `onread` too.
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

/** A write fails by these where the other side is gone for good. */
const GONE: readonly (string | undefined)[] = ['EPIPE', 'ECONNRESET'];

/**
 * Node gives up a socket whose write fails, and with it what came before and is not read yet: the last answers, and
 * what says why there are no more. Here that is read first. All of it is here, so two turns of the event loop in which
 * nothing was read are its end: in the first one, what there is to read may have been looked for before the write.
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

const PLAIN_TEXT = 'the server answers without TLS, so http:// is what to ask it by';
const TLS_ERRORS: Readonly<Record<string, string>> = {
  ERR_SSL_WRONG_VERSION_NUMBER: PLAIN_TEXT,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: PLAIN_TEXT,
  ERR_SSL_HTTP_REQUEST: PLAIN_TEXT,
};

/** What an error of a socket means for the request that it had. */
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
