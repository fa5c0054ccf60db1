/** Proofs of suites whose server and client both insist on a port: the client runs in a network of its own. */
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Clock } from '../../src/core/clock.ts';
import { findProgram } from '../../src/files/find-program.ts';
import { tryTiers } from '../../src/process/ownership/tiers/choose.ts';
import { isAlive, processTable, readProcess, sight } from '../../src/process/system/proc.ts';
import { AS_USER, permitsNetworks } from '../rig/network-namespaces.ts';
import { Rig, type ShakedownRun } from '../rig/rig.ts';
import { inTurn, isThorough } from '../rig/thorough.ts';

const isPermitted = permitsNetworks() || permitsNetworks(AS_USER);
const tiers = (await tryTiers(new Clock())).filter(({ permitted }) => permitted).map(({ tier }) => tier);

let rig: Rig;
let port: number;
beforeEach(async () => {
  rig = await Rig.create();
  port = await rig.freePort();
});
afterEach(() => rig[Symbol.asyncDispose]());

/** Its port is written into it, and nothing in the config is what a proxy could take the place of. */
const serverOn = (host: string): string => `
require('node:http').createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ url: request.url, price: 250 }));
}).listen(${port}, '${host}');
`;

/** Asks by one connection that is kept alive, and checks all that it gets. */
const CLIENT = (): string => `
const http = require('node:http');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const ask = (path) => new Promise((done, fail) => {
  const request = http.get({ host: 'localhost', port: ${port}, path, agent, timeout: 5000 }, (response) => {
    let text = '';
    response.on('data', (chunk) => { text += chunk; });
    response.on('error', fail);
    response.on('end', () => done({ status: response.statusCode, text, isReused: request.reusedSocket }));
  });
  request.on('timeout', () => request.destroy(new Error('no answer')));
  request.on('error', fail);
});
(async () => {
  for (const path of ['/a', '/b', '/c', '/d']) {
    const { status, text, isReused } = await ask(path);
    const { url, price } = JSON.parse(text);
    if (status !== 200 || url !== path || price !== 250) throw new Error('unexpected: ' + status + ' ' + text);
    if (isReused !== (path !== '/a')) throw new Error('the connection was not kept alive');
  }
  agent.destroy();
})();
`;

interface Parts {
  readonly server?: string;
  readonly client?: string;
  readonly more?: object;
}

function suite({ server = serverOn('127.0.0.1'), client = CLIENT(), more = {} }: Parts = {}): void {
  rig.write('server.cjs', server);
  rig.write('client.cjs', client);
  rig.config({
    components: {
      http: { kind: 'http', server: { run: 'node server.cjs', port }, client: 'node client.cjs', ...more },
    },
  });
}

const prove = (faults: readonly string[], flags: readonly string[] = [], env = {}): ShakedownRun =>
  rig.start(['prove', ...flags, ...faults.flatMap((fault) => ['--fault', fault])], env);

