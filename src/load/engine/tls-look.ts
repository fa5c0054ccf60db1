/** Whether a target that gives no answer in plain HTTP speaks TLS. */
import type { LoadPlan } from '../../core/load.ts';
import { connector, hostOf, portOf } from './socket.ts';

/** Milliseconds that the handshake may take. */
const HANDSHAKE_WITHIN = 1000;

/** The same place, asked by TLS. Nobody's certificate is trusted for anything here. */
function overTls({ target, tls }: LoadPlan, url: URL): Pick<LoadPlan, 'target' | 'tls'> {
  const host = hostOf(url);
  const authority = `${host.includes(':') ? `[${host}]` : host}:${portOf(url)}`;
  return { target: { ...target, url: `https://${authority}/` }, tls: { ...tls, verify: false } };
}

/**
 * Looks once, by a connection of its own. Servers that speak TLS mostly end a connection that begins with something else,
 * without a word.
 *
 * @returns whether a handshake succeeds within a second; false of what is asked by TLS already
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
    // A later one is of no interest, but must not go unheard.
    socket.on('error', () => finish(false));
    socket.once('close', () => finish(false));
  });
}
