/** Servers of WebSockets and of streams for the tests of channels: by the package `ws`, and some that lie. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { LoadPlan } from '../../../../src/core/load.ts';
import type { ChannelMessages, LoadChannel } from '../../../../src/core/load-channel.ts';
import { get } from '../plans.ts';

interface Running extends AsyncDisposable {
  readonly url: string;
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

async function running(
  server: Server | ReturnType<typeof createTcpServer>,
  end: () => void,
): Promise<Running> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      end();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A server by `ws`. */
export async function webSockets(
  onSocket: (socket: WebSocket, request: IncomingMessage) => void,
  options: ConstructorParameters<typeof WebSocketServer>[0] = {},
): Promise<Running & { readonly closes: number[] }> {
  const server = createServer();
  const sockets = new WebSocketServer({ server, ...options });
  const closes: number[] = [];
  sockets.on('connection', (socket, request) => {
    socket.on('close', (code) => closes.push(code));
    socket.on('error', () => {});
    onSocket(socket, request);
  });
  const run = await running(server, () => {
    for (const client of sockets.clients) client.terminate();
  });
  return { ...run, closes };
}

export const echo = (socket: WebSocket): void => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
};

/** The answer to a handshake, all right unless it is changed. */
export function agree(request: string, more: Readonly<Record<string, string | null>> = {}): string {
  const [, key = ''] = /sec-websocket-key: (\S+)/i.exec(request) ?? [];
  const headers: Record<string, string | null> = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': createHash('sha1').update(`${key}${GUID}`).digest('base64'),
    ...more,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === null ? [] : [`${name}: ${value}\r\n`],
  );
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`;
}

/** A server of bytes: what it does with the head of each connection's request. */
export async function liar(onRequest: (socket: Socket, request: string) => void): Promise<Running> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (data) => onRequest(socket, data.toString('latin1')));
  });
  return running(server, () => {
    for (const socket of sockets) socket.destroy();
  });
}

export async function eventServer(
  onRequest: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<Running> {
  const server = createServer((request, response) => {
    request.resume();
    onRequest(response, request);
  });
  return running(server, () => server.closeAllConnections());
}

const handshake = { ...get('/'), name: 'WebSocket /', checks: [] };

export const talking = (content: string, more: Partial<ChannelMessages> = {}): Partial<LoadPlan> => ({
  requests: [handshake],
  channel: {
    type: 'websocket',
    subprotocols: [],
    messages: { send: { encoding: 'utf8', content }, answer: null, checks: [], ...more },
  },
});

export const idle: Partial<LoadPlan> = {
  requests: [handshake],
  channel: { type: 'websocket', subprotocols: [], messages: null },
};

export const events = (checks: Extract<LoadChannel, { type: 'sse' }>['checks'] = []): Partial<LoadPlan> => ({
  requests: [{ ...get('/'), name: 'GET /events' }],
  channel: { type: 'sse', checks },
});
