/** Faults between services and their users, with real clients, and what becomes of the proxy. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProxyReport } from '../../src/core/http-fault.ts';
import { isAlive, processTable, readProcess } from '../../src/process/system/proc.ts';
import { selfSigned } from '../rig/certificates.ts';
import { type FakeCommand, Rig } from '../rig/rig.ts';
import { codesOf, componentOf, findingOf, JSON_REPORT } from '../rig/services.ts';
import { inTurn, isThorough } from '../rig/thorough.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
});
afterEach(() => rig[Symbol.asyncDispose]());

const SERVER = `
import { createServer } from 'node:http';
let count = 0;
const server = createServer((request, response) => {
  count += 1;
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ count, sent: Buffer.concat(chunks).toString(), url: request.url }));
  });
});
server.listen(process.env.PORT, 'localhost');
`;

interface Suite {
  readonly client: unknown;
  readonly via: unknown;
  readonly server?: object;
  readonly files?: Readonly<Record<string, string>>;
  readonly more?: object;
}

/** Runs a component with faults; its part of the report, and what the proxy saw. */
async function run({ client, via, server, files = {}, more }: Suite) {
  rig.write('server.mjs', SERVER);
  for (const [name, content] of Object.entries(files)) rig.write(name, content);
  rig.config({
    components: {
      http: { kind: 'http', server: { run: 'node server.mjs', port: 0, ...server }, client, via, ...more },
    },
  });
  const started = rig.start([...JSON_REPORT]);
  const { code } = await started.exit();
  const component = componentOf(rig.report());
  const event = started.journal().findLast((each) => each.type === 'proxy-finished');
  const report: ProxyReport | undefined = event?.type === 'proxy-finished' ? event.report : undefined;
  return { code, component, report };
}

const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

const hasRequests = (): boolean => spawnSync('python3', ['-c', 'import requests']).status === 0;

