/** Requests behind a response that is the last on its connection, and who says that it is. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { LoadRequest, LoadResult } from '../../../src/core/load.ts';
import { ms } from '../../../src/core/units.ts';
import { closed, forRequests, get, open, rawServer, send } from './plans.ts';

const reply = (more = '', status = '200 OK', body = 'ok'): string =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;
const CLOSE = 'Connection: close\r\n';

const numbered: LoadRequest = get('/{{counter}}');
const codes = ({ findings }: LoadResult): string[] => findings.map(({ code }) => code);

/** Answers each request of a connection by its place there, from 1, and tells which were answered and which came. */
async function perConnection(answer: (socket: Socket, place: number) => void) {
  const answered: string[] = [];
  let received = 0;
  const places = new WeakMap<Socket, number>();
  const server = await rawServer((socket, text) => {
    for (const [, path = ''] of text.matchAll(/^GET (\S+) /gm)) {
      received += 1;
      if (socket.writableEnded) continue;
      answered.push(path);
      const place = (places.get(socket) ?? 0) + 1;
      places.set(socket, place);
      answer(socket, place);
    }
  });
  return { ...server, answered, received: () => received };
}

/** As many servers do: so many requests a connection, and no word more. */
const closingAfter = (most: number, status?: string) =>
  perConnection((socket, place) => {
    if (place < most) socket.write(reply('', status));
    else socket.end(reply(CLOSE, status));
  });

const eachOnce = (answered: readonly string[], count: number): void =>
  expect([...answered].sort()).toEqual(Array.from({ length: count }, (_, index) => `/${index + 1}`).sort());

describe('requests behind a response that closes', () => {
  test.for([
    { most: 1, pipelining: 8, model: closed(2) },
    { most: 3, pipelining: 8, model: closed(1) },
    { most: 10, pipelining: 4, model: closed(3) },
    { most: 7, pipelining: 3, model: open(2000, 4) },
  ])('go again on another connection: %o', async ({ most, pipelining, model }) => {
    await using server = await closingAfter(most);
    const how = { model, pipelining, limit: forRequests(200), requests: [numbered] as const };
    const result = await send(server.url, how);
    expect(result.counts).toMatchObject({
      scheduled: 200,
      completed: 200,
      checked: 200,
      byStatus: { 200: 200 },
    });
    eachOnce(server.answered, 200);
    // Each was sent once for the figures, whatever it took.
    expect(result.latencyUs.sendLag?.count).toBe(200);
    expect(result.latencyUs.service?.count).toBe(200);
    expect(result.failures).toEqual([]);
  });

  test('keep the time at which they were due', async () => {
    // All are due at the start. The last of them is answered on the fourth connection.
    await using server = await perConnection((socket) => {
      setTimeout(() => socket.end(reply(CLOSE)), 50);
    });
    const { counts, latencyUs } = await send(server.url, {
      model: closed(1),
      pipelining: 4,
      limit: forRequests(4),
    });
    expect(counts.completed).toBe(4);
    // Timers may be early by less than a millisecond.
    expect(latencyUs.response?.max).toBeGreaterThanOrEqual(4 * 49_000);
    expect(latencyUs.service?.min).toBeLessThan(latencyUs.response?.max ?? 0);
  });

  test('are not sent over and over to a server that closes after each', async () => {
    await using server = await closingAfter(1);
    const { counts, bytes } = await send(server.url, {
      model: closed(1),
      pipelining: 50,
      limit: forRequests(500),
      requests: [numbered],
    });
    expect(counts.completed).toBe(500);
    // The first connection gets 50. Afterwards it is known that one at a time is all.
    expect(server.received()).toBeLessThan(500 + 2 * 50);
    expect(bytes.sent).toBeLessThan(600 * 70);
  });

  test('fail if that is what they are answered in the end', async () => {
    await using server = await closingAfter(2, '503 Service Unavailable');
    const result = await send(server.url, {
      model: closed(2),
      pipelining: 8,
      limit: forRequests(100),
      requests: [numbered],
    });
    expect(result.counts).toMatchObject({
      scheduled: 100,
      completed: 0,
      failed: 100,
      byStatus: { 503: 100 },
    });
    expect(result.verdict).toBe('failed');
    eachOnce(server.answered, 100);
  });

  test('fail when nobody says that the connection closes', async () => {
    await using server = await perConnection((socket, place) => {
      if (place === 1) socket.end(reply());
    });
    const result = await send(server.url, { model: closed(1), pipelining: 4, limit: forRequests(40) });
    const { scheduled, completed, failed } = result.counts;
    expect(scheduled).toBe(40);
    expect(completed + failed).toBe(40);
    expect(completed).toBeGreaterThanOrEqual(8);
    expect(result.counts.byFailure['cut-off']).toBe(failed);
    // Of the four that were under way, the one that was answered made room for another before the end was seen, or not.
    expect(failed).toBeGreaterThanOrEqual(30);
    expect(result.verdict).toBe('failed');
  });

  test('are never green where the server is gone', async () => {
    let isFirst = true;
    await using server = await perConnection((socket) => {
      if (isFirst) socket.end(reply(CLOSE));
      else socket.destroy();
      isFirst = false;
    });
    const result = await send(server.url, {
      model: closed(1),
      pipelining: 8,
      limit: forRequests(12),
      timeouts: { connect: ms(2000), response: ms(5000) },
    });
    expect(result.counts).toMatchObject({ scheduled: 12, completed: 1, failed: 11 });
    expect(result.verdict).toBe('failed');
  });

  test('are under way at the end, where that is soon', async () => {
    const stop = new AbortController();
    // The response says that it is the last; then the server takes new connections, and answers on none.
    let count = 0;
    await using silent = await rawServer((socket) => {
      count += 1;
      if (count === 1) socket.end(reply(CLOSE));
      else stop.abort();
    });
    const result = await send(
      silent.url,
      { model: closed(1), pipelining: 4, limit: forRequests(4) },
      stop.signal,
    );
    expect(result.counts).toMatchObject({ scheduled: 4, completed: 1, inFlightAtEnd: 3 });
  });
});

