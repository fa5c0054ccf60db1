/** One connection of HTTP/2 with a server of node:http2: streams, bodies, headers, and what waits. */
import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Stream, type Settings } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { LoadRequest } from '../../../src/core/load.ts';
import { ms } from '../../../src/core/units.ts';
import { Http2Connection } from '../../../src/load/engine/http2/connection.ts';
import { Recorder } from '../../../src/load/engine/measure/recorder.ts';
import { encodeHttp2 } from '../../../src/load/engine/request/encode.ts';
import { RequestSource } from '../../../src/load/engine/request/source.ts';
import { connector } from '../../../src/load/engine/socket.ts';
import { closed, forRequests, get, planFor, send } from './plans.ts';

async function http2Server(settings: Settings = {}) {
  const server: Http2Server = createServer({ settings });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      server.close();
    },
  };
}

/** A connection without a clock: nothing is too late until somebody says so. */
function connectionTo(url: string, pipelining: number) {
  const plan = planFor(url, { timeouts: { connect: ms(1000), response: ms(1000) } });
  const recorder = new Recorder(plan, 0, performance.now());
  const readBuffer = Buffer.allocUnsafeSlow(65_536);
  const connection = new Http2Connection({
    source: new RequestSource(plan, { worker: 0, workers: 1 }, encodeHttp2(new URL(url))),
    recorder,
    connect: connector(plan, readBuffer, 'h2'),
    readyEvent: 'connect',
    readBuffer,
    pipelining,
    timeouts: plan.timeouts,
    onFree: () => {},
  });
  return {
    connection,
    recorder,
    [Symbol.dispose]: () => connection.finish(performance.now()),
  };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe('a connection', () => {
  test('takes one request that waits too long off, and goes on with the others', async () => {
    await using target = await http2Server();
    const streams: ServerHttp2Stream[] = [];
    const resets: number[] = [];
    target.server.on('stream', (stream) => {
      streams.push(stream);
      stream.on('error', () => {});
      stream.once('close', () => resets.push(stream.rstCode ?? 0));
    });
    using client = connectionTo(target.url, 2);
    const { connection, recorder } = client;
    const first = performance.now();
    connection.send(first);
    await until(() => streams.length === 1);
    const second = performance.now();
    await until(() => performance.now() > second + 2);
    connection.send(performance.now());
    await until(() => streams.length === 2);
    // Of the two the first has waited for longer than it may, and the second has not.
    connection.expire(second + 1001);
    expect(recorder.measured.timedOut).toBe(1);
    expect(connection.inFlight).toBe(1);
    await until(() => resets.length === 1);
    expect(resets).toEqual([8]);
    streams[1]?.respond({ ':status': 200 }, { endStream: true });
    await until(() => connection.inFlight === 0);
    expect(recorder.measured).toMatchObject({ completed: 1, timedOut: 1, failed: 0 });
  });

  test('opens as many streams as the server takes, and what waits for one is not served yet', async () => {
    await using target = await http2Server({ maxConcurrentStreams: 1 });
    const streams: ServerHttp2Stream[] = [];
    target.server.on('stream', (stream) => streams.push(stream));
    using client = connectionTo(target.url, 5);
    const { connection, recorder } = client;
    for (let i = 0; i < 3; i += 1) connection.send(performance.now());
    for (let i = 0; i < 3; i += 1) {
      await until(() => streams.length === i + 1);
      const seen = performance.now();
      await until(() => performance.now() > seen + 20);
      expect(streams).toHaveLength(i + 1);
      streams[i]?.respond({ ':status': 200 }, { endStream: true });
    }
    await until(() => connection.inFlight === 0);
    expect(connection.capacity).toBe(1);
    const { response, service, sendLag } = recorder.measured;
    // The last one has waited for two others, each of which took 20 ms at least.
    expect(sendLag.max).toBeGreaterThan(40_000);
    expect(response.max).toBeGreaterThan(60_000);
    // Each waited in one place or the other: the sums agree, to the width of a bucket.
    const sum = (histogram: typeof response): number => histogram.mean * histogram.count;
    expect(Math.abs(sum(response) - sum(service) - sum(sendLag))).toBeLessThan(0.005 * sum(response));
  });
});

const request = (more: Partial<LoadRequest>): LoadRequest => ({ ...get('/'), ...more });

describe('a request', () => {
  test('has all of its headers, those of one name too, and none of a connection', async () => {
    await using target = await http2Server();
    const seen: string[][] = [];
    target.server.on('request', ({ rawHeaders }, response) => {
      seen.push(rawHeaders);
      response.end();
    });
    const headers = [
      ['X-Tag', 'first'],
      ['Host', 'example.org'],
      ['TE', 'gzip'],
      ['Connection', 'close'],
      ['Proxy-Connection', 'close'],
      ['x-tag', 'second'],
      ['Content-Type', 'a/b'],
    ] as const;
    const result = await send(target.url, {
      protocol: 'http2',
      requests: [request({ headers: headers.map(([name, value]) => [name, value] as const) })],
    });
    expect(result.counts).toMatchObject({ completed: 1 });
    expect(seen).toEqual([
      [
        ...[':method', 'GET', ':path', '/', ':scheme', 'http', ':authority', 'example.org'],
        ...['user-agent', 'shakedown-load/0', 'x-tag', 'first', 'x-tag', 'second', 'content-type', 'a/b'],
      ],
    ]);
  });

  test.each([
    // Larger than a frame, than the window of a stream, and than that of a connection.
    { body: 100, window: 65_535 },
    { body: 50_000, window: 20_000 },
    { body: 300_000, window: 65_535 },
  ])('has its body, and its response all of it: $body bytes through a window of $window', async (size) => {
    await using target = await http2Server({ initialWindowSize: size.window });
    target.server.on('stream', (stream) => {
      stream.respond({ ':status': 200, 'x-large': 'y'.repeat(20_000) });
      stream.pipe(stream);
    });
    const content = Array.from({ length: size.body }, (_, index) => index % 10).join('');
    const result = await send(target.url, {
      protocol: 'http2',
      model: closed(2),
      pipelining: 3,
      limit: forRequests(12),
      requests: [
        request({
          method: 'POST',
          body: { encoding: 'utf8', content },
          checks: [{ type: 'body', match: { type: 'equals', text: content } }],
        }),
      ],
    });
    expect(result.failures).toEqual([]);
    expect(result.counts).toMatchObject({ completed: 12 });
    expect(result.bytes.sent).toBeGreaterThan(12 * size.body);
    expect(result.bytes.received).toBeGreaterThan(12 * size.body);
  });

  test('to HEAD, and one without a body, end where they end', async () => {
    await using target = await http2Server();
    target.server.on('stream', (stream, { ':method': method }) => {
      stream.respond(
        method === 'HEAD' ? { ':status': 200, 'content-length': 5 } : { ':status': 304, 'content-length': 5 },
        { endStream: true },
      );
    });
    const checks = [{ type: 'status', ranges: [{ from: 200, to: 399 }] }] as const;
    const result = await send(target.url, {
      protocol: 'http2',
      limit: forRequests(20),
      requests: [request({ method: 'HEAD', checks }), request({ checks })],
    });
    expect(result.counts).toMatchObject({ completed: 20, failed: 0 });
  });
});
