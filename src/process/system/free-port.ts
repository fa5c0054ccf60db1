import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { MachineTrouble, troubleOf } from '../../core/failure.ts';

interface Listening {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** @returns the listening server, or why it could not listen */
function listenOn(host: string, port: number): Promise<Listening | Error> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      const close = (): Promise<void> => new Promise((done) => server.close(() => done()));
      resolve({ port: typeof address === 'object' && address !== null ? address.port : 0, close });
    });
  });
}

/** Whether somebody on this machine can listen on this IP address. Where the machine does not tell, it counts as one. */
export async function isOwnAddress(address: string): Promise<boolean> {
  const tried = await listenOn(address, 0);
  if (!(tried instanceof Error)) await tried.close();
  return !(tried instanceof Error) || (tried as NodeJS.ErrnoException).code !== 'EADDRNOTAVAIL';
}

/**
 * The ports that were picked last. Whoever was given one may not have opened it yet, so that the next one might get it
 * as well: out of only a few thousand, that is no rarity in a proof with a thousand trials.
 */
const picked = new Set<number>();
const MOST_PICKED = 1000;

function pick(port: number): number {
  picked.add(port);
  const [oldest] = picked;
  if (picked.size > MOST_PICKED && oldest !== undefined) picked.delete(oldest);
  return port;
}

/** Many servers have a port below as their default, and some `fetch` and browsers refuse: 10080 is the last. */
const LOWEST = 10_100;
/** So that two who pick at the same moment rarely pick the same. */
const LEAST_ROOM = 5_000;

/**
 * @param range what the kernel says: the first and the last port that it gives to those who leave it to the kernel
 * @returns a port below these, which nobody gets by accident before its server listens; undefined if there are too few
 */
export function portBelow(range: string): number | undefined {
  const [first = 0] = range.trim().split(/\s+/).map(Number);
  return first - LOWEST >= LEAST_ROOM ? LOWEST + Math.floor(Math.random() * (first - LOWEST)) : undefined;
}

const KERNEL_RANGE = '/proc/sys/net/ipv4/ip_local_port_range';

function kernelRange(): string {
  try {
    return readFileSync(KERNEL_RANGE, 'utf8');
  } catch {
    return '';
  }
}

/** After so many that are taken, the kernel knows better. */
const OWN_ATTEMPTS = 10;

/**
 * A port that was free a moment ago on both loopback families, that this process has not picked a while ago, and that the
 * kernel gives to nobody else meanwhile, as far as it says which it gives.
 *
 * @throws `MachineTrouble`, or the system's own error, when the machine has no port left
 */
export async function pickFreePort(): Promise<number> {
  let last: Error | undefined;
  const range = kernelRange();
  for (let attempt = 0; attempt < 20; attempt++) {
    const wanted = attempt < OWN_ATTEMPTS ? portBelow(range) : undefined;
    const v4 = await listenOn('127.0.0.1', wanted ?? 0);
    if (v4 instanceof Error) {
      last = v4;
      continue;
    }
    const v6 = await listenOn('::1', v4.port);
    await v4.close();
    if (!(v6 instanceof Error)) await v6.close();
    if (picked.has(v4.port)) continue;
    // Without IPv6 the second one always fails; whether the port is merely taken there, the socket table shows.
    if (!(v6 instanceof Error) || attempt > 0) return pick(v4.port);
  }
  if (last !== undefined && troubleOf(last) !== undefined) throw last;
  throw new MachineTrouble(
    `no port on the loopback interface is free: ${last?.message ?? 'each was taken at once'}`,
    'stop what uses them (`ss -tln` shows it), or give the service a fixed port',
  );
}