describe('a request that says `Connection: close`', () => {
  /** As Python's http.server: does as it is told, and says nothing of it. */
  const obedient = () =>
    perConnection((socket, place) => {
      if (place === 1) socket.end(reply());
    });

  test.for([
    [['Connection', 'close']],
    [['connection', 'Keep-Alive, CLOSE']],
    [
      ['Connection', 'close'],
      ['Connection', 'keep-alive'],
    ],
    [
      ['Connection', 'keep-alive'],
      ['CONNECTION', ' x ,close'],
    ],
  ] as const)('is the last on its connection: %j', async (headers) => {
    for (const pipelining of [1, 4]) {
      await using server = await obedient();
      const { counts, verdict } = await send(server.url, {
        model: closed(2),
        pipelining,
        limit: forRequests(50),
        requests: [{ ...numbered, headers }],
      });
      expect(counts).toMatchObject({ scheduled: 50, completed: 50 });
      expect(server.received()).toBe(50);
      eachOnce(server.answered, 50);
      expect(verdict).toBe('passed');
    }
  });

  test('from data as well, and only those that say it', async () => {
    const last = new Set<string>();
    await using server = await rawServer((socket, text) => {
      for (const [, path = '', connection] of text.matchAll(/GET (\S+) [\s\S]*?Connection: (\S+)\r\n/g)) {
        if (last.has(String(socket.remotePort))) throw new Error(`${path} came after the last`);
        if (connection === 'close') {
          last.add(String(socket.remotePort));
          socket.end(reply());
        } else socket.write(reply());
      }
    });
    const { counts } = await send(server.url, {
      model: closed(2),
      pipelining: 4,
      limit: forRequests(60),
      requests: [{ ...numbered, headers: [['Connection', '{{how}}']] }],
      data: { columns: ['how'], rows: [['keep-alive'], ['keep-alive'], ['close']] },
    });
    expect(counts).toMatchObject({ scheduled: 60, completed: 60 });
    expect(last.size).toBe(20);
  });
});

describe('what comes after the last response of a connection', () => {
  /** Sends it once the client is done with the connection, and answers the next one only after that. */
  async function late() {
    let former: Promise<unknown> = Promise.resolve();
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        const before = former;
        former = new Promise((resolve) => socket.once('close', resolve));
        before.then(() => socket.write(reply(CLOSE)));
      });
      socket.once('end', () => socket.end('excess'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}/`,
      [Symbol.asyncDispose]: async (): Promise<void> => {
        server.close();
      },
    };
  }

  const together = () => perConnection((socket) => socket.end(`${reply(CLOSE)}excess`));

  test.for([
    ['in the same read', together],
    ['later', late],
  ] as const)('is told, when it comes %s', async ([, serve]) => {
    await using server = await serve();
    const result = await send(server.url, { model: closed(1), limit: forRequests(10) });
    // The run goes on, and so does its count: what was asked for was answered.
    expect(result.counts).toMatchObject({ scheduled: 10, completed: 10 });
    expect(codes(result)).toEqual(['protocol-error']);
    expect(result.failures[0]?.body).toBe('excess');
  });
});