describe('real clients meet the fault', () => {
  const NODE = `const { status } = await fetch(\`http://localhost:\${process.env.PORT}/a\`);
process.exit(status === 503 ? 0 : 1);`;
  const PYTHON = `import os, urllib.request, urllib.error
try:
    urllib.request.urlopen(f"http://localhost:{os.environ['PORT']}/a")
    raise SystemExit(1)
except urllib.error.HTTPError as error:
    assert error.code == 503 and b'"count"' in error.read()
`;
  test.for(
    inTurn<readonly [program: string, client: string]>(
      [
        [
          'curl',
          'test "$(curl -s -o out.txt -w "%{http_code}" http://localhost:$PORT/a)" = 503 && grep -q count out.txt',
        ],
        [
          'curl',
          'curl -s -d "$(head -c 100000 /dev/zero | tr "\\\\0" x)" -H "Expect: 100-continue" -o /dev/null -w "%{http_code}" http://127.0.0.1:$PORT/ | grep -q 503',
        ],
        ['node', 'node client.mjs'],
        ['python3', 'python3 client.py'],
        ['wrk', 'wrk -c4 -t1 -d1s http://localhost:$PORT/ | grep -q "Non-2xx"'],
      ],
      4,
    ),
  )('%s: %s', async ([program, client], { skip }) => {
    skip(!has(program), `${program} is not installed`);
    const { component, report } = await run({
      client,
      via: { status: 503 },
      files: { 'client.mjs': NODE, 'client.py': PYTHON },
    });
    expect(codesOf(component)).toEqual([]);
    expect(report?.changed).toBe(report?.answers);
    expect(report?.changed).toBeGreaterThan(0);
    expect(report?.bypassed).toEqual({ connections: 0 });
  });

  /** It passes if both answers are the service's own, with status 503, and came on one connection. */
  const meetsIt = async (client: unknown, files: Suite['files']): Promise<void> => {
    const { component, report } = await run({ client, via: { status: 503 }, ...(files && { files }) });
    expect(codesOf(component)).toEqual([]);
    expect(report).toMatchObject({ connections: 1, answers: 2, changed: 2, bypassed: { connections: 0 } });
  };

  test.runIf(isThorough)('requests of Python, with a session', async ({ skip }) => {
    skip(!hasRequests(), 'requests is not installed for python3');
    const client = `import os, requests
with requests.Session() as session:
    session.trust_env = False
    for count in (1, 2):
        answer = session.post(f"http://localhost:{os.environ['PORT']}/a", data='x' * 100000)
        assert answer.status_code == 503 and answer.json()['sent'] == 'x' * 100000, answer
`;
    await meetsIt('python3 requester.py', { 'requester.py': client });
  });

  test.runIf(isThorough)('net/http of Go', async ({ skip }) => {
    skip(!has('go'), 'go is not installed');
    rig.write(
      'client.go',
      `package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
)

func main() {
	for range [2]int{} {
		answer, err := http.Post("http://localhost:"+os.Getenv("PORT")+"/a", "text/plain", strings.NewReader(strings.Repeat("x", 100000)))
		if err != nil {
			panic(err)
		}
		var body struct{ Sent string }
		err = json.NewDecoder(answer.Body).Decode(&body)
		if rest, _ := fmt.Fscan(answer.Body); rest > 0 || err != nil || answer.StatusCode != 503 || len(body.Sent) != 100000 {
			panic(fmt.Sprint(answer.Status, err))
		}
		answer.Body.Close()
	}
}
`,
    );
    const env = { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '' };
    const built = spawnSync('go', ['build', '-o', 'client', 'client.go'], {
      ...{ cwd: rig.dir, env, encoding: 'utf8' },
    });
    expect(built.stderr).toBe('');
    await meetsIt('./client', {});
  });

  test.runIf(isThorough)('the built-in client', async () => {
    const { component, report } = await run({
      client: { kind: 'load', requests: 40, connections: 2 },
      via: { status: 503, every: 20 },
    });
    expect(findingOf(component, 'unexpected-response')).toMatchObject({ count: 2 });
    expect(report).toMatchObject({ answers: 40, requests: 40, changed: 2, connections: 2 });
  });

  test('HTTP/2 passes, with faults of connections alone, and it is said', async () => {
    const server = `import { createServer } from 'node:http2';
createServer((_, response) => response.end('ok')).listen(process.env.PORT, 'localhost');`;
    const client = `import { connect } from 'node:http2';
const session = connect(\`http://localhost:\${process.env.PORT}\`);
const request = session.request({ ':path': '/' });
request.on('response', (headers) => { process.exitCode = headers[':status'] === 200 ? 0 : 1; session.close(); });
request.resume();`;
    const { component, report } = await run({
      client: 'node client.mjs',
      via: [{ latency: '1ms' }, { status: 503 }],
      server: { run: 'node http2.mjs' },
      files: { 'http2.mjs': server, 'client.mjs': client },
    });
    expect(findingOf(component, 'fault-unused')).toMatchObject({
      fault: 'status',
      message: expect.stringContaining('HTTP/2'),
    });
    expect(report?.opaque).toEqual({ tls: 0, http2: 1, upgrades: 0 });
    expect(report?.changedBy[0]).toBeGreaterThan(0);
  });
});

