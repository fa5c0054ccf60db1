/** What counts as lost when a server leaves in mid-load: each way to end a connection, on real sockets. */
import { once } from 'node:events';
import { createServer as createHttp2Server, type ServerHttp2Session } from 'node:http2';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { LoadPlan, LoadResult } from '../../../src/core/load.ts';
import type { LoadDeparture } from '../../../src/core/load-departure.ts';
import { ms } from '../../../src/core/units.ts';
import { isReset } from '../../../src/load/engine/departure.ts';
import { type Departing, runLoad } from '../../../src/load/engine/run.ts';
import { closed, forMs, get, open, planFor } from './plans.ts';

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const LAST_ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';

/** So often that every connection has been answered, and has read its answer. */
const OFTEN = 40;

/** Resolves when something has been counted that often. */
function often(): { readonly reached: Promise<void>; readonly count: () => void } {
  let count = 0;
  let reach = (): void => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  return {
    reached,
    count: () => {
      count += 1;
      if (count === OFTEN) reach();
    },
  };
}

/**
 * Runs a load whose target is told to leave as soon as it has answered often enough.
 *
 * @param act tells the target, and ends the load if the target stays
 */
async function leave(
  { server, answered }: { readonly server: Pick<Server, 'address'>; readonly answered: Promise<void> },
  act: (load: Departing) => void,
  more: Partial<LoadPlan> = {},
): Promise<LoadResult & { departure: LoadDeparture }> {
  const { port } = server.address() as AddressInfo;
  const plan = planFor(`http://127.0.0.1:${port}/`, {
    ...{ model: closed(4), limit: forMs(20_000), departure: 'stop' },
    ...more,
  });
  const result = await runLoad(plan, {
    version: '0',
    onStart: async (load) => {
      await answered;
      await load.leave();
      act(load);
    },
  });
  const { scheduled, completed, failed, timedOut, inFlightAtEnd, neverSent } = result.counts;
  expect(completed + failed + timedOut + inFlightAtEnd + neverSent).toBe(scheduled);
  if (result.departure === undefined) throw new Error('nothing is said of how it left');
  const { toldMs } = result.departure;
  expect(toldMs > 0 && toldMs <= result.durationMs, `told after ${toldMs} ms`).toBe(true);
  return { ...result, departure: result.departure };
}

type OnRequest = (socket: Socket, count: number) => void;