describe.skipIf(!isPermitted)('in a network of its own', () => {
  test('a client with its port written into it meets every fault', async () => {
    suite();
    // The client hangs for five seconds.
    const faults = inTurn(['status-500', 'hang', 'wrong-value', 'truncated-body', 'empty-body', 'reset'], 5);
    const { code, stdout } = await prove([...faults, 'server-dies', 'never-ready']).exit();
    for (const fault of faults) expect(stdout).toMatch(new RegExp(`${fault} +✓ proved +client exited`));
    expect(stdout).toMatch(/server-dies +✓ proved +server was killed by SIGKILL/);
    expect(stdout).toMatch(/never-ready +✓ proved/);
    expect(code).toBe(0);
    expect(rig.exists('.shakedown/latest/trials')).toBe(false);
  });

  test.runIf(isThorough)(
    'in a folder of scripts, a blind one is called blind, also where the server is on ::1 alone',
    async () => {
      const blind = `fetch('http://[::1]:${port}/').then((answer) => answer.text());`;
      rig.write('http', `#!/usr/bin/env node\n${serverOn('::1')}`, 0o755);
      rig.write('client', `#!/usr/bin/env node\n${blind}`, 0o755);
      const run = prove(['status-500', 'reset'], ['--dir', '.', '--port', String(port)]);
      const { code, stdout } = await run.exit();
      expect(stdout).toMatch(/status-500 +✗ BLIND +every answer was 500 \(1 of 1\), and client passed/);
      expect(stdout).toMatch(/reset +✓ proved +client exited/);
      expect(code).toBe(1);
    },
  );

  test.runIf(isThorough)(
    'it reaches the other services of its component, and is the same as ever',
    async () => {
      const other = await rig.freePort();
      suite({
        client: `require('node:fs').appendFileSync('seen', JSON.stringify(
  [process.getuid(), process.getgid(), process.cwd(), process.argv.slice(2), process.env.SAID]) + '\\n');
fetch('http://127.0.0.1:${other}/').then((answer) => {
  if (answer.status !== 204) throw new Error('the other one answered ' + answer.status);
});${CLIENT()}`,
        more: {
          client: "node client.cjs 'a b' ''",
          env: { SAID: 'so' },
          services: {
            other: {
              run: `node -e "require('http').createServer((_, a) => { a.statusCode = 204; a.end(); }).listen(${other}, '127.0.0.1')"`,
              port: other,
            },
          },
        },
      });
      const { code, stdout } = await prove(['status-500']).exit();
      expect(stdout).toMatch(/status-500 +✓ proved +client exited with code 1: Error: unexpected: 500/);
      expect(code).toBe(0);
      const seen = rig.read('seen').trim().split('\n');
      // The baseline, two controls, and the fault.
      expect(seen).toHaveLength(4);
      expect(new Set(seen).size).toBe(1);
    },
  );

  test.runIf(isThorough)('so it does where the service is one of the suite', async () => {
    const db = await rig.freePort();
    const run = (name: string, at: number) => {
      rig.write(`${name}.cjs`, serverOn('127.0.0.1').replace(String(port), String(at)));
      return { run: `node ${name}.cjs`, port: at };
    };
    const asked = `fetch('http://127.0.0.1:${db}/').then((answer) => { if (!answer.ok) throw new Error('the database'); });`;
    rig.write('client.cjs', `${asked}${CLIENT()}`);
    rig.config({
      services: { api: run('api', port), db: run('db', db) },
      components: { http: { kind: 'http', use: 'api', needs: ['db'], client: 'node client.cjs' } },
    });
    const { code, stdout } = await prove(['status-500', 'server-dies', 'never-ready']).exit();
    expect(stdout).toMatch(/status-500 +✓ proved +client exited with code 1: Error: unexpected: 500/);
    expect(stdout).toMatch(/server-dies +✓ proved +api was killed by SIGKILL/);
    expect(stdout).toMatch(/never-ready +✓ proved +api was not ready within/);
    expect(code).toBe(0);
  });

  test.runIf(isThorough)(
    'it is said what a client could not reach from there, and nobody is called blind',
    async () => {
      const elsewhere = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
      await once(elsewhere, 'listening');
      const address = elsewhere.address();
      const away = typeof address === 'object' ? address?.port : 0;
      suite({
        client: `require('node:net').connect(${away}, '127.0.0.1').on('connect', function () { this.destroy(); });${CLIENT()}`,
      });
      const { code, stdout } = await prove(['status-500']).exit();
      elsewhere.close();
      expect(stdout).toMatch(
        /status-500: the client talks to server past the proxy, and fails in a network namespace of its own: client exited with code 1: .*ECONNREFUSED/,
      );
      expect(stdout).toContain('or make what it needs there a service of the suite');
      expect(code).toBe(3);
    },
  );

  test.each(inTurn(tiers))('with ownership by %s, nothing outlives a killed Shakedown', async (tier) => {
    const client = rig.command();
    suite({ more: { client: `node client.cjs && ${client.line}` } });
    const run = prove(['status-500'], ['--ownership', tier]);
    for (let time = 0; time < 2; time += 1) await (await client.invocation()).exit(0);
    const last = await client.invocation();
    const [inside] = insideOf(run);
    if (inside === undefined) throw new Error('there is nobody inside');
    run.kill('SIGKILL');
    await run.exit();
    await last.gone;
    while (isAlive(inside) || rig.alive().length > 0 || !(await rig.isFree(port)))
      await new Promise((done) => setTimeout(done, 5));
  });
});

/** The processes that keep the networks of a run. */
function insideOf({ pid }: ShakedownRun) {
  const isOf = (each: number): boolean => each === pid || (each > 1 && isOf(readProcess(each)?.parent ?? 0));
  return processTable().filter(
    (each) => sight(each).command.includes('harness-proxy-inside.js') && isOf(each.pid),
  );
}

test('where there can be none, it is said why, and what to do', async () => {
  const tools = join(rig.dir, 'tools');
  for (const name of ['node', 'sh', 'env']) {
    rig.write(`tools/.${name}`, '');
    symlinkSync(findProgram(name, process.env.PATH) ?? name, join(tools, name));
  }
  suite();
  const { code, stdout } = await prove([], [], { PATH: tools }).exit();
  for (const fault of ['status-500', 'wrong-value', 'truncated-body', 'empty-body', 'reset', 'server-dies'])
    expect(stdout).toMatch(
      new RegExp(
        `${fault} +\\? not reached +the client talks to server past the proxy, and no network namespace can be made for the client: \`unshare\` \\(util-linux\\) is not installed`,
      ),
    );
  expect(stdout).toContain('→ have the client use the port that it is given: $PORT');
  expect(stdout).toContain('or prove it as root, or where user namespaces are permitted');
  expect(stdout).toMatch(/never-ready +✓ proved/);
  expect(code).toBe(3);
});
