/** A fault proxy within the process of a test, between it and a server that answers as the test says. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { HttpFault, ProxyReport } from '../../src/core/http-fault.ts';
import { Changes } from '../../src/proxy/harness/changes.ts';
import { Connection } from '../../src/proxy/harness/connection.ts';
import { Faults } from '../../src/proxy/harness/faults.ts';
import { Survey } from '../../src/proxy/harness/survey.ts';
import { Traffic } from '../../src/proxy/harness/traffic.ts';

export class TestProxy implements AsyncDisposable {
  readonly port: number;
  /** How often the service was to be killed. */
  deaths = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #traffic: Traffic;
  readonly #changes = new Changes(0);

  private constructor(server: Server, upstream: number, faults: readonly HttpFault[], onDie: () => void) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    const counting = new Faults(faults);
    const survey = new Survey(faults);
    this.#traffic = new Traffic(faults, counting, survey, () => {
      this.deaths += 1;
      onDie();
    });
    const shared = { faults: counting, survey, traffic: this.#traffic, changes: this.#changes };
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      new Connection(socket, { port: upstream }, shared);
    });
  }

  static async start(
    upstream: number,
    faults: readonly HttpFault[],
    onDie = (): void => {},
  ): Promise<TestProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TestProxy(server, upstream, faults, onDie);
  }

  get report(): Omit<ProxyReport, 'bypassed'> {
    return this.#traffic.report(this.#changes.changedFields);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A server that does with each connection what the test says. */
export class RawServer implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
    this.port = (server.address() as AddressInfo).port;
  }

  static async start(serve: (socket: Socket) => void): Promise<RawServer> {
    const sockets = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      serve(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RawServer(server, sockets);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A server that answers each request, of which it only looks for the empty line, with the next of some texts. */
export const answering = (...answers: readonly (string | Buffer)[]): Promise<RawServer> => {
  let next = 0;
  return RawServer.start((socket) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        text = text.slice(end + 4);
        socket.write(answers[next % answers.length] ?? '');
        next += 1;
      }
    });
    socket.on('end', () => socket.end());
  });
};

/** How a connection ended. */
export interface Heard {
  readonly text: string;
  readonly error: string | undefined;
}

/** Sends bytes, in the given pieces, and hears what comes until the other side ends, or `isEnough`. */
export async function talk(
  port: number,
  pieces: readonly (string | Buffer)[],
  isEnough: (text: string) => boolean = () => false,
): Promise<Heard> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  let error: string | undefined;
  const over = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (isEnough(text)) resolve();
    });
    socket.on('error', (problem: NodeJS.ErrnoException) => {
      error = problem.code;
    });
    socket.once('end', () => resolve());
    socket.once('close', () => resolve());
  });
  for (const piece of pieces) {
    socket.write(piece);
    await new Promise((done) => setImmediate(done));
  }
  await over;
  socket.destroy();
  return { text, error };
}