describe('TLS passes, with faults of connections alone, and it is said', () => {
  const server = `import { createServer } from 'node:https';
import { readFileSync } from 'node:fs';
const [key, cert] = ['key.pem', 'cert.pem'].map((name) => readFileSync(name));
createServer({ key, cert }, (_, response) => response.end('ok')).listen(process.env.PORT, 'localhost');`;
  const NODE = `import { get } from 'node:https';
get({ port: process.env.PORT, host: 'localhost', rejectUnauthorized: false }, (response) => {
  process.exitCode = response.statusCode === 200 ? 0 : 1;
  response.resume();
});`;
  const CURL = 'curl --insecure --silent --show-error --fail https://localhost:$PORT/';
  const files = (): Readonly<Record<string, string>> => {
    const [cert, key] = selfSigned();
    return { 'https.mjs': server, 'client.mjs': NODE, 'key.pem': key, 'cert.pem': cert };
  };

  const clients = [
    ['curl', CURL],
    ['node', 'node client.mjs'],
  ] as const;
  test.for(inTurn(clients))('with %s', async ([program, client], { skip }) => {
    skip(!has(program), `${program} is not installed`);
    const { code, component, report } = await run({
      client,
      via: [{ latency: '1ms' }, { status: 503 }],
      server: { run: 'node https.mjs' },
      files: files(),
    });
    expect(code).toBe(3);
    expect(findingOf(component, 'fault-unused')).toMatchObject({
      fault: 'status',
      message: expect.stringContaining('TLS'),
    });
    expect(codesOf(component)).toEqual(['fault-unused']);
    expect(report).toMatchObject({ opaque: { tls: 1, http2: 0, upgrades: 0 }, seen: [] });
    expect(report?.changedBy[0]).toBeGreaterThan(0);
  });

  test.runIf(isThorough)('in a proof', async ({ skip }) => {
    skip(!has('curl'), 'curl is not installed');
    for (const [name, content] of Object.entries(files())) rig.write(name, content);
    const http = { kind: 'http', server: { run: 'node https.mjs', port: 0 }, client: CURL };
    const prove = async (more: object, faults: readonly string[]) => {
      rig.config({ components: { http: { ...http, ...more } } });
      return rig.start(['prove', '--fresh', ...faults.flatMap((fault) => ['--fault', fault])]).exit();
    };
    const tried = ['reset', 'server-dies'];
    const { code, stdout } = await prove({}, [...tried, 'status-500']);
    expect(code).toBe(0);
    for (const fault of tried) expect(stdout).toMatch(new RegExp(`${fault} +✓ proved`));
    expect(stdout).toMatch(/status-500 +○ not reached +the proxy passes TLS through: only faults of/);
    expect(stdout).toMatch(/^PROVED {2}2 of 2; 1 more not reached/m);
    // Unless it is demanded.
    expect((await prove({ prove: { demand: ['status-500'] } }, ['reset', 'status-500'])).code).toBe(3);
  });
});

describe('ports', () => {
  const PASSES = 'node client.mjs';
  const files = {
    'client.mjs': `const url = process.argv[2] ?? process.env.URL ?? \`http://localhost:\${process.env.SERVER_PORT}\`;
const { status } = await fetch(url);
process.exit(status === 503 ? 0 : 1);`,
  };

  test.each(
    inTurn(
      [
        [
          'a fixed port in the line of the client',
          (port: number) => ({ client: `${PASSES} http://localhost:${port}/a` }),
        ],
        [
          'a fixed port in its arguments',
          (port: number) => ({ client: ['node', 'client.mjs', `http://localhost:${port}/`] }),
        ],
        ['the variable of the service', () => ({ client: PASSES })],
        ['an argument', () => ({ client: ['node', 'client.mjs', 'http://localhost:$PORT/'] })],
      ],
      8,
    ),
  )('the client gets that of the proxy by %s', async (_, of) => {
    const port = await rig.freePort();
    const { component } = await run({ ...of(port), via: { status: 503 }, server: { port }, files });
    expect(codesOf(component)).toEqual([]);
  });

  test('a client that goes past the proxy is seen, and the fault counts as unused', async () => {
    const port = await rig.freePort();
    const { code, component, report } = await run({
      client: 'node direct.mjs',
      via: { status: 503 },
      server: { port },
      files: {
        // Nothing in it is what a proxy could take the place of.
        'direct.mjs': `const response = await fetch(\`http://localhost:\${${port - 1} + 1}/\`);
process.exit(response.ok ? 0 : 1);`,
      },
    });
    expect(code).toBe(3);
    expect(report).toMatchObject({ connections: 0, bypassed: { connections: 1 } });
    expect(findingOf(component, 'fault-unused').hint).toContain(`connected to port ${port} directly`);
  });

  test.runIf(isThorough)('services get that of the proxy, and the client does not', async () => {
    rig.write('server.mjs', SERVER);
    rig.write(
      'api.mjs',
      `import { createServer } from 'node:http';
createServer(async (_, response) => {
  const { status } = await fetch(\`http://localhost:\${process.env.STORE_PORT}/\`);
  response.end(String(status));
}).listen(process.env.PORT, 'localhost');`,
    );
    rig.write(
      'client.mjs',
      `const ask = async (port) => fetch(\`http://localhost:\${port}/\`);
const through = await (await ask(process.env.PORT)).text();
const own = (await ask(process.env.STORE_PORT)).status;
process.exit(through === '503' && own === 200 ? 0 : 1);`,
    );
    rig.config({
      components: {
        http: {
          kind: 'http',
          services: {
            store: { run: 'node server.mjs', port: 0, via: { status: 503 } },
            api: { run: 'node api.mjs', port: 0, needs: ['store'] },
          },
          client: 'node client.mjs',
        },
      },
    });
    const started = rig.start([...JSON_REPORT]);
    await started.exit();
    expect(codesOf(componentOf(rig.report()))).toEqual([]);
    const events = started.journal().filter(({ type }) => type === 'proxy-finished');
    expect(events).toMatchObject([{ service: 'store', user: 'services', report: { changed: 1 } }]);
  });
});

