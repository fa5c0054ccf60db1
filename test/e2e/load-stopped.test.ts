/** `shakedown load` itself is stopped for a while, and its target closes the connections meanwhile. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { LoadResult } from '../../src/core/load.ts';
import { readProcess } from '../../src/process/system/proc.ts';
import { Rig, type ShakedownRun } from '../rig/rig.ts';

/** In milliseconds: this long it is stopped, which is no pause that happens. */
const STOPPED = 1500;

/** Answers at once, and closes whatever is open when it is told to. */
class Target implements AsyncDisposable {
  readonly #server: TcpServer;
  readonly #onRequest: (() => void)[] = [];
  readonly #sockets = new Set<{ destroy(): void }>();
  count = 0;

  private constructor(server: TcpServer) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async open(make: (asked: () => void) => TcpServer): Promise<Target> {
    const target: Target = new Target(make(() => target.#asked()));
    target.#server.listen(0, '127.0.0.1');
    await once(target.#server, 'listening');
    return target;
  }

  #asked(): void {
    this.count += 1;
    for (const told of this.#onRequest) told();
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  has(count: number): Promise<void> {
    return new Promise((done) => {
      this.#onRequest.push(() => {
        if (this.count >= count) done();
      });
    });
  }

  closeAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closeAll();
    this.#server.close();
  }
}

const http1 = (asked: () => void): Server =>
  createServer((_, response) => {
    asked();
    response.end('ok');
  });

const http2 = (asked: () => void): TcpServer =>
  createHttp2Server((_, response) => {
    asked();
    response.end('ok');
  }).on('sessionError', () => {});

function webSockets(asked: () => void): Server {
  const server = createServer();
  new WebSocketServer({ server }).on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (data) => {
      asked();
      socket.send(data);
    });
  });
  return server;
}

/** A load of 400 requests, which is stopped when some have been sent, and goes on when all connections have been closed. */
async function stopped(run: ShakedownRun, target: Target) {
  await target.has(40);
  run.kill('SIGSTOP');
  await expect.poll(() => readProcess(run.pid)?.state).toBe('T');
  // What was sent before is answered.
  await delay(STOPPED / 3);
  target.closeAll();
  await delay(STOPPED);
  run.kill('SIGCONT');
  const { code, stdout } = await run.exit();
  return { code, stdout, result: JSON.parse(stdout) as LoadResult };
}

test('connections that are closed while it is stopped are no failures of the target', async () => {
  await using rig = await Rig.create();
  const begin = (scheme: string, target: Target, ...flags: readonly string[]) => {
    const url = `${scheme}://127.0.0.1:${target.port}/`;
    return stopped(
      rig.start(['load', url, '--rate', '100', '--requests', '400', '--json', ...flags]),
      target,
    );
  };
  await using one = await Target.open(http1);
  await using two = await Target.open(http2);
  await using sockets = await Target.open(webSockets);
  const [first, second, last] = await Promise.all([
    begin('http', one),
    begin('http', two, '--http2'),
    begin('ws', sockets, '--send', 'hello', '--connections', '5'),
  ]);
  for (const { code, stdout, result } of [first, second]) {
    // What it was sending at the very moment is lost: then nothing is known. But the target has not failed.
    const { machine = 0 } = result.counts.byFailure;
    expect(code, stdout).toBe(machine === 0 ? 0 : 3);
    expect(result.counts).toMatchObject({ scheduled: 400, completed: 400 - machine });
    expect(result.generator.maxLoopLagMs).toBeGreaterThan(1000);
  }
  // What becomes of a WebSocket is its result; but not this.
  expect(last.code, last.stdout).toBe(3);
  expect(last.result.findings.map(({ code }) => code)).toContain('machine-trouble');
  expect(last.result.channel).toMatchObject({ lost: 0 });
});
