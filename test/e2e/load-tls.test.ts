/** Load over TLS: authorities, client certificates, server names, HTTP/2; on the command line and as a library. */
import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer, type SecureServerOptions } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createSecureContext, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as Library from '../../src/index.ts';
import { Authority, type Pair } from '../rig/certificates.ts';
import { Rig } from '../rig/rig.ts';

const { runLoad } = (await import(new URL('../../dist/index.js', import.meta.url).href)) as typeof Library;

let authority: Authority;
let localhost: Pair;
let api: Pair;
let client: Pair;
beforeAll(() => {
  authority = new Authority();
  localhost = authority.issue('localhost');
  api = authority.issue('api.test');
  client = authority.issue('the client');
});
afterAll(() => authority[Symbol.dispose]());

/** Who asked, as the server saw it. */
interface Seen {
  readonly version: string;
  readonly serverName: string | false | null;
  readonly client: string;
  readonly authority: string | undefined;
  readonly session: object;
}

interface Target extends AsyncDisposable {
  readonly url: string;
  readonly server: Http2SecureServer;
  readonly seen: Seen[];
}

/** Speaks HTTP/1.1 and HTTP/2, and has a certificate for each of two names. */
async function secure(options: SecureServerOptions = {}): Promise<Target> {
  const seen: Seen[] = [];
  const server = createSecureServer({
    cert: localhost[0],
    key: localhost[1],
    allowHTTP1: true,
    SNICallback: (name, callback) => {
      const [cert, key] = name === 'api.test' ? api : localhost;
      callback(null, createSecureContext({ cert, key, ca: authority.certificate }));
    },
    ...options,
  });
  server.on('request', (request, response) => {
    const socket = (request.stream?.session?.socket ?? request.socket) as TLSSocket & { servername?: string };
    seen.push({
      version: request.httpVersion,
      serverName: socket.servername ?? null,
      client: String(socket.getPeerCertificate?.().subject?.CN ?? ''),
      authority: request.headers.host ?? request.headers[':authority']?.toString(),
      session: request.stream?.session ?? request.socket,
    });
    response.end('hello');
  });
  server.on('sessionError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/`,
    server,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.close();
    },
  };
}

async function files(rig: Rig): Promise<void> {
  rig.write('ca.pem', authority.certificate);
  rig.write('client.pem', client[0]);
  rig.write('client.key', client[1]);
  rig.write('other.key', api[1]);
}

describe('a server that demands a certificate of its client', () => {
  const demanding = (): Promise<Target> =>
    secure({ requestCert: true, rejectUnauthorized: true, ca: authority.certificate });

  test.each([{ protocol: [] }, { protocol: ['--http2'] }])(
    'gets it, with $protocol',
    async ({ protocol }) => {
      await using rig = await Rig.create();
      await files(rig);
      await using target = await demanding();
      const pair = ['--cert', 'client.pem', '--key', 'client.key'];
      const run = await rig.run(['load', target.url, '-n', '20', '--ca', 'ca.pem', ...pair, ...protocol]);
      expect(run.code, run.stdout + run.stderr).toBe(0);
      expect(target.seen).toHaveLength(20);
      expect(new Set(target.seen.map((each) => each.client))).toEqual(new Set(['the client']));
    },
  );

  test('answers nobody without one', async () => {
    await using rig = await Rig.create();
    await files(rig);
    await using target = await demanding();
    const { code, stdout } = await rig.run(['load', target.url, '-n', '4', '-c', '2', '--ca', 'ca.pem']);
    expect(code).toBe(1);
    expect(stdout).toContain('FAILED  no request was answered');
    expect(target.seen).toEqual([]);
  });

  test('a key that belongs to another certificate is told before anything is sent', async () => {
    await using rig = await Rig.create();
    await files(rig);
    await using target = await demanding();
    const pair = ['--cert', 'client.pem', '--key', 'other.key'];
    const { code, stderr, stdout } = await rig.run(['load', target.url, '--ca', 'ca.pem', ...pair]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^shakedown: --cert: OpenSSL refuses it: .*key/);
    expect(stdout).toBe('');
  });

  test('as a library, from PEM', async () => {
    await using target = await demanding();
    const [cert, key] = client;
    const result = await runLoad({ url: target.url, requests: 10, ca: authority.certificate, cert, key });
    expect(result.verdict, JSON.stringify(result.findings)).toBe('passed');
    expect(target.seen.map((each) => each.client)).toEqual(Array(10).fill('the client'));
  });
});

describe('the name of the server', () => {
  test('is that of the URL, is asked for, and is verified', async () => {
    await using target = await secure();
    const options = { url: target.url, requests: 4, ca: authority.certificate };
    expect((await runLoad(options)).verdict).toBe('passed');
    expect(target.seen.map(({ serverName }) => serverName)).toEqual(Array(4).fill('localhost'));
  });

  test('can be another one, and then the certificate must be for that', async () => {
    await using target = await secure();
    const options = { url: target.url, requests: 4, ca: authority.certificate, serverName: 'api.test' };
    expect((await runLoad(options)).verdict).toBe('passed');
    expect(target.seen.map(({ serverName }) => serverName)).toEqual(Array(4).fill('api.test'));
    // This name gets the certificate for localhost.
    const wrong = await runLoad({ ...options, serverName: 'other.test' });
    expect(wrong.findings[0]?.message).toContain("not in the cert's altnames");
    expect(target.seen).toHaveLength(4);
  });

  test('stays what it is when another address is connected to', async () => {
    await using target = await secure();
    const port = new URL(target.url).port;
    const url = `https://api.test:${port}/`;
    const result = await runLoad({ url, requests: 4, ca: authority.certificate, connectTo: '127.0.0.1' });
    expect(result.verdict, JSON.stringify(result.findings)).toBe('passed');
    expect(target.seen.map(({ serverName, authority: host }) => [serverName, host])).toEqual(
      Array(4).fill(['api.test', `api.test:${port}`]),
    );
  });
});

describe('HTTP/2', () => {
  test('is agreed upon, with several streams on each connection', async () => {
    await using target = await secure();
    let open = 0;
    let most = 0;
    target.server.on('request', (_, response) => {
      open += 1;
      most = Math.max(most, open);
      response.once('close', () => {
        open -= 1;
      });
    });
    const result = await runLoad({
      url: target.url,
      requests: 100,
      connections: 2,
      http2: true,
      streams: 10,
      ca: authority.certificate,
      expect: { exactBody: 'hello' },
    });
    expect(result.verdict, JSON.stringify(result.findings)).toBe('passed');
    expect(result.counts).toMatchObject({ scheduled: 100, completed: 100 });
    expect(new Set(target.seen.map(({ version }) => version))).toEqual(new Set(['2.0']));
    expect(new Set(target.seen.map(({ session }) => session)).size).toBe(2);
    // What is sent at once is there before the first of it is answered.
    expect(most).toBeGreaterThanOrEqual(10);
  });

  test('without it the same server is spoken to in HTTP/1.1', async () => {
    await using target = await secure();
    const result = await runLoad({ url: target.url, requests: 10, ca: authority.certificate });
    expect(result.counts.completed).toBe(10);
    expect(new Set(target.seen.map(({ version }) => version))).toEqual(new Set(['1.1']));
  });
});