describe('a service of the suite', () => {
  const API = `import { createServer } from 'node:http';
createServer(async (_, response) => {
  const { status } = await fetch(process.env.STORE_URL);
  response.end(\`store \${status}\`);
}).listen(process.env.PORT, 'localhost');`;

  test('has its faults before everybody who needs it, and a client may have its own as well', async () => {
    rig.write('server.mjs', SERVER);
    rig.write('api.mjs', API);
    rig.config({
      services: {
        store: { run: 'node server.mjs', port: 0, ready: { http: '/', status: 200 }, via: { status: 503 } },
        api: { run: 'node api.mjs', port: 0, needs: ['store'], via: { status: 501 } },
      },
      components: {
        direct: { kind: 'command', run: 'curl -si $STORE_URL | grep "HTTP/1.1 503"', needs: ['store'] },
        through: {
          kind: 'http',
          use: 'api',
          via: { status: 502 },
          client:
            'curl -si http://localhost:$PORT > out.txt; curl -si $API_URL >> out.txt; grep -c "HTTP/1.1 502" out.txt | grep 2; grep "store 503" out.txt',
        },
      },
    });
    const run = rig.start(['--jobs', '1', ...JSON_REPORT]);
    expect(await run.exit()).toMatchObject({ code: 0 });
    const events = run.journal().filter(({ type }) => type === 'proxy-finished');
    expect(events).toMatchObject([
      { component: 'through', service: 'api', user: 'client', report: { changed: 2 } },
      { component: 'shared:api', service: 'api', user: 'all', report: { changed: 2 } },
      { component: 'shared:store', service: 'store', user: 'all', report: { changed: 3 } },
    ]);
    expect(run.stdout).toMatch(/ store .*ready on port \d+, behind faults: status 503\n/);
    const plan = rig.start(['plan']);
    await plan.exit();
    expect(plan.stdout).toContain('service store: node server.mjs, behind a proxy: status 503\n');
  });

  test.runIf(isThorough)(
    'one that nobody has met is told, and the end of the proxy is not the fault of those who use it',
    async () => {
      const client = rig.command();
      rig.write('server.mjs', SERVER);
      rig.config({
        services: {
          idle: { run: 'node server.mjs', port: 0, via: { status: 503 } },
          store: { run: 'node server.mjs', port: 0, via: { status: 503 } },
        },
        components: { use: { kind: 'command', run: client.line, needs: ['store', 'idle'] } },
      });
      const run = rig.start(['--ownership', 'finders', ...JSON_REPORT]);
      await client.invocation();
      const proxy = run
        .journal()
        .find((each) => each.type === 'process-started' && each.step === 'proxy of store');
      if (proxy?.type !== 'process-started') throw new Error('no proxy was started');
      process.kill(programOf(proxy.pid), 'SIGKILL');
      expect(await run.exit()).toMatchObject({ code: 3 });
      expect(codesOf(componentOf(rig.report(), 'use'))).toEqual(['machine-trouble']);
      const ended = run.journal().flatMap((each) => (each.type === 'shared-finished' ? each : []));
      const codes = Object.fromEntries(
        ended.map(({ shared, findings }) => [shared, findings.map(({ code }) => code)]),
      );
      expect(codes).toEqual({ idle: ['fault-unused'], store: ['machine-trouble'] });
      expect(rig.alive()).toEqual([]);
    },
  );
});

const lineOf = (pid: number): readonly string[] => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
  } catch {
    return [];
  }
};

/** Where a proxy is started through others, such as those that make a namespace: the one that is a proxy. */
function programOf(pid: number): number {
  const isProgram = (each: number): boolean => lineOf(each)[1]?.endsWith('harness-proxy.js') === true;
  if (isProgram(pid)) return pid;
  const children = processTable().filter(({ parent }) => parent === pid);
  const found = children.map((child) => programOf(child.pid)).find(isProgram);
  return found ?? pid;
}

