/** The health check of gRPC: what servers answer, however it is cut, and what is said of those that do not. */
import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Clock } from '../../../src/core/clock.ts';
import { ms } from '../../../src/core/units.ts';
import { GrpcLooks } from '../../../src/process/probes/grpc.ts';
import { HealthReader } from '../../../src/process/probes/grpc-health.ts';
import fc from '../../rig/fast-check.ts';

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A message as gRPC frames it. */
const message = (...bytes: number[]): Buffer => Buffer.from([0, 0, 0, 0, bytes.length, ...bytes]);

interface Call {
  readonly path: string | undefined;
  readonly type: string | undefined;
  readonly te: string | undefined;
  readonly asked: Buffer;
}

/** A server of HTTP/2 that notes what it is asked, and lets the test answer. */
async function grpcServer(answer: (stream: ServerHttp2Stream, call: Call) => void): Promise<number> {
  const server = createHttp2();
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const { ':path': path, 'content-type': type, te } = headers;
      answer(stream, { path, type, te: String(te), asked: Buffer.concat(chunks) });
    });
  });
  return listen(server as unknown as Server);
}

const reply = (stream: ServerHttp2Stream, body: Buffer): void => {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(body);
};

const never = new AbortController().signal;
const looksAt = (port: number, service = '', timeout = 5000): GrpcLooks =>
  new GrpcLooks({ type: 'grpc', service, timeout: ms(timeout) }, port, { clock: new Clock() });

test('a server is asked as gRPC demands, and is ready once it serves', async () => {
  const calls: Call[] = [];
  const port = await grpcServer((stream, call) => {
    calls.push(call);
    reply(stream, message(0x08, calls.length));
  });
  const looks = looksAt(port, 'shop.v1.Orders');
  expect(await looks.look(never)).toEqual({ ready: true });
  const whole = `\n\u000eshop.v1.Orders`;
  const asked = message(...Buffer.from(whole));
  const about = { path: '/grpc.health.v1.Health/Check', type: 'application/grpc', te: 'trailers' };
  expect(calls).toEqual([{ ...about, asked }]);
  const why = `the health of shop.v1.Orders on port ${port} is NOT_SERVING`;
  expect(await looks.look(never)).toEqual({ ready: false, why, isHeard: true });
  expect(await looksAt(port).look(never)).toMatchObject({
    why: `the health on port ${port} is SERVICE_UNKNOWN`,
  });
  expect(calls[2]?.asked).toEqual(message());
});

test.each<[string, (stream: ServerHttp2Stream) => void]>([
  ['is UNKNOWN', (stream) => reply(stream, message())],
  [
    'answered without a health status',
    (stream) => stream.respond({ 'grpc-status': '12' }, { endStream: true }),
  ],
  ['refused the call', (stream) => stream.close(7)],
])('of a server that does not serve it is said that it %s', async (why, answer) => {
  const port = await grpcServer(answer);
  expect(await looksAt(port).look(never)).toMatchObject({ ready: false, why: expect.stringContaining(why) });
});

test('other servers are told from one that is not up yet', async () => {
  const plain = await listen(createHttp((_, response) => response.end()) as Server);
  expect(await looksAt(plain).look(never)).toMatchObject({
    why: `port ${plain} speaks HTTP/1.1, and not gRPC`,
  });
  const curt = await listen(createServer((socket) => socket.on('error', () => {}).destroy()));
  expect(await looksAt(curt).look(never)).toMatchObject({
    why: expect.stringMatching(/closed the connection|gave an error/),
  });
  const held: Socket[] = [];
  const mute = await listen(createServer((socket) => held.push(socket.on('error', () => {}))));
  expect(await looksAt(mute, '', 20).look(never)).toMatchObject({ why: `port ${mute} did not answer` });
  for (const socket of held) socket.destroy();
});

test('an answer is the same however it is cut, and random bytes are none that is good', () => {
  const bytes = Buffer.concat([
    // Settings; a ping; padded data of the stream.
    Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]),
    Buffer.from([0, 0, 10, 0, 8, 0, 0, 0, 1, 2, ...message(0x08, 1), 0, 0]),
  ]);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const replies: Buffer[] = [];
      const reader = new HealthReader((frame) => replies.push(frame));
      const answers = at.slice(1).flatMap((end, index) => reader.push(bytes.subarray(at[index], end)) ?? []);
      expect(answers[0]).toEqual({ status: 1 });
      expect(replies.map((frame) => [frame[3], frame[4]])).toEqual([
        [4, 1],
        [6, 1],
      ]);
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 })), (chunks) => {
      const reader = new HealthReader(() => {});
      for (const chunk of chunks) reader.push(Buffer.from(chunk));
    }),
  );
});
