/**
 * A proxy between a service and its users that applies faults to the answers. Its runner controls it, and it ends with
 * its runner.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type FromProxy, ORDER_VARIABLE, type ProxyOrder, type ToProxy, type Upstream } from '../protocol.ts';
import type { Shared } from './answers.ts';
import { Changes } from './changes.ts';
import { Connection } from './connection.ts';
import { Faults } from './faults.ts';
import { Network } from './network.ts';
import { Survey } from './survey.ts';
import { Traffic } from './traffic.ts';

const order = JSON.parse(process.env[ORDER_VARIABLE] ?? '') as ProxyOrder;
const control = connect({ host: '127.0.0.1', port: order.control, noDelay: true });
const say = (message: FromProxy): void => void control.write(`${JSON.stringify(message)}\n`);

const faults = new Faults(order.faults);
const survey = new Survey(order.faults);
const traffic = new Traffic(order.faults, faults, survey, () => say({ type: 'die' }));
const shared = { faults, survey, traffic, changes: new Changes(order.seed) };

let upstream: Upstream | undefined;
/** Clients that connected before it was known. */
const early: Socket[] = [];

function serve(client: Socket): void {
  if (upstream === undefined) early.push(client.on('error', () => {}));
  else new Connection(client, upstream, shared);
}

/** For connections to services that have nothing to do with the faults. */
function besides(): Shared {
  const none = new Faults([]);
  const unseen = new Survey([]);
  const uncounted = new Traffic([], none, unseen, () => {});
  return { faults: none, survey: unseen, traffic: uncounted, changes: new Changes(order.seed) };
}

/** @returns the server, or why it could not listen */
function listen(host: string, port: number): Promise<Server | NodeJS.ErrnoException> {
  return new Promise((resolve) => {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, serve);
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => resolve(server));
  });
}

const MOST_ATTEMPTS = 20;

/**
 * Listens on both loopback families. A machine without IPv6 has only one.
 *
 * @param wanted if it is taken, any other
 * @throws the system's error if no port is free
 */
async function listenOnLoopback(wanted: number): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const v4 = await listen('127.0.0.1', attempt === 1 ? wanted : 0);
    if (v4 instanceof Error && v4.code === 'EADDRINUSE' && attempt === 1) continue;
    if (v4 instanceof Error) throw v4;
    const address = v4.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const v6 = await listen('::1', port);
    if (!(v6 instanceof Error) || v6.code !== 'EADDRINUSE' || attempt === MOST_ATTEMPTS) return port;
    v4.close();
  }
}

/** In the network of its own, connections are accepted on the ports that the services have outside. */
async function listenInside(port: number, accept: (client: Socket) => void): Promise<void> {
  if (network === undefined) return;
  await network.listen(port, accept);
  say({ type: 'listening', port });
}

function obey(message: ToProxy): void {
  if (message.type === 'upstream') {
    upstream = message.service;
    for (const client of early.splice(0)) serve(client);
    void listenInside(upstream.port, serve);
  } else if (message.type === 'beside') {
    const { port } = message;
    const unread = besides();
    void listenInside(port, (client) => void new Connection(client, { port }, unread));
  } else
    say({
      type: 'report',
      report: traffic.report(shared.changes.changedFields),
      ports: [...traffic.ports],
      trouble: traffic.trouble,
    });
}

let rest = '';
control.setEncoding('utf8');
control.on('data', (text: string) => {
  const lines = (rest + text).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) obey(JSON.parse(line) as ToProxy);
});
control.on('error', ({ message }) => {
  process.stderr.write(`the connection to Shakedown has failed: ${message}\n`);
  process.exit(1);
});
// The runner is gone.
control.on('close', () => process.exit(0));

const { token } = order;
const made = order.port === null ? await Network.make() : undefined;
const network = typeof made === 'string' ? undefined : made;
if (typeof made === 'string') say({ type: 'refused', token, why: made });
else say({ type: 'up', token, network: network?.own ?? null });
if (order.port !== null) say({ type: 'listening', port: await listenOnLoopback(order.port) });
