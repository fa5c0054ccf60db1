/** Streams of events, by a server of node:http and by some that lie. */
import { describe, expect, test } from 'vitest';
import { ms } from '../../../../src/core/units.ts';
import { closed, forMs, forRequests, open, send } from '../plans.ts';
import { eventServer, events, liar } from './servers.ts';

const HEAD = { 'content-type': 'text/event-stream; charset=utf-8' };
const TIMEOUTS = { connect: ms(2000), response: ms(300) };

describe('streams that end', () => {
  test('are counted one after the other, with all of their events', async () => {
    let streams = 0;
    await using server = await eventServer((response) => {
      streams += 1;
      response.writeHead(200, HEAD);
      for (let n = 1; n <= 4; n += 1) response.write(`data: token ${n}\n\n`);
      response.end('data: [DONE]\n\n');
    });
    const { counts, channel, latencyUs, verdict } = await send(server.url, {
      ...events([
        { type: 'body', match: { type: 'matches', source: '^(?:token \\d|\\[DONE\\])$', flags: '' } },
      ]),
      model: closed(3),
      limit: forRequests(30),
    });
    expect(streams).toBe(30);
    expect(counts).toMatchObject({ scheduled: 30, completed: 30, checked: 30, byStatus: { 200: 30 } });
    expect(latencyUs.response?.count).toBe(30);
    expect(channel).toMatchObject({
      unit: 'stream',
      opened: 30,
      ended: 30,
      lost: 0,
      received: 150,
      wrong: 0,
    });
    expect(channel?.gapUs?.count).toBe(120);
    expect(verdict).toBe('passed');
  });

  test('may begin at a rate, and are what a POST is answered by', async () => {
    const bodies: string[] = [];
    await using server = await eventServer((response, request) => {
      bodies.push(`${request.method} ${request.headers['content-length']} ${request.headers.accept}`);
      response.writeHead(200, { ...HEAD, 'content-length': 9 }).end('data: x\n\n');
    });
    const { requests } = events();
    const [request] = requests ?? [];
    if (request === undefined) throw new Error('no request');
    const { counts } = await send(server.url, {
      ...events(),
      requests: [
        {
          ...request,
          method: 'POST',
          body: { encoding: 'utf8', content: 'ask' },
          headers: [['Accept', 'text/event-stream']],
        },
      ],
      model: open(200, 20),
      limit: forRequests(20),
    });
    expect(counts.completed).toBe(20);
    expect(new Set(bodies)).toEqual(new Set(['POST 3 text/event-stream']));
  });

  test('with a wrong event after the first are told', async () => {
    await using server = await eventServer((response) => {
      response.writeHead(200, HEAD).end('data: good\n\ndata: bad\n\ndata: good\n\n');
    });
    const { channel, findings, verdict } = await send(server.url, {
      ...events([{ type: 'body', match: { type: 'contains', text: 'good' } }]),
      limit: forRequests(4),
    });
    expect(channel).toMatchObject({ received: 12, wrong: 4 });
    expect(verdict).toBe('failed');
    expect(findings.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'channel-trouble: 4 events did not pass their checks: GET /events answered with a body without "good"',
    ]);
  });
});

test('a stream without an end is read until the load ends; its silence at the end is a gap', async () => {
  const left: Promise<void>[] = [];
  await using server = await eventServer((response, request) => {
    response.writeHead(200, HEAD).write('data: 1\n\ndata: 2\n\n');
    left.push(new Promise((resolve) => request.socket.once('close', () => resolve())));
  });
  const { counts, channel, verdict } = await send(server.url, {
    ...events(),
    model: closed(5),
    limit: forMs(1500),
    thresholds: [],
  });
  expect(counts).toMatchObject({ scheduled: 5, completed: 5 });
  expect(channel).toMatchObject({ opened: 5, ended: 0, lost: 0, openAtEnd: 5, received: 10 });
  // The others were shorter, up to the width of a bucket.
  expect(channel?.gapUs?.max).toBeGreaterThan(150_000);
  expect(channel?.gapUs?.max).toBeLessThanOrEqual(1_502_000);
  expect(verdict).toBe('passed');
  await Promise.all(left);
});

describe.for([
  [
    'a page',
    'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi',
    'unexpected-response',
    'answered with the content-type text/html',
  ],
  [
    'an error',
    'HTTP/1.1 500 Oops\r\nContent-Type: text/event-stream\r\nContent-Length: 0\r\n\r\n',
    'unexpected-response',
    'answered 500',
  ],
  [
    'a stream without an event',
    'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 6\r\n\r\n: hi\n\n',
    'unexpected-response',
    'ended without an event',
  ],
  [
    'a compressed stream',
    'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\nxx',
    'protocol-error',
    'in the coding gzip',
  ],
  [
    'chunks that are none',
    'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
    'protocol-error',
    'a chunk without a size',
  ],
  [
    'a stream that is cut off',
    'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 99\r\n\r\nda',
    'request-failed',
    'in mid-stream',
  ],
] as const)('%s', ([, answer, code, message]) => {
  test('fails the load, and is named', async () => {
    await using server = await liar((socket) => socket.end(answer));
    const { verdict, findings } = await send(server.url, {
      ...events(),
      requests: [
        {
          ...(events().requests?.[0] ?? {
            name: 'GET /events',
            weight: 1,
            method: 'GET',
            path: '/',
            headers: [],
            body: null,
          }),
          checks: [{ type: 'status', ranges: [{ from: 200, to: 299 }] }],
        },
      ],
      limit: forRequests(1),
      timeouts: TIMEOUTS,
    });
    expect(verdict).toBe('failed');
    expect(findings[0]).toMatchObject({
      code: 'zero-work',
      message: expect.stringContaining('no event came'),
    });
    expect(findings.find((finding) => finding.code === code)?.message).toContain(message);
  });
});

test('no event in time is a timeout; a stream that breaks after its first event is lost', async () => {
  let count = 0;
  await using server = await eventServer((response) => {
    count += 1;
    response.writeHead(200, HEAD).flushHeaders();
    if (count === 1) return;
    response.write('data: x\n\n', () => {
      if (count === 2) response.destroy();
    });
  });
  const { counts, channel, findings } = await send(server.url, {
    ...events(),
    limit: forMs(2500),
    timeouts: TIMEOUTS,
  });
  expect(counts).toMatchObject({ scheduled: 3, timedOut: 1, completed: 2 });
  expect(channel).toMatchObject({ opened: 3, lost: 1, openAtEnd: 1 });
  expect(findings.map(({ message }) => message)).toEqual([
    '1 stream of 3 failed: GET /events had no event within 300 ms',
    '1 stream ended before the load did: GET /events was cut off: the server closed the connection in mid-stream',
  ]);
});
