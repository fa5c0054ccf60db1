/** What probes ask, and where: in TLS, at sockets in the file system, at other addresses of this machine. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer, type Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Clock } from '../../../src/core/clock.ts';
import type { Probe, ProbeTls } from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import { OutputScanner } from '../../../src/process/output/scanner.ts';
import { Exchanges } from '../../../src/process/probes/exchanges.ts';
import { noteFiles } from '../../../src/process/probes/files.ts';
import { untilReady } from '../../../src/process/probes/probe.ts';
import type { HttpProbe } from '../../../src/process/probes/request.ts';
import { outlastTimeWait } from '../../../src/process/service/time-wait.ts';
import { hasProcessTable } from '../../../src/process/system/proc.ts';
import { reaches } from '../../../src/process/system/sockets.ts';
import { selfSigned } from '../../rig/certificates.ts';

const clock = new Clock();

const request = (more: Partial<HttpProbe> = {}): HttpProbe => ({
  type: 'http',
  path: '/health',
  status: { from: 200, to: 399 },
  timeout: ms(60_000),
  ...more,
});

async function listen(server: NetServer, where: { host?: string; path?: string } = {}): Promise<number> {
  server.listen({ ...(where.path === undefined ? { port: 0, host: '127.0.0.1' } : {}), ...where });
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'probe-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** Looks until the probe is ready, or until it lacks something of this kind; what it lacked is returned. */
async function lookAt(
  probe: Probe,
  {
    port = null,
    cwd = tmpdir(),
    until = /never/,
  }: { port?: number | null; cwd?: string; until?: RegExp } = {},
  before = noteFiles(probe, cwd),
): Promise<{ isReady: boolean; lacked: string[] }> {
  const exchanges = new Exchanges(clock, 'shakedown/0');
  onTestFinished(() => exchanges.close(AbortSignal.abort()));
  const enough = new AbortController();
  const lacked: string[] = [];
  const subject = {
    ...{ clock, port, cwd, exchanges, filesBefore: before, scanner: new OutputScanner([]) },
    execute: async () => ({ ready: false, why: 'there is no command' }) as const,
  };
  const isReady = await untilReady(probe, subject, enough.signal, (answer) => {
    if (answer.ready) return;
    lacked.push(answer.why);
    if (until.test(answer.why)) enough.abort();
  });
  return { isReady, lacked };
}

/** A server that answers 200, and what it was asked. */
function listening(): { server: Server; asked: Promise<IncomingMessage> } {
  const server = createHttp((_, response) => response.end('ok'));
  const asked = once(server, 'request').then(([message]) => message as IncomingMessage);
  return { server, asked };
}

describe('a request', () => {
  test('has the method and the headers that are asked for, in place of the usual ones', async () => {
    const { server, asked } = listening();
    const port = await listen(server);
    const probe = request({ method: 'HEAD', headers: { host: 'app.test', 'X-From': 'a test' } });
    expect((await lookAt(probe, { port })).isReady).toBe(true);
    const { method, url, headers } = await asked;
    expect([method, url]).toEqual(['HEAD', '/health']);
    expect(headers).toEqual({
      host: 'app.test',
      'x-from': 'a test',
      'user-agent': 'shakedown/0',
      accept: '*/*',
    });
  });

  test.runIf(hasProcessTable)('goes to the address that is asked for', async () => {
    const { server, asked } = listening();
    const port = await listen(server, { host: '127.0.0.2' });
    expect((await lookAt(request({ host: '127.0.0.2' }), { port })).isReady).toBe(true);
    expect((await asked).headers.host).toBe(`127.0.0.2:${port}`);
    expect((await lookAt({ type: 'port', host: '127.0.0.2' }, { port })).isReady).toBe(true);
    const { lacked } = await lookAt({ type: 'port', host: '127.0.0.3' }, { port, until: /accepts/ });
    expect(lacked[0]).toBe(`port ${port} of 127.0.0.3 accepts no connections`);
  });

  test('goes to a socket in the file system, once it is there', async () => {
    const cwd = folder();
    const { server, asked } = listening();
    const probe = request({ unix: 'web.sock' });
    const looking = lookAt(probe, { cwd });
    await listen(server, { path: join(cwd, 'web.sock') });
    expect((await looking).isReady).toBe(true);
    expect((await asked).headers.host).toBe('localhost');
  });

  test('is repeated no sooner than the interval', async () => {
    const times: number[] = [];
    const server = createHttp((_, response) => {
      times.push(performance.now());
      response.writeHead(times.length < 3 ? 503 : 200).end();
    });
    const port = await listen(server);
    await lookAt(request({ interval: ms(60) }), { port });
    const [first = 0, second = 0, third = 0] = times;
    // A timer may fire a millisecond early.
    expect(Math.min(second - first, third - second)).toBeGreaterThan(58);
  });
});

