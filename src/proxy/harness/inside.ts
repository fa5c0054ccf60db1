/**
 * The one process in the network of a proxy. It brings the loopback interface up, listens where it is told, and hands the
 * sockets out to the proxy: a socket stays in the network that it was made in, whoever holds it. It ends with the proxy.
 */
import { spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import type { FromInside, ToInside } from '../protocol.ts';

const say = (message: FromInside, server?: Server): Promise<void> =>
  new Promise((done) => process.send?.(message, server, {}, () => done()));

/** Either will do. They are not on everybody's PATH. */
const COMMANDS = [
  ['ip', 'link', 'set', 'lo', 'up'],
  ['ifconfig', 'lo', 'up'],
] as const;
const ROOTS_PATH = '/usr/sbin:/sbin';

/** @returns why the interface could not be brought up; undefined if it was */
function bringUp(): string | undefined {
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:${ROOTS_PATH}` };
  for (const [program, ...args] of COMMANDS) {
    const { error, status, stderr } = spawnSync(program, args, { env, encoding: 'utf8' });
    if (error !== undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') continue;
    if (status === 0) return undefined;
    return `${program}: ${error?.message ?? (stderr.trim().split('\n')[0] || `exit code ${status}`)}`;
  }
  return 'its loopback interface could not be brought up: `ip` (iproute2) is not installed';
}

/** @returns the socket; undefined on a machine without that family */
function listen(host: string, port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host, port, ipv6Only: true, exclusive: true }, () => resolve(server));
  });
}

/** On all addresses: there is nothing but the loopback interface, and some machines call themselves 127.0.1.1. */
async function listenOn(port: number): Promise<void> {
  for (const host of ['0.0.0.0', '::']) {
    const server = await listen(host, port);
    if (server === undefined) continue;
    await say({ type: 'socket', port }, server);
    server.close();
  }
  await say({ type: 'listening', port });
}

process.on('disconnect', () => process.exit(0));
const why = bringUp();
await say(why === undefined ? { type: 'up' } : { type: 'refused', why });
process.on('message', ({ port }: ToInside) => void listenOn(port));
