import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import type { LoadTarget } from '../../core/load.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { hostOf, portOf } from './socket.ts';

/** How long an address may take to accept a connection before the next is tried, in milliseconds. */
const ACCEPTS_WITHIN = 1000;

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ACCEPTS_WITHIN, () => finish(false));
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}

/**
 * Resolves the host of a target, once for the whole run. Of several addresses it picks the first that accepts a
 * connection: `localhost` has two, and many servers listen on only one of them.
 *
 * @returns the target with its address, or why it has none
 */
export async function resolveTarget(target: LoadTarget): Promise<Result<LoadTarget, string>> {
  if (target.address !== null || target.unixSocket !== null) return ok(target);
  const url = new URL(target.url);
  const host = hostOf(url);
  if (isIP(host) !== 0) return ok({ ...target, address: host });
  try {
    const addresses = (await lookup(host, { all: true })).map(({ address }) => address);
    if (addresses.length > 1)
      for (const address of addresses)
        if (await accepts(address, portOf(url))) return ok({ ...target, address });
    return ok({ ...target, address: addresses[0] ?? null });
  } catch (error) {
    return err(`the name ${host} does not resolve (${(error as NodeJS.ErrnoException).code})`);
  }
}
