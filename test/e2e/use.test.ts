/** `--use`: components run against what is already there. Who is started, what they are told, and what the reports say of it. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type FakeCommand, type JsonReport, Rig } from '../rig/rig.ts';
import { codesOf, componentOf, JSON_REPORT } from '../rig/services.ts';
import { parseXml } from '../unit/report/xml.ts';

const service = (command: FakeCommand, options: object = {}) => ({ run: command.line, port: 0, ...options });
const user = (command: FakeCommand, needs: readonly string[]) => ({
  kind: 'command',
  run: command.line,
  needs,
});

/** A server that no run has started: it belongs to the test. */
async function serve(answer: RequestListener): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const used = (report: JsonReport) => (report as JsonReport & { used?: unknown }).used;

test('components run against it: it is not started, nor what only it needs, and every report says so', async () => {
  await using rig = await Rig.create();
  const asked: string[] = [];
  await using there = await serve((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.host}`);
    response.end('ok');
  });
  const [db, api, smoke, client] = Array.from({ length: 4 }, () => rig.command());
  if (!db || !api || !smoke || !client) throw new Error('no commands');
  rig.config({
    services: {
      db: service(db),
      api: service(api, { needs: ['db'], ready: { http: '/health', headers: { host: 'api.test' } } }),
    },
    components: {
      smoke: user(smoke, ['api']),
      load: { kind: 'http', use: 'api', client: client.line },
    },
  });
  const url = `http://127.0.0.1:${there.port}/v2`;
  const run = rig.start(['--use', `api=${url}/`, ...JSON_REPORT, '--report', 'junit=junit.xml']);
  const first = await smoke.invocation();
  const address = { API_PORT: String(there.port), API_HOST: '127.0.0.1', API_URL: url };
  expect(first.env).toMatchObject(address);
  await first.exit(0);
  const second = await client.invocation();
  expect(second.env).toMatchObject({ ...address, PORT: String(there.port) });
  await second.exit(0);
  const { code, stdout } = await run.exit();
  expect(code).toBe(0);
  expect([db.unasked, api.unasked]).toEqual([0, 0]);
  expect(asked).toEqual([`GET /v2/health 127.0.0.1:${there.port}`]);
  expect(stdout).toMatch(/USE api at http:\S+\/v2: it is not started, stopped or owned/);
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(`  with api at ${url}, which this run did not start`);
  const report = rig.report();
  expect(used(report)).toEqual([{ name: 'api', url }]);
  expect(report.services).toMatchObject([{ name: 'api', kind: 'external', pid: null, outcome: 'ended' }]);
  const [suite] = parseXml(readFileSync(join(rig.dir, 'junit.xml'), 'utf8')).children;
  expect(suite?.children[0]).toMatchObject({
    name: 'properties',
    children: [{ name: 'property', attributes: { name: 'used.api', value: url } }],
  });
});

test('one that cannot be reached fails who needs it, by its URL and within its time limit; others go on', async () => {
  await using rig = await Rig.create();
  const [api, smoke, other] = Array.from({ length: 3 }, () => rig.command());
  if (!api || !smoke || !other) throw new Error('no commands');
  rig.config({
    services: { api: service(api, { readyTimeout: '1s' }) },
    components: { smoke: user(smoke, ['api']), other: user(other, []) },
  });
  const url = `http://127.0.0.1:${await rig.freePort()}`;
  const run = rig.start(['--keep-going', '--use', `api=${url}`, ...JSON_REPORT]);
  await (await other.invocation()).exit(0);
  expect((await run.exit()).code).toBe(1);
  const report = rig.report();
  const found = componentOf(report, 'smoke');
  expect(codesOf(found)).toEqual(['not-ready']);
  expect(found.findings[0]?.message).toContain(`api could not be reached at ${url} within 1.00 s: `);
  expect(componentOf(report, 'other').verdict).toBe('passed');
  expect([api.unasked, smoke.unasked]).toEqual([0, 0]);
});

test('the built-in client sends below its path, with its credentials, and nothing shows the password', async () => {
  await using rig = await Rig.create();
  const seen = new Set<string>();
  await using there = await serve((request, response) => {
    seen.add(`${request.url} ${request.headers.authorization}`);
    response.end('ok');
  });
  rig.config({
    services: { api: { run: 'exit 1', port: 0, ready: { http: '/health' } } },
    components: {
      load: {
        kind: 'http',
        use: 'api',
        client: { kind: 'load', path: '/items', requests: 20, connections: 2 },
        thresholds: ['errors == 0'],
      },
    },
  });
  const password = 'zq7-hidden-R2';
  const use = ['--use', `api=http://me:${password}@127.0.0.1:${there.port}/v2`];
  const { code, stdout, stderr } = await rig
    .start([...use, ...JSON_REPORT, '--report', 'junit=junit.xml', '--report', 'ndjson=run.ndjson'])
    .exit();
  expect(code, stdout).toBe(0);
  const basic = `Basic ${Buffer.from(`me:${password}`).toString('base64')}`;
  expect([...seen].sort()).toEqual([`/v2/health ${basic}`, `/v2/items ${basic}`]);
  const { code: planned, stdout: plan } = await rig.start(['plan', '--json', ...use]).exit();
  expect(planned).toBe(0);
  const files = ['report.json', 'junit.xml', 'run.ndjson', '.shakedown/latest/journal.ndjson'];
  const logs = [
    '.shakedown/latest/logs/load.log',
    ...[rig.report()].map((report) => componentOf(report, 'load').logFile ?? ''),
  ];
  for (const text of [
    stdout,
    stderr,
    plan,
    ...[...files, ...logs].map((f) => readFileSync(join(rig.dir, f), 'utf8')),
  ])
    for (const hidden of [password, basic.slice(6)]) expect(text).not.toContain(hidden);
});

test('mistakes end with exit code 2; `plan` and `list` show what is used, and `prove` refuses it', async () => {
  await using rig = await Rig.create();
  const [api, smoke] = [rig.command(), rig.command()];
  rig.config({
    services: { api: service(api) },
    components: { smoke: user(smoke, ['api']), free: user(smoke, []) },
  });
  const refused = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await rig.start(args).exit();
    expect(code).toBe(2);
    return stderr;
  };
  expect(await refused('--use', 'apo=http://127.0.0.1:1')).toMatch(
    /no service "apo"[\s\S]*did you mean "api"/,
  );
  expect(await refused('plan', '--use', 'api=127.0.0.1')).toMatch(/"127\.0\.0\.1" is not a URL/);
  expect(await refused('prove', '--use', 'api=http://127.0.0.1:1')).toMatch(
    /breaks the services that it tries[\s\S]*leave it out, and `prove` starts api itself/,
  );
  expect(await refused('list', '--use', 'apo=http://127.0.0.1:1')).toContain('no service "apo"');
  const listed = await rig.start(['list', '--use', 'api=http://me:zq7-hidden@127.0.0.1:1']).exit();
  expect(listed.stdout).toMatch(/\n {2}api +external +at http:\/\/\S*127\.0\.0\.1:1: it is not started\n/);
  expect(listed.stdout).not.toContain('zq7-hidden');
  const { stdout } = await rig.start(['plan', '--use', 'api=http://127.0.0.1:1']).exit();
  expect(stdout).toContain('  use api at http://127.0.0.1:1: it is not started\n');
  const { stderr } = await rig.start(['plan', 'free', '--use', 'api=http://127.0.0.1:1']).exit();
  expect(stderr).toContain('note: --use api changes nothing');
});
