/** Real daemons as services of a suite: by what each is found to be ready, and how each expects to be ended. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findProgram } from '../../src/files/find-program.ts';
import { selfSigned } from '../rig/certificates.ts';
import { NGINX, nginxFolders } from '../rig/nginx.ts';
import { processesOfRun } from '../rig/processes.ts';
import { Rig, TOOLS } from '../rig/rig.ts';
import { JSON_REPORT } from '../rig/services.ts';
import { inTurn } from '../rig/thorough.ts';

const REDIS = findProgram('redis-server', process.env.PATH ?? '');

const nginxConf = (dir: string): string => `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${dir}/nginx.pid;
error_log stderr;
events { worker_connections 64; }
http {
  access_log off;
  ${nginxFolders(dir)}
  server {
    listen 127.0.0.1:PORT ssl;
    ssl_certificate ${dir}/cert.pem;
    ssl_certificate_key ${dir}/key.pem;
    location = /health { return 204; }
  }
}
`;

/** Runs a suite of one service, `daemon`, and a component that uses it; nothing of it may be left. */
async function tryService(rig: Rig, service: object, use: string) {
  rig.config({
    services: { daemon: service },
    components: { use: { kind: 'command', run: use, needs: ['daemon'] } },
  });
  const { code, stdout } = await rig.start([...JSON_REPORT]).exit();
  const report = rig.report();
  expect(code, stdout).toBe(0);
  expect(report.notes).toEqual([]);
  expect(report.services).toMatchObject([{ name: 'daemon', outcome: 'ended', findings: [] }]);
  expect(processesOfRun(report.run)).toEqual([]);
}

const TRUST: [string, object][] = [
  ['a certificate that is trusted', { ca: 'cert.pem' }],
  ['a certificate that is not looked at', { insecure: true }],
];

test.skipIf(NGINX === undefined).each(inTurn(TRUST))(
  'nginx by TLS, with %s, ended by SIGQUIT, which lets it answer what it is at',
  async (_, trust) => {
    await using rig = await Rig.create();
    const [certificate, key] = selfSigned();
    rig.write('cert.pem', certificate);
    rig.write('key.pem', key);
    rig.write('nginx.conf.in', nginxConf(rig.dir));
    const start = `sed "s/PORT/$PORT/" nginx.conf.in >nginx.conf && exec ${NGINX} -p ${rig.dir} -c nginx.conf`;
    const ready = { https: '/health', status: 204, ...trust };
    await tryService(
      rig,
      { run: start, port: 0, ready, stop: { signal: 'SIGQUIT', to: 'leader' } },
      'case "$DAEMON_URL" in https://*) curl --fail --silent --insecure "$DAEMON_URL/health";; *) exit 1;; esac',
    );
  },
);

const REDIS_LINE = 'exec redis-server --save "" --appendonly no --loglevel warning';

const REDISES: [string, object, string][] = [
  [
    'on a port, ended by SIGTERM',
    { run: `${REDIS_LINE} --port $PORT`, port: 0 },
    'redis-cli -p $DAEMON_PORT set greeting hello',
  ],
  [
    'on a port, ended by its own client',
    { run: `${REDIS_LINE} --port $PORT`, port: 0, stop: { command: 'redis-cli -p $PORT shutdown nosave' } },
    'redis-cli -p $DAEMON_PORT ping',
  ],
  [
    'at a socket in the file system',
    { run: `${REDIS_LINE} --port 0 --unixsocket redis.sock`, ready: { unix: 'redis.sock' } },
    'redis-cli -s redis.sock ping',
  ],
];

test.skipIf(REDIS === undefined).each(inTurn(REDISES, 2))('redis %s', async (_, service, use) => {
  await using rig = await Rig.create();
  await tryService(rig, service, use);
});

const WSGI = `def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [b'hello']
`;

// Each has a leader that forks workers, which the signal must not reach on its own.
test.each([
  ['gunicorn', 'gunicorn --workers 2 --bind 127.0.0.1:$PORT app:application', 'SIGTERM'],
  // SIGTERM makes it load the application again.
  [
    'uwsgi_python3',
    'uwsgi_python3 --http-socket 127.0.0.1:$PORT --master --processes 2 --wsgi-file app.py',
    'SIGINT',
  ],
])('%s with workers, ended by the signal that it expects', async (program, line, signal) => {
  if (findProgram(program, process.env.PATH ?? '') === undefined) {
    console.warn(`SKIPPED: ${program} is not installed`);
    return;
  }
  await using rig = await Rig.create();
  rig.write('app.py', WSGI);
  await tryService(
    rig,
    { run: `exec ${line}`, port: 0, ready: { http: '/' }, stop: { signal, to: 'leader', grace: '60s' } },
    'curl --fail --silent "$DAEMON_URL/"',
  );
});

test('esbuild, which serves until its input ends', async () => {
  await using rig = await Rig.create();
  rig.write('www/index.html', '<p>hello</p>');
  const start = `exec ${join(TOOLS, 'esbuild')} --servedir=www --serve=127.0.0.1:$PORT`;
  await tryService(
    rig,
    { run: start, port: 0, stdin: 'open', ready: { http: '/' } },
    'curl --fail --silent "$DAEMON_URL/index.html"',
  );
});