describe('a request in TLS', () => {
  const [cert, key] = selfSigned();
  const secure = async (): Promise<number> =>
    listen(createHttps({ cert, key }, (_, response) => response.end('ok')));
  const asked = (tls: Partial<ProbeTls>): HttpProbe => request({ tls: { verify: true, ca: null, ...tls } });

  test.for([
    ['is not verified where that is not wanted', { verify: false }],
    ['trusts the certificate that is given', { ca: cert }],
  ] as const)('%s', async ([, tls]) => {
    expect((await lookAt(asked(tls), { port: await secure() })).isReady).toBe(true);
  });

  test('does not trust a certificate that nobody has signed', async () => {
    const { isReady, lacked } = await lookAt(asked({}), { port: await secure(), until: /certificate/ });
    expect(isReady).toBe(false);
    expect(lacked.at(-1)).toMatch(/has a certificate that is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/);
  });

  test('to a server that speaks none', async () => {
    const port = await listen(listening().server);
    const { lacked } = await lookAt(asked({ verify: false }), { port, until: /not in TLS|error|closed/ });
    expect(lacked.at(-1)).toMatch(/answered, but not in TLS$/);
  });
});

describe('a socket in the file system', () => {
  const probe = { type: 'unix', path: 'a b.sock' } as const;

  test('is ready when somebody listens there, who notices nothing of it', async () => {
    const cwd = folder();
    let connections = 0;
    const looking = lookAt(probe, { cwd });
    await listen(
      createServer(() => (connections += 1)),
      { path: join(cwd, probe.path) },
    );
    const { isReady, lacked } = await looking;
    expect([isReady, lacked[0]]).toEqual([true, 'the file a b.sock does not exist']);
    if (hasProcessTable) expect(connections).toBe(0);
  });

  test('not where an earlier program listens, or where the file is none', async () => {
    const cwd = folder();
    await listen(createServer(), { path: join(cwd, probe.path) });
    const { lacked } = await lookAt(probe, { cwd, until: /existed before/ });
    expect(lacked[0]).toContain('existed before the start');
    const before = noteFiles({ ...probe, path: 'file' }, cwd);
    writeFileSync(join(cwd, 'file'), '');
    const looked = await lookAt({ ...probe, path: 'file' }, { cwd, until: /accepts no/ }, before);
    expect(looked.lacked[0]).toBe('the socket file accepts no connections');
  });
});

test.for([
  ['127.0.0.2', '127.0.0.2', true],
  ['0.0.0.0', '10.0.0.7', true],
  ['0.0.0.0', '::1', false],
  ['::', '10.0.0.7', true],
  ['fe80:0:0:0:0:0:0:1', 'fe80::1', true],
  ['127.0.0.1', '127.0.0.2', false],
] as const)('a listener on %s reaches %s: %s', ([address, host, is]) => {
  expect(reaches({ address }, host)).toBe(is);
});

describe('a port that the kernel remembers', () => {
  const refused = (more: { lines?: string[]; signal?: AbortSignal } = {}) => {
    const said: string[] = [];
    const lines = ['OSError: [Errno 98] Address already in use'];
    const signal = new AbortController().signal;
    return {
      said,
      of: { name: 'api', port: 80, lines, signal, say: (text: string) => said.push(text), ...more },
    };
  };
  const sight = (counts: number[], isHeld = false) => ({
    isHeld: async () => isHeld,
    timeWaits: () => (counts.length > 1 ? (counts.shift() ?? 0) : (counts[0] ?? 0)),
  });

  test('is waited for, and that is said', async () => {
    const { said, of } = refused();
    expect(await outlastTimeWait(of, sight([2, 2, 1, 0]))).toBe(true);
    expect(said).toEqual([
      expect.stringMatching(
        /^api could not listen on port 80: .*\(2 in TIME_WAIT\).* started again when that is over$/,
      ),
    ]);
  });

  test.for([
    ['somebody holds', sight([2], true), {}],
    ['it does not remember', sight([0]), {}],
    ['is not the reason', sight([2]), { lines: ['Error: no database'] }],
    ['is waited for in vain', sight([2]), { signal: AbortSignal.abort() }],
  ] as const)('is not waited for if %s', async ([, shown, more]) => {
    const given = 'lines' in more ? { lines: [...more.lines] } : more;
    expect(await outlastTimeWait(refused(given).of, shown)).toBe(false);
  });
});
