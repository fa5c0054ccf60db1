/** The deploy test on real servers: those that end as they should, and those that do not. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { findProgram } from '../../src/files/find-program.ts';
import { NGINX, startSlowly } from '../rig/nginx.ts';
import { processesOfRun } from '../rig/processes.ts';
import { Rig } from '../rig/rig.ts';
import { codesOf, componentOf, findingOf, JSON_REPORT } from '../rig/services.ts';

const GUNICORN = findProgram('gunicorn', process.env.PATH ?? '');
/** Debian's, for which its package is. */
const PYTHON = '/usr/bin/python3';

function hasUvicorn(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import uvicorn'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** `.ci/run` installs them, and sets CI: there nothing may be left out. */
const UVICORN = process.env.CI !== undefined || hasUvicorn();
const mayLack = process.env.CI === undefined;

const NODE = `
import { createServer } from 'node:http';
const [manner] = process.argv.slice(2);
let isLeaving = false;
let count = 0;
const server = createServer((request, response) => {
  if (isLeaving && manner === 'right') response.setHeader('Connection', 'close');
  count += 1;
  // It has read this one.
  if (isLeaving && manner === 'wrong') process.exit(3);
  // They do not all end at the same time.
  setTimeout(() => response.end('ok'), 20 + (count * 7) % 40);
});
server.keepAliveTimeout = 60_000;
server.listen(process.env.PORT, '127.0.0.1');
const end = () => {
  isLeaving = true;
  if (manner !== 'right') return;
  server.close(() => process.exit(0));
  setTimeout(() => server.closeIdleConnections(), 100);
};
process.on('SIGTERM', end);
process.on('SIGHUP', () => {});
`;

const WSGI = `
import time
def app(environ, start_response):
    time.sleep(0.02)
    start_response('200 OK', [('Content-Length', '2')])
    return [b'ok']
`;

const ASGI = `
import asyncio
async def app(scope, receive, send):
    if scope['type'] != 'http':
        return
    await asyncio.sleep(0.02)
    await send({'type': 'http.response.start', 'status': 200, 'headers': [(b'content-length', b'2')]})
    await send({'type': 'http.response.body', 'body': b'ok'})
`;

interface Case {
  readonly run: string;
  readonly drain?: object;
  readonly client?: object;
  readonly server?: object;
}

function suite(rig: Rig, cases: Readonly<Record<string, Case>>): void {
  rig.write('server.mjs', NODE);
  rig.write('wsgi.py', WSGI);
  rig.write('asgi.py', ASGI);
  rig.write('small.txt', 'ok');
  rig.config({
    components: Object.fromEntries(
      Object.entries(cases).map(([name, { run, drain, client, server }]) => [
        name,
        {
          kind: 'http',
          server: { run, port: 0, grace: '500ms', ...server },
          client: { kind: 'load', connections: 4, ...client },
          drain: { after: '200ms', within: '10s', ...drain },
        },
      ]),
    ),
  });
}

async function run(rig: Rig) {
  const { code, stdout } = await rig.run(['--keep-going', '--jobs', '3', ...JSON_REPORT]);
  const report = rig.report();
  expect(processesOfRun(report.run)).toEqual([]);
  return { code, stdout, of: (name: string) => componentOf(report, name) };
}

const node = (manner: string): string => `${process.execPath} server.mjs ${manner}`;

test('of a server of Node that ends as it should, and others that do not', async () => {
  await using rig = await Rig.create();
  suite(rig, {
    right: { run: node('right') },
    workers: { run: node('right'), client: { workers: 2, rate: 200 } },
    wrong: { run: node('wrong') },
    deaf: { run: node('deaf'), drain: { within: '600ms' } },
    single: { run: node('deaf'), drain: { restart: true, within: '300ms' } },
    idle: { run: node('right'), client: { rate: 0.1 }, drain: { after: '500ms' } },
  });
  const { code, stdout, of } = await run(rig);
  expect(code, stdout).toBe(1);
  for (const name of ['right', 'workers']) expect(of(name).verdict, stdout).toBe('passed');

  const wrong = of('wrong');
  expect(codesOf(wrong)).toEqual(expect.arrayContaining(['request-lost', 'exit-code']));
  const { evidence = [], count, message } = findingOf(wrong, 'request-lost');
  expect(count).toBeGreaterThan(0);
  expect(message).toMatch(/that it had accepted .+; the first \d+ ms after SIGTERM: GET \/ was not answered/);
  expect(evidence[0]).toMatch(/^SIGTERM to server \(pid \d+\) after 200 ms of load, \d requests? in flight$/);
  expect(evidence.join('\n')).toMatch(/\+\d.* {2}lost: GET \/ was not answered: .+ \(sent at [+−]\d/);
  expect(evidence.join('\n')).toMatch(/\+\d.* {2}server exited with code 3/);
  expect(findingOf(wrong, 'exit-code')).toMatchObject({ exitCode: 3, signal: null });

  const deaf = of('deaf');
  expect(codesOf(deaf)).toEqual(expect.arrayContaining(['not-drained', 'connection-kept']));
  expect(findingOf(deaf, 'connection-kept').count).toBe(4);
  expect(findingOf(deaf, 'not-drained').hint).toContain('Connection: close');

  expect(codesOf(of('single'))).toContain('not-restarted');
  expect(of('idle').verdict, stdout).toBe('inconclusive');
  expect(codesOf(of('idle'))).toContain('drain-unproven');
});

test.skipIf(NGINX === undefined && mayLack)(
  'nginx: SIGQUIT is graceful, SIGTERM is not, and SIGHUP restarts it',
  async () => {
    await using rig = await Rig.create();
    const client = { path: '/small.txt' };
    const start = (name: string): string => startSlowly(rig, name);
    suite(rig, {
      quit: { run: start('quit'), client, drain: { signal: 'SIGQUIT' } },
      term: { run: start('term'), client },
      hup: { run: start('hup'), client, drain: { restart: true } },
    });
    const { stdout, of } = await run(rig);
    expect(of('quit').verdict, stdout).toBe('passed');
    expect(of('hup').verdict, stdout).toBe('passed');
    expect(findingOf(of('term'), 'request-lost').message).toContain(
      'was not answered: the server closed the connection',
    );
  },
);

test.skipIf((GUNICORN === undefined || !UVICORN) && mayLack)('gunicorn and uvicorn', async () => {
  await using rig = await Rig.create();
  suite(rig, {
    gunicorn: { run: `${GUNICORN} --workers 1 --threads 8 --bind 127.0.0.1:$PORT wsgi:app` },
    uvicorn: { run: `${PYTHON} -m uvicorn --port $PORT --log-level warning asgi:app` },
  });
  const { code, stdout } = await run(rig);
  expect(code, stdout).toBe(0);
});
