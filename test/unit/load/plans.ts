/** Load plans and servers for tests. */
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import type { LoadCheck, LoadPlan, LoadRequest, LoadResult } from '../../../src/core/load.ts';
import { ms } from '../../../src/core/units.ts';
import { runLoad } from '../../../src/load/engine/run.ts';

export const OK: LoadCheck = { type: 'status', ranges: [{ from: 200, to: 299 }] };

export const get = (path = '/', ...checks: LoadCheck[]): LoadRequest => ({
  name: `GET ${path}`,
  weight: 1,
  method: 'GET',
  path,
  headers: [],
  body: null,
  checks: [OK, ...checks],
});

export const closed = (connections: number): LoadPlan['model'] => ({
  type: 'closed',
  connections,
  stages: [],
});

export const open = (rate: number, connections = 100): LoadPlan['model'] => ({
  type: 'open',
  rate,
  arrivals: 'constant',
  stages: [],
  connections,
});

export const forMs = (duration: number): LoadPlan['limit'] => ({ type: 'duration', duration: ms(duration) });
export const forRequests = (requests: number): LoadPlan['limit'] => ({ type: 'requests', requests });

const BASE: Omit<LoadPlan, 'target'> = {
  protocol: 'http1',
  model: closed(1),
  limit: forRequests(1),
  findRate: null,
  warmup: ms(0),
  workers: 1,
  timeouts: { connect: ms(2000), response: ms(10_000) },
  keepAlive: true,
  pipelining: 1,
  requests: [get()],
  scenario: null,
  channel: null,
  data: null,
  tls: { verify: true, ca: null, cert: null, key: null, serverName: null },
  checkEvery: 1,
  thresholds: [],
  abortOn: [],
  strict: false,
  saveFailures: null,
  seed: 1,
};

export function planFor(url: string, more: Partial<LoadPlan> = {}): LoadPlan {
  return { ...BASE, target: { url, address: null, unixSocket: null, localAddress: null }, ...more };
}

/** Runs a plan; the counts of every result of every test must add up. */
export async function send(
  url: string,
  more: Partial<LoadPlan> = {},
  signal?: AbortSignal,
): Promise<LoadResult> {
  const result = await runLoad(planFor(url, more), {
    version: '0',
    ...(signal === undefined ? {} : { signal }),
  });
  const { scheduled, completed, failed, timedOut, inFlightAtEnd, neverSent } = result.counts;
  if (scheduled !== completed + failed + timedOut + inFlightAtEnd + neverSent)
    throw new Error(`the counts do not add up: ${JSON.stringify(result.counts)}`);
  return JSON.parse(JSON.stringify(result));
}

/** A server of node:http on a free port. */
export async function httpServer(listener: RequestListener) {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A server that says what it likes, byte for byte. */
export async function rawServer(onRequest: (socket: Socket, request: string) => void) {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => onRequest(socket, bytes.toString('latin1')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