describe('the proxy itself', () => {
  /** The proxy of this test: the one that runs under its rig. */
  const mine = (run: { journal(): readonly { type: string }[] }): number => {
    const event = run
      .journal()
      .find((each) => each.type === 'process-started' && 'step' in each && each.step === 'proxy') as
      | { readonly pid: number }
      | undefined;
    if (event === undefined) throw new Error('no proxy was started');
    return event.pid;
  };

  const configure = ({ line }: FakeCommand): void => {
    rig.write('server.mjs', SERVER);
    const server = { run: 'node server.mjs', port: 0 };
    rig.config({ components: { http: { kind: 'http', server, client: line, via: { hang: true } } } });
  };

  test.for(inTurn(['finders', undefined]))(
    'is never to blame on the client when it is killed: %s',
    async (tier) => {
      const client = rig.command();
      configure(client);
      const run = rig.start([...(tier === undefined ? [] : ['--ownership', tier]), ...JSON_REPORT]);
      await client.invocation();
      process.kill(programOf(mine(run)), 'SIGKILL');
      const { code } = await run.exit();
      expect(code).toBe(3);
      expect(codesOf(componentOf(rig.report()))).toEqual(['machine-trouble']);
      expect(rig.alive()).toEqual([]);
    },
  );

  test('ends with Shakedown when that is killed', async () => {
    const client = rig.command();
    configure(client);
    const run = rig.start(['--ownership', 'finders']);
    await client.invocation();
    const proxy = readProcess(mine(run));
    if (proxy === undefined) throw new Error('there is no proxy');
    run.kill('SIGKILL');
    await run.exit();
    while (isAlive(proxy)) await new Promise((done) => setImmediate(done));
    expect(isAlive(proxy)).toBe(false);
  });

  test.runIf(isThorough)('tells what it saw also when the time is up', async () => {
    const { component, report } = await run({
      client: 'node client.mjs',
      via: { hang: true },
      files: { 'client.mjs': 'await fetch(`http://localhost:${process.env.PORT}/`);' },
      more: { timeout: '5s' },
    });
    expect(codesOf(component)).toEqual(['timeout']);
    expect(report?.changed).toBe(1);
  });
});

test.runIf(isThorough)('a service that a fault kills has died, and nothing of it is left', async () => {
  const client = `const url = \`http://localhost:\${process.env.PORT}/\`;
for (let i = 0; i < 6; i += 1) await (await fetch(url)).text();`;
  rig.write('server.mjs', SERVER);
  rig.write('client.mjs', client);
  rig.config({
    components: {
      http: { kind: 'http', server: { run: 'node server.mjs', port: 0 }, client: 'node client.mjs' },
    },
  });
  const { code, stdout } = await rig.start(['prove', '--fault', 'server-dies']).exit();
  expect(stdout).toMatch(/server-dies +✓ proved +server was killed by SIGKILL/);
  expect(code).toBe(0);
});

test('in a folder of scripts, the server keeps its port, and the client gets that of the proxy as its argument', async () => {
  const port = await rig.freePort();
  const server = `require('node:http').createServer((_, response) => response.end('ok')).listen(${port}, 'localhost');`;
  const client = `fetch(\`http://localhost:\${process.argv[2]}/\`).then((response) => process.exit(response.ok ? 0 : 1));`;
  rig.write('http', `#!/usr/bin/env node\n${server}`, 0o755);
  rig.write('client', `#!/usr/bin/env node\n${client}`, 0o755);
  const { stdout } = await rig
    .start(['prove', '--dir', '.', '--port', String(port), '--fault', 'status-500'])
    .exit();
  expect(stdout).toMatch(/status-500 +✓ proved/);
});

test('a plan tells of the proxy', async () => {
  rig.write('server.mjs', SERVER);
  rig.config({
    components: {
      http: {
        kind: 'http',
        server: { run: 'node server.mjs', port: 0 },
        client: 'true',
        via: [{ status: 503, first: 2 }, { reset: '1 in 50' }],
      },
    },
  });
  const run = rig.start(['plan']);
  await run.exit();
  expect(run.stdout).toContain(
    'put a proxy between the client and server: status 503 (first 2), reset (1 in 50)',
  );
});