/** A server that answers after a moment, until it is told to leave. */
async function leaver(whenLeaving: OnRequest, onConnection: (socket: Socket) => void = () => {}) {
  const sockets = new Set<Socket>();
  const busy = new Set<Socket>();
  const answers = often();
  let isLeaving = false;
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    let count = 0;
    socket.on('data', () => {
      count += 1;
      if (isLeaving) {
        whenLeaving(socket, count);
        return;
      }
      busy.add(socket);
      setTimeout(() => {
        busy.delete(socket);
        if (isLeaving) whenLeaving(socket, count);
        else {
          socket.write(ANSWER);
          answers.count();
        }
      }, 5);
    });
    if (isLeaving) onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    answered: answers.reached,
    sockets,
    /** From now on it refuses connections, and a moment later it closes those that are idle; unless it is to stay. */
    go: (isToEnd = true): void => {
      isLeaving = true;
      if (!isToEnd) return;
      server.close();
      setTimeout(() => {
        for (const socket of sockets) if (!busy.has(socket)) socket.destroy();
      }, 100);
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** What arrives on it from now on stays in the kernel. */
const readNoMore = (socket: Socket): void =>
  (socket as unknown as { _handle: { readStop: () => void } })._handle.readStop();

const sayGoodbye: OnRequest = (socket) => socket.end(LAST_ANSWER);

/** A target that was to restart refuses for so long until the load ends by itself. */
const SHORT = { connect: ms(1000), response: ms(5000) };
const LONG = { connect: ms(10_000), response: ms(10_000) };

describe('a server that is told to stop', () => {
  test('loses nothing if its last answers say so, and then refuses', async () => {
    await using target = await leaver(sayGoodbye);
    const { departure, findings, counts } = await leave(target, () => target.go());
    expect(departure).toMatchObject({ lost: 0, examples: [], refused: 4, crossed: 0 });
    expect(departure.inFlight).toBeGreaterThan(0);
    expect(counts.neverSent).toBe(4);
    expect(findings.filter(({ code }) => code !== 'generator-saturated')).toEqual([]);
  });

  test('loses what it has read and never answers', async () => {
    await using target = await leaver((socket) => socket.destroy());
    const { departure, findings } = await leave(target, () => target.go());
    expect(departure, JSON.stringify(departure)).toMatchObject({ lost: 4, crossed: 0 });
    const [first] = departure.examples;
    expect(first?.message).toBe('GET / was not answered: the server closed the connection');
    expect(first?.lostMs).toBeGreaterThanOrEqual(0);
    expect(first?.sentMs).toBeLessThan(first?.lostMs ?? 0);
    // They are told once, and by whoever knows why.
    expect(findings.map(({ code }) => code)).not.toContain('request-failed');
  });

  test('loses an answer that it cuts off', async () => {
    await using target = await leaver((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\nok'),
    );
    const { departure } = await leave(target, () => target.go());
    expect(departure.lost).toBe(4);
    expect(departure.examples[0]?.message).toContain('in the middle of the response');
  });

  test.each([
    ['GET', { lost: 0, crossed: 4 }],
    ['POST', { lost: 4, crossed: 0 }],
  ])('has not read a %s that lies in a connection when it is closed', async (method, expected) => {
    await using target = await leaver((socket) => {
      readNoMore(socket);
      socket.write(ANSWER);
      setTimeout(() => socket.destroy(), 50);
    });
    const { departure } = await leave(target, () => target.go(), {
      requests: [{ ...get(), method, name: `${method} /` }],
    });
    expect(departure).toMatchObject(expected);
  });

  test.each([
    ['stop', { lost: 0, unaccepted: 4 }],
    ['restart', { lost: 4, unaccepted: 0 }],
  ] as const)('has not taken what lies in new connections: of a %s', async (departure, expected) => {
    const fresh: Socket[] = [];
    await using target = await leaver(sayGoodbye, (socket) => {
      readNoMore(socket);
      fresh.push(socket);
      if (fresh.length < 4) return;
      setTimeout(() => {
        target.server.close();
        // The idle ones as well: that is what the load waits for in the end.
        for (const each of target.sockets) each.destroy();
      }, 50);
    });
    const result = await leave(target, () => target.go(false), {
      ...{ departure, timeouts: departure === 'restart' ? SHORT : LONG },
    });
    expect(result.departure.unaccepted).toBe(expected.unaccepted);
    if (expected.lost === 0) expect(result.departure.lost).toBe(0);
    else expect(result.departure.lost).toBeGreaterThanOrEqual(4);
  });

  test('keeps idle connections, or closes them', async () => {
    await using keeps = await leaver((socket) => socket.write(ANSWER));
    const kept = await leave(keeps, (load) => {
      keeps.go(false);
      // Of a server that stays there is nothing more to see.
      setTimeout(() => load.end(), 200);
    });
    expect(kept.departure.idle).toEqual({ opened: 4, kept: 4, closedMs: null });
    await using closes = await leaver(sayGoodbye);
    const { departure } = await leave(closes, () => closes.go());
    expect(departure.idle).toMatchObject({ opened: 4, kept: 0 });
    expect(departure.idle.closedMs).toBeGreaterThanOrEqual(0);
  });

  test.each([
    ['with arrivals', { model: open(400, 8) }],
    ['without keep-alive', { keepAlive: false }],
  ])('ends the load, %s', async (_, more) => {
    await using target = await leaver(sayGoodbye);
    const { departure, durationMs } = await leave(target, () => target.go(), more);
    expect(departure.refused).toBeGreaterThan(0);
    expect(durationMs).toBeLessThan(20_000);
  });

  test('of a restart, a refusal is a loss', async () => {
    await using target = await leaver(sayGoodbye);
    const { departure } = await leave(target, () => target.go(), {
      ...{ departure: 'restart', timeouts: SHORT },
    });
    expect(departure.refused).toBe(0);
    expect(departure.examples[0]).toMatchObject({ sentMs: null });
    expect(departure.examples[0]?.message).toContain('ECONNREFUSED');
  });
});

describe('by HTTP/2', () => {
  test.each([
    ['GOAWAY', (session: ServerHttp2Session) => session.close(), false],
    ['nothing', (session: ServerHttp2Session) => session.destroy(), true],
  ])('it says %s', async (_, end, isLost) => {
    const sessions = new Set<ServerHttp2Session>();
    let unanswered = 0;
    const answers = often();
    const server = createHttp2Server((_request, response) => {
      unanswered += 1;
      setTimeout(() => {
        unanswered -= 1;
        if (response.stream?.destroyed === false) response.end('ok');
        answers.count();
      }, 20);
    });
    server.on('session', (session) => sessions.add(session));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { departure } = await leave(
      { server, answered: answers.reached },
      // What it has answered may be on its way still: it leaves while it has something to answer.
      function go(): void {
        if (unanswered === 0) {
          setImmediate(go);
          return;
        }
        server.close();
        for (const session of sessions) end(session);
      },
      { protocol: 'http2', pipelining: 4 },
    );
    expect(departure.lost > 0, JSON.stringify(departure)).toBe(isLost);
    expect(departure.idle).toMatchObject({ opened: 4, kept: 0 });
    server.close();
  });
});

describe('whether a connection at its end was reset as well', () => {
  async function endOf(act: (client: Socket, server: Socket) => Promise<void>): Promise<boolean> {
    const listener = createServer({ allowHalfOpen: true });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const client = connect((listener.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => {});
    const [[server]] = (await Promise.all([once(listener, 'connection'), once(client, 'connect')])) as [
      [Socket],
      unknown,
    ];
    client.resume();
    const ended = new Promise<boolean>((resolve) => client.once('end', () => resolve(isReset(client))));
    await act(client, server);
    const answer = await ended;
    client.destroy();
    server.destroy();
    listener.close();
    return answer;
  }

  test('not if the server has read all', async () => {
    const answer = await endOf(async (client, server) => {
      client.write('x');
      await once(server, 'data');
      server.destroy();
    });
    expect(answer).toBe(false);
  });

  test('but if something came after it had closed', async () => {
    const answer = await endOf(async (client, server) => {
      server.destroy();
      // The descriptor is closed by now, and this process has not read the end yet.
      client.write('x');
    });
    expect(answer).toBe(true);
  });
});
