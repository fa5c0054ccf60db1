/** Where an agent may send load: its operator says so, as anybody who can reach the server can begin a run. */
import { isLoopback, unbracketed } from '../core/address.ts';
import type { LoadTarget } from '../core/load.ts';

/** A `*` stands for any characters. Each piece is looked for once, from left to right. */
function fits(text: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (!text.startsWith(first)) return false;
  const last = rest.pop();
  if (last === undefined) return text === first;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = {
  'http:': '80',
  'https:': '443',
  'ws:': '80',
  'wss:': '443',
};

/** `host` or `host:port`; without a port, any. */
function allows(pattern: string, host: string, port: string): boolean {
  const given = pattern.toLowerCase();
  return fits(host, given) || fits(`${host}:${port}`, given);
}

/**
 * @param patterns hosts or `host:port`, in which `*` stands for anything; none: this machine alone
 * @returns where the load would go that is not allowed; undefined if all is
 */
export function forbiddenIn(target: LoadTarget, patterns: readonly string[]): string | undefined {
  const { hostname, port, protocol } = new URL(target.url);
  const to = port === '' ? (DEFAULT_PORTS[protocol] ?? '') : port;
  const socket = target.unixSocket === null ? undefined : `unix:${target.unixSocket}`;
  if (socket !== undefined) return patterns.includes(socket) ? undefined : socket;
  const isAllowed = (host: string): boolean =>
    patterns.length === 0
      ? isLoopback(unbracketed(host))
      : patterns.some((pattern) => allows(pattern, host.toLowerCase(), to));
  // A name says what is meant, an address where it goes.
  const hosts = target.address === null ? [hostname] : [hostname, target.address];
  const forbidden = hosts.find((host) => !isAllowed(host));
  return forbidden === undefined ? undefined : `${forbidden}:${to}`;
}
