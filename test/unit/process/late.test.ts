/** What is said of a service that was not ready in time, and that it is only said where the machine shows it. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Clock } from '../../../src/core/clock.ts';
import type { Probe } from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import { OutputScanner } from '../../../src/process/output/scanner.ts';
import type { NotReady } from '../../../src/process/probes/answer.ts';
import { Exchanges } from '../../../src/process/probes/exchanges.ts';
import { HttpLooks } from '../../../src/process/probes/http.ts';
import { logWatches } from '../../../src/process/probes/probe.ts';
import { explainHeldBack, explainLate } from '../../../src/process/service/late.ts';
import { hasProcessTable, readProcess } from '../../../src/process/system/proc.ts';
import { selfSigned } from '../../rig/certificates.ts';
import { serviceSpec } from '../../rig/service-spec.ts';

const clock = new Clock();

const asked = {
  type: 'http',
  path: '/health',
  status: { from: 200, to: 399 },
  timeout: ms(60_000),
} as const;
const said: Probe = { type: 'log', pattern: { type: 'text', text: 'is listening' } };

/** As if this very process were the service. */
const owner = { members: () => [readProcess(process.pid)].flatMap((info) => info ?? []) };

async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

interface Case {
  readonly port: number | null;
  readonly ready?: Probe;
  readonly output?: string;
  readonly env?: Record<string, string>;
  /** Nobody is there who could listen. */
  readonly isAlone?: boolean;
}

/** The message that stood above the last hint. */
let lastMessage = '';

async function hintOf({
  port,
  ready = asked,
  output = '',
  env = {},
  isAlone = false,
}: Case): Promise<string | undefined> {
  const exchanges = new Exchanges(clock);
  const scanner = new OutputScanner(logWatches(ready));
  scanner.push(Buffer.from(output));
  let last: NotReady = { ready: false, why: 'not yet' };
  if (ready.type === 'http' && port !== null) {
    const looks = new HttpLooks(ready, port, { clock, exchanges, cwd: '/', filesBefore: new Map() });
    const answer = await looks.look(new AbortController().signal, () => {});
    if (!answer.ready) last = answer;
  }
  const finding = await explainLate({
    spec: serviceSpec({ ready }),
    port,
    env,
    clock,
    owner: isAlone ? { members: () => [] } : owner,
    scanner,
    exchanges,
    last,
    statuses: new Set(last.status === undefined ? [] : [last.status]),
  });
  await exchanges.close(AbortSignal.abort());
  lastMessage = finding.message;
  return finding.hint;
}

const answering =
  (status: number, body: string): RequestListener =>
  (_, response) =>
    response.writeHead(status).end(body);

