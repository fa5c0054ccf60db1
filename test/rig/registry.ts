/** A registry on this machine that has the packages of a test: what npm asks of any other, it asks of this one. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';

export interface Published {
  readonly name: string;
  readonly version: string;
  /** Path of what npm pack has made. */
  readonly tarball: string;
  /** What of its package.json npm reads from the registry: dependencies, programs. */
  readonly manifest?: object;
}

export class Registry implements AsyncDisposable {
  readonly #server: Server;
  readonly #packages: readonly Published[];
  /** Paths that were asked for, in order. */
  readonly asked: string[] = [];

  private constructor(packages: readonly Published[], withheld: readonly string[]) {
    this.#packages = packages;
    this.#server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? '').slice(1);
      this.asked.push(path);
      const file = this.#packages.find(({ tarball }) => path === `-/${basename(tarball)}`);
      if (file !== undefined && withheld.includes(file.tarball)) return undefined;
      if (file !== undefined) return response.end(readFileSync(file.tarball));
      const document = this.#document(path);
      response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(document ?? { error: 'Not found' }));
    });
  }

  /** @param withheld paths of tarballs of its packages: it never answers who asks for them */
  static async start(packages: readonly Published[], withheld: readonly string[] = []): Promise<Registry> {
    const registry = new Registry(packages, withheld);
    registry.#server.listen(0, '127.0.0.1');
    await once(registry.#server, 'listening');
    return registry;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  #document(name: string): object | undefined {
    const versions = this.#packages.filter((each) => each.name === name);
    const latest = versions.at(-1)?.version;
    if (latest === undefined) return undefined;
    const entries = versions.map(({ version, tarball, manifest }) => {
      const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
      return [
        version,
        { ...manifest, name, version, dist: { tarball: `${this.url}-/${basename(tarball)}`, integrity } },
      ];
    });
    return { name, 'dist-tags': { latest }, versions: Object.fromEntries(entries) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
