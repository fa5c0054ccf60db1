/** A target that counts what it is asked, which those that send to it cannot know. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export class CountingTarget implements AsyncDisposable {
  readonly #server: Server;
  count = 0;
  /** When it was asked last, by the clock of this process. */
  lastAt = 0;
  /** Every nth answer is an error. */
  failsEvery = Number.POSITIVE_INFINITY;

  private constructor() {
    this.#server = createServer((_, response) => {
      this.count += 1;
      this.lastAt = performance.now();
      response.statusCode = this.count % this.failsEvery === 0 ? 500 : 200;
      response.end('answer');
    });
  }

  static async open(): Promise<CountingTarget> {
    const target = new CountingTarget();
    target.#server.listen(0, '127.0.0.1');
    await once(target.#server, 'listening');
    return target;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Waits until it has been asked so often. */
  async has(count: number): Promise<void> {
    while (this.count < count) await once(this.#server, 'request');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
