/** An index of Python packages on this machine, as pip and uv ask for them. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface IndexedFile {
  readonly name: string;
  readonly bytes: Buffer;
}

const projectOf = (file: string): string =>
  (file.split('-')[0] ?? '').toLowerCase().replaceAll(/[-_.]+/g, '-');

export class PythonIndex implements AsyncDisposable {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(files: readonly IndexedFile[]): Promise<PythonIndex> {
    const server = createServer(({ url = '' }, response) => {
      const [, project] = /^\/simple\/([^/]+)\/$/.exec(url) ?? [];
      const file = files.find(({ name }) => url === `/files/${name}`);
      const listed = files.filter(({ name }) => projectOf(name) === project);
      if (file !== undefined) response.end(file.bytes);
      else if (listed.length === 0) response.writeHead(404).end();
      else
        response
          .writeHead(200, { 'content-type': 'text/html' })
          .end(listed.map(({ name }) => `<a href="/files/${name}">${name}</a>\n`).join(''));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new PythonIndex(server);
  }

  /** For the environment of pip and uv. */
  get env(): Readonly<Record<string, string>> {
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/simple`;
    return { PIP_INDEX_URL: url, UV_DEFAULT_INDEX: url, PIP_NO_INDEX: '0' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
