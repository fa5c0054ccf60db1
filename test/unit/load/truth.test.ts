/** Servers of known behaviour, and what the engine must say of them. Each server records what it did. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LoadCheck } from '../../../src/core/load.ts';
import { ms } from '../../../src/core/units.ts';
import { closed, forMs, forRequests, get, httpServer, open, planFor, rawServer, send } from './plans.ts';

const percentile = (values: readonly number[], part: number): number =>
  [...values].sort((a, b) => a - b)[Math.ceil(part * values.length) - 1] ?? Number.NaN;
/** The width of a bucket of the histogram. */
const WITHIN = 1.002;
const inMs = (us: number | undefined): number => (us ?? Number.NaN) / 1000;
const codes = ({ findings }: { findings: readonly { code: string }[] }): string[] =>
  findings.map(({ code }) => code);
const reply = (body: string, more = ''): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`;

/**
 * The machine may hold up the engine, and these servers, for as long as it likes: what is demanded here holds all the same.
 * How close the figures come to the truth from above is shown on a clock of our own, in `arithmetic.test.ts`.
 */
describe('latency', () => {
  test.for([
    { rate: 1, requests: 3 },
    { rate: 20, requests: 40 },
  ])('of a server that takes 200 ms, at $rate a second, is no less', async ({ rate, requests }) => {
    const took: number[] = [];
    await using server = await httpServer((_, response) => {
      const from = performance.now();
      setTimeout(() => {
        took.push(performance.now() - from);
        response.end('ok');
      }, 200);
    });
    const calledAt = performance.now();
    const { counts, latencyUs, verdict } = await send(server.url, {
      model: open(rate),
      limit: forRequests(requests),
    });
    const lastedMs = performance.now() - calledAt;
    expect(counts).toMatchObject({ scheduled: requests, completed: requests });
    const { response, service } = latencyUs;
    expect(response?.count).toBe(requests);
    expect(service?.count).toBe(requests);
    // Whoever waits for the server waits at least as long as it takes.
    for (const times of [response, service]) {
      expect(inMs(times?.min) * WITHIN).toBeGreaterThanOrEqual(Math.min(...took));
      expect(inMs(times?.p50) * WITHIN).toBeGreaterThanOrEqual(percentile(took, 0.5));
      expect(inMs(times?.max) * WITHIN).toBeGreaterThanOrEqual(Math.max(...took));
    }
    // And nobody has waited for longer than all of it lasted, the last one from when it was due.
    expect(inMs(response?.min)).toBeLessThanOrEqual((lastedMs - ((requests - 1) * 1000) / rate) * WITHIN);
    expect(inMs(response?.max)).toBeLessThanOrEqual(lastedMs * WITHIN);
    expect(service?.p50).toBeLessThanOrEqual(response?.p50 ?? 0);
    expect(verdict).toBe('passed');
  });

  test('of a server that stalls for a second: the response time shows it to everybody who was due, the service time does not', async () => {
    // One connection: while its request hangs nothing else can be sent, and a generator that waits along sees one slow answer.
    const [rate, requests] = [200, 600];
    const answered: number[] = [];
    await using server = await httpServer((_, response) => {
      const answer = (): void => {
        answered.push(performance.now());
        response.end('ok');
      };
      if (answered.length === 200) setTimeout(answer, 1000);
      else answer();
    });
    const { counts, latencyUs, durationMs } = await send(server.url, {
      model: open(rate, 1),
      limit: forRequests(requests),
    });
    expect(counts.completed).toBe(requests);
    // Requests are answered in the order in which they were due, one every 5 ms, the first not after its answer.
    const [first = 0] = answered;
    const truth = answered.map((at, index) => at - first - (index * 1000) / rate);
    for (const [name, part] of [
      ['p50', 0.5],
      ['p75', 0.75],
      ['p90', 0.9],
      ['p99', 0.99],
    ] as const)
      expect(inMs(latencyUs.response?.[name]) * WITHIN, name).toBeGreaterThanOrEqual(percentile(truth, part));
    // Of 600, the 200 that were due in the second waited for its end: 100 of them for half a second and more.
    expect(percentile(truth, 0.9)).toBeGreaterThan(500);
    expect(latencyUs.service?.max).toBeGreaterThan(990_000);
    // One connection serves one after the other: all service times together last no longer than the run.
    const served = inMs(latencyUs.service?.mean) * requests;
    expect(served).toBeLessThanOrEqual(durationMs * WITHIN);
  });
});

test('nothing is sent before it is due: at 50 a second, as the server saw it', async () => {
  const seen: number[] = [];
  await using server = await httpServer((_, response) => {
    seen.push(performance.now());
    response.end('ok');
  });
  const calledAt = performance.now();
  const { counts } = await send(server.url, { model: open(50), limit: forRequests(100) });
  expect(counts.completed).toBe(100);
  for (const [index, at] of seen.entries())
    expect(at - calledAt, `request ${index}`).toBeGreaterThanOrEqual(index * 20);
});

describe('failures', () => {
  test('a refused port is given up soon, and each attempt counts once', async () => {
    await using gone = await httpServer(() => {});
    const { url } = gone;
    await gone[Symbol.asyncDispose]();
    const result = await send(url, { model: closed(4), limit: forMs(3_600_000) });
    expect(result.ended).toBe('unreachable');
    const { scheduled, inFlightAtEnd, byFailure } = result.counts;
    // The last may have been under way when it was given up.
    expect(byFailure.connect).toBe(scheduled - inFlightAtEnd);
    expect(inFlightAtEnd).toBeLessThanOrEqual(4);
    // Each connection waits twice as long after each failure, up to a second: one that does not tries thousands of times.
    expect(scheduled).toBeLessThan(100);
    expect(result.verdict).toBe('failed');
    expect(codes(result)).toEqual(['zero-work', 'request-failed']);
  });

  test('one response in ten is a 500: a tenth has failed', async () => {
    let count = 0;
    await using server = await httpServer((_, response) => {
      count += 1;
      response.statusCode = count % 10 === 0 ? 500 : 200;
      response.end('ok');
    });
    const result = await send(server.url, { model: closed(8), limit: forRequests(1000) });
    expect(result.counts).toMatchObject({ scheduled: 1000, completed: 900, failed: 100, checked: 1000 });
    expect(result.counts.byStatus).toEqual({ 200: 900, 500: 100 });
    expect(result.counts.byFailure.check).toBe(100);
    expect(codes(result)).toContain('unexpected-response');
    const [example] = result.failures;
    expect(example?.message).toBe('GET / answered 500, expected 200–299');
    expect(example?.request).toContain('GET / HTTP/1.1');
    expect(example?.response).toContain('HTTP/1.1 500 Internal Server Error');
    expect(example?.body).toBe('ok');
  });

  const checks: [string, LoadCheck, string, string][] = [
    ['a byte of the body', { type: 'body', match: { type: 'equals', text: 'héllo' } }, 'héllo', 'hello'],
    ['a text in the body', { type: 'body', match: { type: 'contains', text: 'lo' } }, 'hello', 'help'],
    ['a match', { type: 'body', match: { type: 'matches', source: '^\\d+$', flags: 'm' } }, 'a\n12', 'a\nb2'],
    [
      'a value in JSON',
      { type: 'json', path: ['a', 0], value: { b: 1 } },
      '{"a":[{"b":1}]}',
      '{"a":[{"b":2}]}',
    ],
    [
      'a number beyond 2^53 in JSON',
      { type: 'json', path: ['id'], value: 12345678901234567000, text: '12345678901234567890' },
      '{"id":12345678901234567890}',
      '{"id":12345678901234567999}',
    ],
    ['the length', { type: 'length', bytes: 3 }, 'abc', 'abcd'],
    ['a header', { type: 'header', name: 'X-Kind', match: { type: 'equals', text: 'good' } }, 'good', 'bad'],
  ];
  test.for(checks)('%s is checked', async ([, check, good, bad]) => {
    for (const [body, failed] of [
      [good, 0],
      [bad, 3],
    ] as const) {
      // Byte by byte, and at once.
      await using server = await rawServer(async (socket) => {
        const bytes = Buffer.from(reply(body, `X-Kind: ${body === good ? 'good' : 'bad'}\r\n`));
        for (const byte of body.length > 10 ? [bytes] : bytes) {
          socket.write(typeof byte === 'number' ? Buffer.of(byte) : byte);
          await new Promise(setImmediate);
        }
      });
      const { counts } = await send(server.url, { limit: forRequests(3), requests: [get('/', check)] });
      expect(counts).toMatchObject({ scheduled: 3, completed: 3 - failed, failed });
    }
  });

  test.for([
    ['closed without a word', '', 'cut-off'],
    ['cut off in the body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', 'cut-off'],
    ['cut off in the head', 'HTTP/1.1 200 OK\r\nConte', 'cut-off'],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n', 'protocol'],
    ['a lying chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n', 'protocol'],
  ] as const)('a response that is %s', async ([, wire, kind]) => {
    await using server = await rawServer((socket) => socket.end(wire));
    const result = await send(server.url, { limit: forRequests(3) });
    expect(result.counts.byFailure[kind]).toBe(3);
    expect(result.failures).toHaveLength(3);
    if (wire !== '' && kind === 'protocol') expect(result.failures[0]?.body).toContain(wire.slice(-5).trim());
    expect(result.verdict).toBe('failed');
  });

  test('a body that is longer than its length says', async () => {
    await using server = await rawServer((socket) => socket.write(`${reply('abc')}def`));
    const result = await send(server.url, { limit: forRequests(1) });
    expect(codes(result)).toContain('protocol-error');
    expect(result.verdict).toBe('failed');
    expect(result.failures[0]?.body).toBe('def');
  });

  test('a server that never answers times out', async () => {
    await using server = await rawServer(() => {});
    const result = await send(server.url, {
      limit: forRequests(2),
      timeouts: { connect: ms(2000), response: ms(100) },
    });
    expect(result.counts).toMatchObject({ scheduled: 2, timedOut: 2 });
    expect(result.failures[0]?.message).toBe('GET / had no answer within 100 ms');
  });

  test('a name that does not resolve', async () => {
    const result = await send('http://does-not-exist.invalid/');
    expect(result.verdict).toBe('failed');
    expect(result.findings[0]?.message).toContain('does-not-exist.invalid does not resolve');
  });

  test('requests without checks never pass', async () => {
    await using server = await httpServer((_, response) => response.end('ok'));
    const result = await send(server.url, { limit: forRequests(5), requests: [{ ...get(), checks: [] }] });
    expect(codes(result)).toEqual(['zero-work']);
  });
});

describe('connections', () => {
  test('carry several requests, or one each', async () => {
    const sockets = new Set<unknown>();
    await using server = await httpServer((request, response) => {
      sockets.add(request.socket);
      response.end('ok');
    });
    await send(server.url, { model: closed(2), limit: forRequests(20) });
    expect(sockets.size).toBe(2);
    sockets.clear();
    const { counts } = await send(server.url, { model: closed(2), limit: forRequests(20), keepAlive: false });
    expect(sockets.size).toBe(20);
    expect(counts.completed).toBe(20);
  });

  test('pipeline', async () => {
    let most = 0;
    await using server = await rawServer((socket, request) => {
      const requests = request.split('GET ').length - 1;
      most = Math.max(most, requests);
      socket.write(reply('x').repeat(requests));
    });
    const { counts } = await send(server.url, { model: closed(1), limit: forRequests(40), pipelining: 4 });
    expect(counts.completed).toBe(40);
    expect(most).toBe(4);
  });

  test.for([1, 5])('speak HTTP/2 with %i streams', async (pipelining) => {
    const sessions = new Set<unknown>();
    const server = createHttp2Server((request, response) => {
      sessions.add(request.stream.session);
      if (request.url === '/reset') request.stream.close(2);
      else
        response.writeHead(request.url === '/500' ? 500 : 200, { 'x-a': 'b' }).end(`got ${request.method}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const how = { protocol: 'http2', pipelining, model: closed(2), limit: forRequests(40) } as const;
    const body: LoadCheck = { type: 'body', match: { type: 'equals', text: 'got GET' } };
    const header: LoadCheck = { type: 'header', name: 'X-A', match: { type: 'equals', text: 'b' } };
    try {
      const good = await send(url, { ...how, requests: [get('/', body, header)] });
      expect(good.counts).toMatchObject({ completed: 40, checked: 40, byStatus: { 200: 40 } });
      expect(sessions.size).toBe(2);
      const bad = await send(url, { ...how, requests: [get('/500')] });
      expect(bad.counts).toMatchObject({ failed: 40, byStatus: { 500: 40 } });
      expect(bad.failures[0]?.response).toContain('x-a: b');
      const reset = await send(url, { ...how, requests: [get('/reset')] });
      expect(reset.counts.byFailure['cut-off']).toBe(40);
    } finally {
      server.close();
    }
  });

  test('speak TLS, and take no certificate that nobody vouches for, unless asked', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shakedown-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-keyout',
        key,
        '-out',
        cert,
        ...subject,
      ],
      { stdio: 'ignore' },
    );
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) =>
      response.end('ok'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
    const { tls } = planFor(url);
    const limit = forRequests(5);
    try {
      const refused = await send(url, { limit });
      expect(refused.verdict).toBe('failed');
      expect(refused.counts.byFailure.tls).toBe(refused.counts.scheduled);
      expect(refused.counts.scheduled).toBe(1);
      expect(refused.findings[0]?.message).toContain('self-signed certificate');
      expect((await send(url, { limit, tls: { ...tls, verify: false } })).counts.completed).toBe(5);
      const ca = readFileSync(cert, 'utf8');
      expect((await send(url, { limit, tls: { ...tls, ca } })).counts.completed).toBe(5);
      const other = await send(url, { limit, tls: { ...tls, ca, serverName: 'example.org' } });
      expect(other.counts.byFailure.tls).toBe(other.counts.scheduled);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('the course of a run', () => {
  test('a warm-up is measured, and not counted', async () => {
    let count = 0;
    await using server = await httpServer((_, response) => {
      count += 1;
      response.end('ok');
    });
    const result = await send(server.url, { model: open(100), limit: forRequests(50), warmup: ms(500) });
    expect(count).toBe(100);
    expect(result.counts).toMatchObject({ scheduled: 50, completed: 50 });
    const scheduledIn = (name: string): number =>
      result.windows
        .filter(({ phase }) => phase === name)
        .reduce((sum, { counts }) => sum + counts.scheduled, 0);
    expect(scheduledIn('measured')).toBe(50);
    // What is due in the warm-up and taken up after it, on a busy machine, is in no window.
    expect(scheduledIn('warmup')).toBeLessThanOrEqual(50);
  });

  test('an interruption ends it at once, with a result', async () => {
    const stop = new AbortController();
    let asked = 0;
    await using server = await httpServer((_, response) => {
      asked += 1;
      if (asked === 20) stop.abort();
      response.end('ok');
    });
    const result = await send(server.url, { model: closed(2), limit: forMs(3_600_000) }, stop.signal);
    expect(result.ended).toBe('interrupted');
    expect(result.counts.completed).toBeGreaterThan(0);
    expect(result.verdict).toBe('inconclusive');
  });

  test('rows and counters are dealt out in turn', async () => {
    const seen: string[] = [];
    await using server = await httpServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      seen.push(`${request.url} ${body} ${request.headers['x-n']}`);
      response.end('ok');
    });
    const request = {
      ...get('/u/{{name}}'),
      method: 'POST',
      headers: [['x-n', '{{counter}}']] as [string, string][],
    };
    await send(server.url, {
      limit: forRequests(3),
      requests: [{ ...request, body: { encoding: 'utf8', content: '{"a":"{{ name }}"}' } }],
      data: { columns: ['name'], rows: [['a/b'], ['ü']] },
    });
    expect(seen).toEqual(['/u/a%2Fb {"a":"a/b"} 1', '/u/%C3%BC {"a":"ü"} 2', '/u/a%2Fb {"a":"a/b"} 3']);
  });

  test('a mix keeps its weights', async () => {
    const seen = { a: 0, b: 0 };
    await using server = await httpServer((request, response) => {
      seen[request.url === '/a' ? 'a' : 'b'] += 1;
      response.end('ok');
    });
    const requests = [get('/a'), { ...get('/b'), weight: 3 }] as const;
    await send(server.url, { model: closed(4), limit: forRequests(2000), requests });
    expect(seen.b / 2000).toBeGreaterThan(0.7);
    expect(seen.b / 2000).toBeLessThan(0.8);
  });

  test('every nth response is checked, and the result says so', async () => {
    await using server = await httpServer((_, response) => response.writeHead(500).end());
    const { counts, checkEvery } = await send(server.url, { limit: forRequests(10), checkEvery: 5 });
    expect(checkEvery).toBe(5);
    expect(counts).toMatchObject({ checked: 2, failed: 2, completed: 8 });
  });
});
