/** Detects a target that does not answer plain HTTP because it speaks TLS. */
import type { LoadPlan } from '../../core/load.ts';
import { connector, hostOf, portOf } from './socket.ts';

/** Time limit of the handshake, in milliseconds. */
const HANDSHAKE_WITHIN = 1000;

/** The same target with TLS. Verifying its certificate is pointless here, as nothing is sent. */
function overTls({ target, tls }: LoadPlan, url: URL): Pick<LoadPlan, 'target' | 'tls'> {
  const host = hostOf(url);
  const authority = `${host.includes(':') ? `[${host}]` : host}:${portOf(url)}`;
  return { target: { ...target, url: `https://${authority}/` }, tls: { ...tls, verify: false } };
}

/**
 * Tries once, on a separate connection. Most TLS servers silently close a connection that starts with anything else.
 *
 * @returns whether a handshake succeeds within a second; false if the plan uses TLS already
 */
export function speaksTls(plan: LoadPlan): Promise<boolean> {
  const url = new URL(plan.target.url);
  if (url.protocol !== 'http:') return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connector(overTls(plan, url), Buffer.alloc(1024), 'http/1.1')(() => {});
    const finish = (is: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(is);
    };
    const timer = setTimeout(() => finish(false), HANDSHAKE_WITHIN);
    socket.once('secureConnect', () => finish(true));
    // A later error without a listener would crash the process.
    socket.on('error', () => finish(false));
    socket.once('close', () => finish(false));
  });
}
