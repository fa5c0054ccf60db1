/** Servers of WebSockets that lie, flood, or fall silent: each is found out, named, and ends. */
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { LoadPlan } from '../../../../src/core/load.ts';
import { ms } from '../../../../src/core/units.ts';
import { closed, forMs, forRequests, send } from '../plans.ts';
import { agree, idle, liar, talking } from './servers.ts';

const FEW: Partial<LoadPlan> = {
  ...talking('hello'),
  model: closed(1),
  limit: forRequests(1),
  timeouts: { connect: ms(2000), response: ms(300) },
};

/** A frame as servers send it, of up to 125 bytes. */
const frame = (first: number, payload: string | Buffer = ''): Buffer =>
  Buffer.concat([Buffer.from([first, Buffer.byteLength(payload)]), Buffer.from(payload)]);

const TEXT = 0x81;
const PING = 0x89;
const CLOSE = 0x88;

/** Agrees to the WebSocket, and does that once something is sent on it. */
const then = (act: (socket: Socket) => void) => (socket: Socket, request: string) => {
  socket.write(agree(request));
  socket.once('data', () => act(socket));
};

describe.for([
  [
    'a page instead of a WebSocket',
    (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'),
    'unexpected-response|channel-trouble',
    'answered 200, expected 101',
  ],
  [
    'bytes that are no HTTP',
    (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9\r\n'),
    'channel-trouble',
    'something other than an HTTP/1.1 response',
  ],
  [
    'the accept of another key',
    (socket: Socket, request: string) =>
      socket.write(agree(request, { 'Sec-WebSocket-Accept': 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' })),
    'channel-trouble',
    'Sec-WebSocket-Accept that does not belong',
  ],
  [
    'no accept',
    (socket: Socket, request: string) => socket.write(agree(request, { 'Sec-WebSocket-Accept': null })),
    'channel-trouble',
    'Sec-WebSocket-Accept that does not belong',
  ],
  [
    'no upgrade',
    (socket: Socket, request: string) => socket.write(agree(request, { Upgrade: 'h2c' })),
    'channel-trouble',
    'without "Upgrade: websocket"',
  ],
  [
    'compression that was not offered',
    (socket: Socket, request: string) =>
      socket.write(agree(request, { 'Sec-WebSocket-Extensions': 'permessage-deflate' })),
    'channel-trouble',
    'extensions that were not offered: permessage-deflate',
  ],
  [
    'a subprotocol that was not offered',
    (socket: Socket, request: string) => socket.write(agree(request, { 'Sec-WebSocket-Protocol': 'mqtt' })),
    'channel-trouble',
    'a subprotocol that was not offered: mqtt',
  ],
  ['no answer to the handshake', () => {}, 'channel-trouble', 'was not opened within 300 ms'],
  [
    'a masked frame',
    then((socket) => socket.write(Buffer.from([TEXT, 0x82, 1, 2, 3, 4, 5, 6]))),
    'protocol-error',
    'MASK must be clear',
  ],
  [
    'a compressed frame',
    then((socket) => socket.write(frame(0xc1, 'bomb'))),
    'protocol-error',
    'RSV1 must be clear',
  ],
  [
    'a frame of 8 EiB',
    then((socket) => socket.write(Buffer.from([TEXT, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255]))),
    'protocol-error',
    'invalid frame',
  ],
  [
    'a frame of 20 MiB',
    then((socket) => socket.write(Buffer.from([TEXT, 127, 0, 0, 0, 0, 0x01, 0x40, 0, 0]))),
    'protocol-error',
    'Max payload size exceeded',
  ],
  [
    'text that is not UTF-8',
    then((socket) => socket.write(frame(TEXT, Buffer.from([0xff])))),
    'protocol-error',
    'invalid UTF-8',
  ],
  [
    'a flood of pings',
    then((socket) => socket.write(Buffer.concat(Array(5000).fill(frame(PING))))),
    'protocol-error',
    'more than 1000 pings in a second',
  ],
  [
    'a close in place of the answer',
    then((socket) => socket.write(frame(CLOSE, Buffer.from('\x03\xf3sorry', 'latin1')))),
    'request-failed',
    'was closed by the server (1011: sorry)',
  ],
  [
    'the end of the connection without a close',
    then((socket) => socket.end()),
    'request-failed',
    'without closing the WebSocket (1006)',
  ],
  [
    'a reset',
    then((socket) => socket.resetAndDestroy()),
    'request-failed',
    'was cut off: the connection broke (ECONNRESET, 1006)',
  ],
  ['never an answer', then(() => {}), 'request-failed', 'had no answer within 300 ms'],
] as const)('%s', ([, act, code, message]) => {
  test('fails the load, and is named', async () => {
    await using server = await liar(act);
    const { verdict, findings, counts } = await send(server.url, FEW);
    expect(verdict).toBe('failed');
    expect(counts.completed).toBe(0);
    const told = findings.filter((finding) => code.split('|').includes(finding.code));
    expect(told.map((finding) => finding.message).join('\n')).toContain(message);
    expect(findings[0]).toMatchObject({
      code: 'zero-work',
      message: expect.stringContaining('no message was answered'),
    });
  });
});

test('frames come in any pieces, along with the answer to the handshake', async () => {
  await using server = await liar((socket, request) => {
    const pieces = [...Buffer.concat([Buffer.from(agree(request)), frame(TEXT, 'welcome'), frame(PING)])];
    const next = (): void => {
      const byte = pieces.shift();
      if (byte === undefined) socket.on('data', () => socket.write(frame(TEXT, 'ok')));
      else socket.write(Buffer.from([byte]), next);
    };
    next();
  });
  const { counts, channel } = await send(server.url, {
    ...FEW,
    ...talking('hello', { answer: { type: 'equals', text: 'ok' } }),
    limit: forRequests(3),
  });
  expect(counts.completed).toBe(3);
  expect(channel).toMatchObject({ received: 4, unasked: 1 });
});

test('a late answer is not taken for that of the next message', async () => {
  await using server = await liar(
    then((socket) => {
      // Long after the first message was given up.
      socket.on('data', () => {});
      setTimeout(() => socket.write(frame(TEXT, 'late')), 400);
    }),
  );
  const { counts, channel } = await send(server.url, {
    ...FEW,
    limit: forRequests(2),
    timeouts: { connect: ms(2000), response: ms(200) },
  });
  expect(counts).toMatchObject({ scheduled: 2, timedOut: 2, completed: 0 });
  expect(channel?.opened).toBe(2);
});

describe('of WebSockets that are only kept open', () => {
  test('none that opens is no work', async () => {
    await using server = await liar((socket) => socket.end('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n'));
    const { verdict, findings, ended } = await send(server.url, {
      ...idle,
      model: closed(3),
      limit: forMs(5000),
    });
    expect({ verdict, ended }).toEqual({ verdict: 'failed', ended: 'unreachable' });
    expect(findings[0]).toMatchObject({
      code: 'zero-work',
      message: expect.stringContaining('no WebSocket was opened: WebSocket / answered 503, expected 101'),
    });
  });

  test('a server that is not there ends it', async () => {
    const { verdict, findings } = await send('http://127.0.0.1:1', {
      ...idle,
      model: closed(3),
      limit: forMs(5000),
    });
    expect(verdict).toBe('failed');
    expect(findings[0]?.message).toContain('ECONNREFUSED');
  });

  test('frames that are invalid are an error of the protocol, whoever asked', async () => {
    await using server = await liar((socket, request) =>
      socket.write(Buffer.concat([Buffer.from(agree(request)), frame(0xc1)])),
    );
    const { findings } = await send(server.url, { ...idle, limit: forMs(100) });
    expect(findings.map(({ code }) => code)).toContain('protocol-error');
  });
});