describe.runIf(hasProcessTable)('a service that is late', () => {
  test('wants a socket that another program listens on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shakedown-late-'));
    const path = join(folder, 'app.sock');
    const server = createServer().listen(path);
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
      rmSync(folder, { recursive: true });
    });
    const ready = { type: 'unix', path } as const;
    expect(await hintOf({ port: null, ready, isAlone: true })).toMatch(
      /^the socket \S+app\.sock is used by .*\(pid \d+, up for .*\): stop that program, or use another path$/,
    );
    expect(await hintOf({ port: null, ready })).toBeUndefined();
  });

  test('listens where localhost does not reach it', async () => {
    const port = await listen(createHttp(answering(200, 'ok')), '127.0.0.2');
    const elsewhere = 'it listens on 127.0.0.2, which localhost does not reach';
    expect(await hintOf({ port })).toContain(elsewhere);
    expect(await hintOf({ port })).toContain("write ready: { http: '/health', host: '127.0.0.2' }");
    expect(lastMessage).toMatch(/refused the connection; it listens on 127\.0\.0\.2, not on localhost$/);
    expect(await hintOf({ port, ready: { type: 'port' } })).toContain(elsewhere);
    expect(await hintOf({ port, ready: { type: 'port' } })).toContain("{ port: true, host: '127.0.0.2' }");
    const there = { ...asked, host: '127.0.0.2', status: { from: 500, to: 599 } };
    expect((await hintOf({ port, ready: there })) ?? '').not.toContain('listens on');
    const local = await listen(createHttp(answering(200, 'ok')));
    expect(await hintOf({ port: local, ready: { type: 'port', host: '127.0.0.9' } })).toContain(
      'it listens on 127.0.0.1, which 127.0.0.9 does not reach: leave out `host`',
    );
  });

  test('has a certificate that nobody trusts', async () => {
    const [cert, key] = selfSigned();
    const port = await listen(createHttps({ cert, key }, answering(200, 'ok')));
    expect(await hintOf({ port, ready: { ...asked, tls: { verify: true, ca: null } } })).toContain(
      "ready: { https: '/health', insecure: true }",
    );
    expect(lastMessage).toContain('has a certificate that is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)');
  });

  test('listens on another port', async () => {
    const other = await listen(createServer());
    const free = await listen(createServer(), '127.0.0.3');
    expect(await hintOf({ port: free })).not.toContain('instead');
    // Where it listens stands in the message; the hint says what it was told.
    const env = { PARCELS_PORT: '1', PORT: '1', WORKERS: '10' };
    expect(await hintOf({ port: 1, env })).toBe(
      'the command was given port 1 (PARCELS_PORT=1, PORT=1), and does not use it',
    );
    expect(lastMessage).toMatch(
      new RegExp(`port 1 refused the connection; it listens on port .*\\b${other}\\b`),
    );
  });

  test('does not know the name that it is asked by', async () => {
    const django = await listen(createHttp(answering(400, 'Invalid HTTP_HOST header')));
    expect(await hintOf({ port: django })).toContain(`(Host: localhost:${django})`);
    const vite = await listen(createHttp(answering(403, 'Blocked request. This host is not allowed.')));
    expect(await hintOf({ port: vite })).toContain('have it accept localhost');
    for (const listener of [answering(400, 'No user on localhost'), answering(500, 'The host is on fire')])
      expect(await hintOf({ port: await listen(createHttp(listener)) })).toBeUndefined();
  });

  test('answers 404 to every look', async () => {
    const port = await listen(createHttp(answering(404, 'no')));
    expect(await hintOf({ port })).toBe(
      "every GET /health was answered 404: name a path that it has, as in ready: { http: '/…' }, or accept any answer, with ready: { http: '/health', status: [100, 599] }",
    );
  });

  test('runs, and listens nowhere', async () => {
    expect(await hintOf({ port: 1, isAlone: true })).toBe(
      'it runs, and listens nowhere yet; raise readyTimeout (1.00 s) if it needs longer to start',
    );
    expect(await hintOf({ port: 1, isAlone: true, ready: { type: 'file', path: 'x' } })).toBeUndefined();
  });

  test('speaks TLS', async () => {
    const [cert, key] = selfSigned();
    const port = await listen(createHttps({ cert, key }, answering(200, 'ok')));
    expect(await hintOf({ port })).toBe(
      `port ${port} speaks TLS, and { http: … } asks in plain HTTP: write ready: { https: '/health', insecure: true }`,
    );
    const other = await listen(createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')));
    expect(await hintOf({ port: other })).toBeUndefined();
  });

  test('listens and has printed nothing: it may hold its output back', async () => {
    const port = await listen(createServer());
    expect(await hintOf({ port, ready: said })).toContain('it listens, but has printed nothing so far');
    expect(await hintOf({ port, ready: said, output: 'starting\n' })).toBeUndefined();
    expect(await hintOf({ port, ready: { type: 'file', path: 'x' } })).toBeUndefined();
  });
});

test('what a late service printed of an error stands in the message', async () => {
  const port = await listen(createHttp(answering(500, 'no')));
  const traceback = ['Traceback (most recent call last):', '  File "app.py", line 27, in index'];
  const error = 'sqlite3.OperationalError: no such table: bookmarks';
  await hintOf({ port, output: `${[...traceback, error].join('\n')}\n` });
  expect(lastMessage).toBe(
    `server was not ready within 1.00 s: GET /health on port ${port} answered 500; it printed: ${error}`,
  );
  await hintOf({ port, output: 'starting\n' });
  expect(lastMessage).toMatch(/answered 500$/);
});

test('a service that nobody could look at is not held to be late: the machine is in trouble', async () => {
  const trouble = { cause: 'Shakedown has reached its limit of open files', remedy: 'raise `ulimit -n`' };
  const finding = await explainLate({
    spec: serviceSpec({ ready: asked }),
    ...{ port: 1, env: {}, clock, owner, scanner: new OutputScanner([]), exchanges: new Exchanges(clock) },
    last: { ready: false, why: trouble.cause, trouble },
  });
  expect(finding).toEqual({
    code: 'machine-trouble',
    step: 'server',
    message:
      'whether server is ready could not be checked within 1.00 s: Shakedown has reached its limit of open files',
    hint: 'raise `ulimit -n`',
  });
});

test('a line that came only when the service was ended had been held back', () => {
  const scanner = new OutputScanner(logWatches(said));
  const message = 'server was not ready within 1.00 s: its output does not contain "is listening"';
  const finding = { code: 'not-ready', step: 'server', message, waitedMs: 1000 } as const;
  expect(explainHeldBack(finding, serviceSpec({ ready: said }), scanner)).toEqual(finding);
  scanner.push(Buffer.from('it is listening\n'));
  expect(explainHeldBack(finding, serviceSpec({ ready: said }), scanner).hint).toContain(
    'only when it was stopped',
  );
});
