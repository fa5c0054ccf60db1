/** WebSockets against the server of the package `ws`: what the engine counts is what that server saw. */
import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { ms } from '../../../../src/core/units.ts';
import { selfSigned } from '../../../rig/certificates.ts';
import { closed, forMs, forRequests, open, send } from '../plans.ts';
import { echo, idle, talking, webSockets } from './servers.ts';

const codes = ({ findings }: { findings: readonly { code: string }[] }): string[] =>
  findings.map(({ code }) => code);

describe('messages', () => {
  test('are counted as the server counts them, each with its answer, in a closed loop', async () => {
    const seen: string[] = [];
    await using server = await webSockets((socket) => {
      echo(socket);
      socket.on('message', (data) => seen.push(String(data)));
    });
    const { counts, channel, latencyUs, verdict, bytes } = await send(server.url, {
      ...talking('hello {{counter}}'),
      model: closed(7),
      limit: forRequests(300),
    });
    expect(counts).toMatchObject({ scheduled: 300, completed: 300, failed: 0 });
    expect(new Set(seen)).toEqual(new Set(Array.from({ length: 300 }, (_, index) => `hello ${index + 1}`)));
    expect(latencyUs.response?.count).toBe(300);
    expect(channel).toMatchObject({
      unit: 'message',
      opened: 7,
      openAtEnd: 7,
      lost: 0,
      received: 300,
      unasked: 0,
    });
    expect(channel?.connectUs?.count).toBe(7);
    // Each connection has one gap fewer than messages.
    expect(channel?.gapUs?.count).toBe(293);
    // Two bytes of a frame of the server, six of a masked one.
    const text = seen.join('').length;
    expect(bytes).toEqual({ sent: text + 300 * 6, received: text + 300 * 2 });
    expect(verdict).toBe('passed');
    await expect.poll(() => server.closes).toEqual(Array(7).fill(1000));
  });

  test('of a rate are all answered; connections are open before, and those of the warm-up are told as well', async () => {
    let count = 0;
    await using server = await webSockets((socket) => {
      echo(socket);
      socket.on('message', () => {
        count += 1;
      });
    });
    const { counts, channel } = await send(server.url, {
      ...talking('hello'),
      model: open(200, 10),
      limit: forRequests(100),
      warmup: ms(200),
      pipelining: 1000,
    });
    expect(counts).toMatchObject({ scheduled: 100, completed: 100 });
    expect(channel).toMatchObject({ opened: 10, openAtEnd: 10 });
    // 40 are due in the warm-up.
    expect(count).toBe(140);
  });

  test('are found by a value whatever the order of their answers; what belongs to none is counted apart', async () => {
    await using server = await webSockets((socket) => {
      const held: string[] = [];
      socket.send('welcome');
      socket.on('message', (data) => {
        held.push(String(data));
        if (held.length < 5) return;
        for (const each of held.splice(0).reverse()) {
          socket.send('news');
          socket.send(`answer to <${each}>`);
        }
      });
    });
    const { counts, channel, verdict } = await send(server.url, {
      ...talking('{{counter}}', { answer: { type: 'contains', text: '<{{counter}}>' } }),
      model: open(500, 1),
      limit: forRequests(100),
      pipelining: 1000,
    });
    expect(counts).toMatchObject({ scheduled: 100, completed: 100, checked: 100 });
    expect(channel).toMatchObject({ received: 201, unasked: 101 });
    expect(verdict).toBe('passed');
  });

  test('that are bytes arrive as bytes, and answers are checked', async () => {
    const binary: boolean[] = [];
    await using server = await webSockets((socket) => {
      socket.on('message', (_, isBinary) => {
        binary.push(isBinary);
        socket.send(binary.length % 2 === 0 ? 'even' : 'odd');
      });
    });
    const result = await send(server.url, {
      ...talking('', {
        send: { encoding: 'base64', content: '/w==' },
        checks: [{ type: 'body', match: { type: 'equals', text: 'even' } }],
      }),
      limit: forRequests(10),
    });
    expect(binary).toEqual(Array(10).fill(true));
    expect(result.counts).toMatchObject({ completed: 5, checked: 10, byFailure: { check: 5 } });
    expect(result.findings[0]?.message).toContain('5 messages of 10 failed: WebSocket / answered with');
  });
});

test('a subprotocol is offered, and the one that the server chose is accepted', async () => {
  await using server = await webSockets(echo, { handleProtocols: (offered) => [...offered][1] ?? false });
  const { requests, channel } = talking('x');
  const subprotocols = ['chat.v1', 'chat.v2'];
  const { verdict } = await send(server.url, {
    ...(requests === undefined ? {} : { requests }),
    ...(channel?.type === 'websocket' ? { channel: { ...channel, subprotocols } } : {}),
    limit: forRequests(2),
  });
  expect(verdict).toBe('passed');
});

test('over TLS, by a certificate that is trusted', async () => {
  const [cert, key] = selfSigned();
  const server = createTlsServer({ cert, key });
  new WebSocketServer({ server }).on('connection', echo);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  const tls = { verify: true, ca: cert, cert: null, key: null, serverName: null };
  const target = { url, address: '127.0.0.1', unixSocket: null, localAddress: null };
  const plan = { ...talking('x'), model: closed(2), limit: forRequests(20), target };
  const { counts, target: shown } = await send(url, { ...plan, tls });
  expect(counts.completed).toBe(20);
  expect(shown).toMatch(/^wss:/);
  const distrusted = await send(url, { ...plan, tls: { ...tls, ca: null } });
  expect(distrusted.findings[0]?.message).toContain('the TLS handshake failed');
  expect(distrusted.verdict).toBe('failed');
  server.close();
  server.closeAllConnections();
});

describe('WebSockets that are only kept open', () => {
  test('answer pings, count what comes, and are closed at the end', async () => {
    let pongs = 0;
    await using server = await webSockets((socket) => {
      socket.on('pong', () => {
        pongs += 1;
      });
      socket.ping('are you there');
      socket.send('news');
    });
    const { counts, channel, verdict } = await send(server.url, {
      ...idle,
      model: closed(5),
      limit: forMs(1000),
    });
    expect(counts).toMatchObject({ scheduled: 5, completed: 5 });
    expect(channel).toMatchObject({
      unit: 'connection',
      opened: 5,
      openAtEnd: 5,
      received: 5,
      unasked: 5,
    });
    expect(pongs).toBe(5);
    expect(verdict).toBe('passed');
    await expect.poll(() => server.closes).toEqual(Array(5).fill(1000));
  });

  test('are counted as lost, by the code of the close, and opened again', async () => {
    const kinds: ((socket: Parameters<typeof echo>[0]) => void)[] = [
      (socket) => socket.close(1001, 'going away'),
      (socket) => socket.terminate(),
      (socket) => socket.close(),
    ];
    await using server = await webSockets((socket) => kinds.shift()?.(socket));
    const result = await send(server.url, { ...idle, model: closed(3), limit: forMs(1500) });
    const { channel } = result;
    expect(channel).toMatchObject({
      lost: 3,
      openAtEnd: 3,
      opened: 6,
      closes: { 1001: 1, 1005: 1, 1006: 1 },
    });
    expect(codes(result)).toEqual(['channel-trouble']);
    expect(result.findings[0]?.message).toMatch(
      /^3 WebSockets ended before the load did \(1001: 1, 1005: 1, 1006: 1\): WebSocket \/ was /,
    );
  });
});
