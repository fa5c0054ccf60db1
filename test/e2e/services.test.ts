/** Services: when they are ready, on which port, how they end, and whom a failure is blamed on. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Clock } from '../../src/core/clock.ts';
import type { ComponentContext } from '../../src/kinds/common/context.ts';
import { runLoadClient } from '../../src/kinds/http/load-client.ts';
import { verdictOf } from '../../src/kinds/index.ts';
import { buildLoad } from '../../src/load/options/build.ts';
import { nameInConfig } from '../../src/load/options/mistakes.ts';
import { type Invocation, Rig } from '../rig/rig.ts';
import {
  argvOf,
  codesOf,
  componentOf,
  findingOf,
  holdPort,
  httpSuite,
  JSON_REPORT,
  startForeign,
} from '../rig/services.ts';
import { inTurn, isThorough } from '../rig/thorough.ts';

/** The first line of the output that tells of a component, and those after it. */
function linesFrom(stdout: string, name: string): string[] {
  const lines = stdout.split('\n');
  return lines.slice(lines.findIndex((line) => line.trim().startsWith(`✗ ${name}`)));
}

describe('a service is ready', () => {
  test.for(inTurn(['127.0.0.1', '::1']))('when its port accepts connections, here on %s', async (host) => {
    await using rig = await Rig.create();
    const { server, client, port } = await httpSuite(rig);
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    expect(client.unasked).toBe(0);
    await serving.listen(port, { host });
    await (await client.invocation()).exit(0);
    const { code, stdout } = await run.exit();
    expect(stdout).toContain(`on port ${port}`);
    expect(code).toBe(0);
    expect(componentOf(rig.report()).services).toEqual([
      {
        name: 'server',
        pid: serving.pid,
        port,
        startedAfterMs: expect.any(Number),
        readyAfterMs: expect.any(Number),
      },
    ]);
  });

  test('when it answers with the status that is asked for, be it an error', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await httpSuite(rig, {
      server: { ready: { http: '/health', status: 503 } },
    });
    const run = rig.start([]);
    await (await server.invocation()).listen(port, { status: 503 });
    await (await client.invocation()).exit(0);
    expect((await run.exit()).code).toBe(0);
  });

  const lines = [
    { says: 'a regular expression', log: { regex: '^up in \\d+ ms$' }, line: 'up in 12 ms\n' },
    { says: 'a text', log: 'listening on', line: 'now listening on everything\n' },
    { says: 'a line that is not ended', log: 'listening', line: 'listening' },
  ];
  test.for(inTurn(lines))('when it has printed $says', async ({ log, line }) => {
    await using rig = await Rig.create();
    const { server, client } = await httpSuite(rig, { server: { port: undefined, ready: { log } } });
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    await serving.print('warming up\n');
    expect(client.unasked).toBe(0);
    await serving.print(line);
    await (await client.invocation()).exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(componentOf(rig.report()).services[0]).toMatchObject({ pid: serving.pid, port: null });
  });

  test('on the port that it picks itself and prints, which its clients, probes and stop command get', async () => {
    await using rig = await Rig.create();
    const [probe, stopper] = [rig.command(), rig.command()];
    const { server, client } = await httpSuite(rig, {
      server: {
        port: { log: { regex: 'listening on .*:(\\d+)' } },
        ready: { exec: probe.line },
        stop: { command: stopper.line },
        grace: '1h',
      },
    });
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    expect(serving.env.PORT).toBeUndefined();
    await serving.print('proxying to nobody\n');
    const port = await serving.listen(0);
    expect(probe.unasked).toBe(0);
    await serving.print(`listening on http://127.0.0.1:${port}/\n`);
    const probing = await probe.invocation();
    expect(probing.env.PORT).toBe(String(port));
    expect(client.unasked).toBe(0);
    await probing.exit(0);
    const using = await client.invocation();
    expect([using.env.PORT, using.env.SERVER_PORT]).toEqual([String(port), String(port)]);
    await using.exit(0);
    const stopping = await stopper.invocation();
    expect(stopping.env.PORT).toBe(String(port));
    await stopping.exit(0);
    await serving.exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(componentOf(rig.report()).services[0]).toMatchObject({ pid: serving.pid, port });
  });

  test('not on a port that it prints and another program has', async () => {
    await using rig = await Rig.create();
    const port = await rig.freePort();
    await using _ = await holdPort(port);
    const { server, client } = await httpSuite(rig, {
      server: { port: { log: { regex: 'listening on (\\d+)' } } },
    });
    const run = rig.start([...JSON_REPORT]);
    await (await server.invocation()).print(`listening on ${port}\n`);
    expect((await run.exit()).code).toBe(1);
    expect(findingOf(componentOf(rig.report()), 'foreign-listener')).toMatchObject({
      message: expect.stringContaining(`port ${port} is answered by another program`),
      port,
    });
    expect(client.unasked).toBe(0);
  });

  test('when a command says so, which is asked until it does, and its port is in use', async () => {
    await using rig = await Rig.create();
    const probe = rig.command();
    const { server, client, port } = await httpSuite(rig, { server: { ready: { exec: probe.line } } });
    const run = rig.start([]);
    const serving = await server.invocation();
    for (const code of [1, 2]) await (await probe.invocation()).exit(code);
    expect(client.unasked).toBe(0);
    const last = await probe.invocation();
    expect(last.env.PORT).toBe(String(port));
    await last.exit(0);
    // Said after five seconds; that it is, a test of the service shows on a clock of its own.
    if (isThorough)
      await run.output(
        /server is not ready after .*: nothing listens on port \d+, although its `ready` holds/,
      );
    await serving.listen(port);
    await (await client.invocation()).exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(rig.alive()).toEqual([]);
  });

  test.runIf(isThorough)(
    'when a command says so that is asked anew after it has hung, and was ended',
    async () => {
      await using rig = await Rig.create();
      // The numbers of the sleep stand in no other command line, not even in that of who looks for them.
      const exec = 'test -e asked && exit 0; : > asked; sleep 4711.25 & wait';
      const { server } = await httpSuite(rig, {
        server: { port: undefined, ready: { exec, timeout: '300ms' } },
        client: "! grep -aqs '4711[.]25' /proc/[0-9]*/cmdline",
      });
      const run = rig.start([]);
      await server.invocation();
      const { code, stdout } = await run.exit();
      expect(stdout).toContain('PASSED');
      expect(code).toBe(0);
    },
  );

  test('when a file is there, looked for in the folder of the service', async () => {
    await using rig = await Rig.create();
    rig.write('var/keep', '');
    const ready = { file: 'server.pid' };
    const { server, client } = await httpSuite(rig, { server: { port: undefined, cwd: 'var', ready } });
    const run = rig.start([]);
    await server.invocation();
    rig.write('server.pid', 'the wrong folder');
    expect(client.unasked).toBe(0);
    rig.write('var/server.pid', '');
    await (await client.invocation()).exit(0);
    expect((await run.exit()).code).toBe(0);
  });

  test.runIf(isThorough)('when all of several conditions hold', async () => {
    await using rig = await Rig.create();
    const ready = { all: [{ log: 'up' }, { file: 'ready' }, { port: true }] };
    const { server, client, port } = await httpSuite(rig, { server: { ready } });
    const run = rig.start([]);
    const serving = await server.invocation();
    await serving.print('up\n');
    rig.write('ready', '');
    expect(client.unasked).toBe(0);
    await serving.listen(port);
    await (await client.invocation()).exit(0);
    expect((await run.exit()).code).toBe(0);
  });

  test.runIf(isThorough)('when any of several conditions holds', async () => {
    await using rig = await Rig.create();
    const ready = { any: [{ log: 'never said' }, { all: [{ file: 'ready' }] }, { port: true }] };
    const { server, client } = await httpSuite(rig, { server: { ready } });
    const run = rig.start([]);
    await server.invocation();
    rig.write('ready', '');
    await (await client.invocation()).exit(0);
    expect((await run.exit()).code).toBe(0);
  });
});

test('a service that is not ready in time: each kind of condition says what was lacking', async () => {
  await using rig = await Rig.create();
  const answering = rig.command();
  const elsewhere = rig.command();
  const idle = 'echo starting; exec sleep 60';
  const ports = { port: 0, http: 0, status: 0, elsewhere: 0 };
  for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await rig.freePort();
  const servers = {
    port: { run: idle, port: ports.port },
    http: { run: idle, port: ports.http, ready: { http: '/' } },
    status: { run: answering.line, port: ports.status, ready: { http: '/health' } },
    log: { run: idle, ready: { log: { regex: 'listening on \\d+' } } },
    exec: { run: idle, ready: { exec: 'exit 3' } },
    file: { run: idle, ready: { file: 'server.pid' } },
    all: { run: idle, ready: { all: [{ log: 'starting' }, { file: 'server.pid' }] } },
    any: { run: idle, ready: { any: [{ log: 'listening' }, { file: 'server.pid' }] } },
    elsewhere: { run: elsewhere.line, port: ports.elsewhere },
  };
  const components = Object.entries(servers).map(([name, server]) => [
    name,
    { kind: 'http', server: { readyTimeout: '8s', ...server }, client: 'echo the client ran; exit 9' },
  ]);
  rig.config({ components: Object.fromEntries(components) });
  const run = rig.start(['--jobs', '9', '--keep-going', ...JSON_REPORT]);
  await (await answering.invocation()).listen(ports.status, { status: 500 });
  const other = await (await elsewhere.invocation()).listen(0);

  expect((await run.exit()).code).toBe(1);
  const report = rig.report();
  const reasons = report.components.map(({ name, findings }) => [
    name,
    findings.map(({ code, message }) => `${code}: ${message}`),
  ]);
  const late = (why: string): string[] => [`not-ready: server was not ready within 8.00 s: ${why}`];
  expect(Object.fromEntries(reasons)).toEqual({
    port: late(`port ${ports.port} accepts no connections`),
    http: late(`port ${ports.http} refused the connection`),
    status: late(`GET /health on port ${ports.status} answered 500`),
    log: late('its output does not contain /listening on \\d+/'),
    exec: late('exit 3 exited with code 3'),
    file: late('the file server.pid does not exist'),
    all: late('the file server.pid does not exist'),
    any: late('its output does not contain "listening"; the file server.pid does not exist'),
    elsewhere: late(`port ${ports.elsewhere} accepts no connections; it listens on port ${other}`),
  });
  expect(findingOf(componentOf(report, 'log'), 'not-ready').evidence).toEqual(['starting']);
  const { hint } = findingOf(componentOf(report, 'elsewhere'), 'not-ready');
  expect(hint).toContain(`the command was given port ${ports.elsewhere} (PORT=${ports.elsewhere}), and`);
  expect(findingOf(componentOf(report, 'port'), 'not-ready').hint).toMatch(
    /listens nowhere yet; raise readyTimeout/,
  );
  expect(rig.alive()).toEqual([]);
});

test.runIf(isThorough)(
  'a run that is interrupted while a service is not ready says why it was not',
  async () => {
    await using rig = await Rig.create();
    const server = rig.command();
    const http = {
      kind: 'http',
      server: { run: server.line, port: 0, readyTimeout: '5m' },
      client: 'exit 9',
    };
    rig.config({ components: { http } });
    const run = rig.start([...JSON_REPORT]);
    const other = await (await server.invocation()).listen(0);
    await run.output(/WAIT http: /);
    run.kill('SIGTERM');
    expect((await run.exit()).signal).toBe('SIGTERM');
    expect(findingOf(componentOf(rig.report()), 'interrupted').message).toMatch(
      new RegExp(
        `^http was interrupted by SIGTERM; server is not ready after .*: it listens on port ${other} instead`,
      ),
    );
  },
);

test.runIf(isThorough)(
  'a service that the time limit of its component ends on the wrong port: that is told as well',
  async () => {
    await using rig = await Rig.create();
    const port = await rig.freePort();
    const server = rig.command();
    const http = { kind: 'http', server: { run: server.line, port }, client: 'exit 9', timeout: '8s' };
    rig.config({ components: { http } });
    const run = rig.start([...JSON_REPORT]);
    const other = await (await server.invocation()).listen(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    const { hint, message } = findingOf(componentOf(rig.report()), 'not-ready');
    expect(message).toContain(`it listens on port ${other}`);
    expect(hint).toContain(`the command was given port ${port} (PORT=${port}), and`);
    // It has been said long before that.
    expect(stdout).toMatch(
      new RegExp(`WAIT http: server is not ready after .*: it listens on port ${other} instead`),
    );
  },
);

test.runIf(isThorough)(
  'a service that is not ready in time: a command hangs, a file is an old one, a line comes when it ends',
  async () => {
    await using rig = await Rig.create();
    const flushing = rig.command();
    const idle = 'echo starting; exec sleep 60';
    const exec = 'echo waiting for the store; exec sleep 60';
    const servers = {
      hanging: { run: idle, ready: { exec, timeout: '100ms' } },
      stale: { run: idle, ready: { file: 'stale.pid' } },
      flushing: { run: flushing.line, ready: { log: 'is listening' } },
    };
    const components = Object.entries(servers).map(([name, server]) => [
      name,
      { kind: 'http', server: { readyTimeout: '6s', ...server }, client: 'exit 9' },
    ]);
    rig.config({ components: Object.fromEntries(components) });
    rig.write('stale.pid', '4194000');
    const run = rig.start(['--jobs', '3', '--keep-going', ...JSON_REPORT]);
    const buffering = await flushing.invocation();
    await buffering.ignore('SIGTERM');
    await buffering.signal('SIGTERM');
    await buffering.print('it is listening\n');
    await buffering.exit(0);
    expect((await run.exit()).code).toBe(1);
    const report = rig.report();
    const late = (name: string) => findingOf(componentOf(report, name), 'not-ready');
    expect(late('hanging').message).toMatch(/ hangs: it did not finish within [\d.]+ m?s$/);
    expect(late('hanging').evidence).toEqual([
      'starting',
      'what the command of `ready` printed last:',
      'waiting for the store',
    ]);
    expect(late('stale').message).toContain('existed before the start, and has not been written since');
    expect(late('flushing').hint).toContain('it printed the line only when it was stopped');
  },
);

describe('ports', () => {
  test('port 0: one that is free, told to server and client in the environment and in a line for the shell', async () => {
    await using rig = await Rig.create();
    const server = rig.command();
    const client = rig.command();
    rig.config({
      components: {
        http: {
          kind: 'http',
          server: { run: `${server.line} --bind=localhost:$PORT`, port: 0 },
          client: `${client.line} $PORT`,
        },
      },
    });
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    const port = Number(serving.env.PORT);
    expect(port).toBeGreaterThan(1023);
    expect(serving.args).toEqual([`--bind=localhost:${port}`]);
    await serving.listen(port);
    const using_ = await client.invocation();
    expect(using_.args).toEqual([String(port)]);
    expect(using_.env).toMatchObject({ PORT: String(port), SERVER_PORT: String(port) });
    await using_.exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(componentOf(rig.report()).services[0]?.port).toBe(port);
  });

  test(
    '$PORT and $' +
      '{PORT} stand for the port in a list of words as well, and only there where they are whole',
    async () => {
      await using rig = await Rig.create();
      const server = rig.command();
      const client = rig.command();
      rig.config({
        components: {
          http: {
            kind: 'http',
            server: { run: [...argvOf(server), 'localhost:$PORT', '$' + '{PORT}1', '$PORTER'], port: 0 },
            client: [...argvOf(client), '--port=$PORT'],
          },
        },
      });
      const run = rig.start([]);
      const serving = await server.invocation();
      const port = Number(serving.env.PORT);
      expect(serving.args).toEqual([`localhost:${port}`, `${port}1`, '$PORTER']);
      await serving.listen(port);
      const caller = await client.invocation();
      expect(caller.args).toEqual([`--port=${port}`]);
      await caller.exit(0);
      expect((await run.exit()).code).toBe(0);
    },
  );

  test.runIf(isThorough)('a fixed port is handed over in the same way', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await httpSuite(rig);
    const run = rig.start([]);
    const serving = await server.invocation();
    expect(serving.env.PORT).toBe(String(port));
    await serving.listen(port);
    const caller = await client.invocation();
    expect(caller.env.PORT).toBe(String(port));
    await caller.exit(0);
    expect((await run.exit()).code).toBe(0);
  });

  test.runIf(isThorough)('two services with port 0 get two ports', async () => {
    await using rig = await Rig.create();
    const [first, second, client] = [rig.command(), rig.command(), rig.command()];
    const services = {
      first: { run: first.line, port: 0, ready: { log: 'up' } },
      second: { run: second.line, port: 0, ready: { log: 'up' }, needs: ['first'] },
    };
    rig.config({ components: { http: { kind: 'http', services, client: client.line } } });
    const run = rig.start([]);
    const one = await first.invocation();
    await one.listen(Number(one.env.PORT));
    await one.print('up\n');
    const two = await second.invocation();
    expect(two.env.PORT).not.toBe(one.env.PORT);
    await two.listen(Number(two.env.PORT));
    await two.print('up\n');
    await (await client.invocation()).exit(0);
    expect((await run.exit()).code).toBe(0);
  });
});

test('several services: each after those that it needs, ended in the reverse order, ports told to all that follow', async () => {
  await using rig = await Rig.create();
  const commands = { api: rig.command(), db: rig.command(), 'cache-1': rig.command(), client: rig.command() };
  const services = {
    api: { run: commands.api.line, port: 0, needs: ['cache-1', 'db'] },
    'cache-1': { run: commands['cache-1'].line, port: 0, needs: ['db'] },
    db: { run: commands.db.line, port: 0 },
  };
  rig.config({ components: { http: { kind: 'http', services, client: commands.client.line } } });
  const run = rig.start([...JSON_REPORT]);
  const serve = async (name: keyof typeof commands): Promise<Invocation> => {
    const invocation = await commands[name].invocation();
    await invocation.ignore('SIGTERM');
    return invocation;
  };
  const unasked = (): number[] => [
    commands['cache-1'].unasked,
    commands.api.unasked,
    commands.client.unasked,
  ];

  const db = await serve('db');
  expect(unasked()).toEqual([0, 0, 0]);
  await db.listen(Number(db.env.PORT));
  const cache = await serve('cache-1');
  expect(unasked()).toEqual([0, 0, 0]);
  expect(cache.env.DB_PORT).toBe(db.env.PORT);
  await cache.listen(Number(cache.env.PORT));
  const api = await serve('api');
  expect(api.env).toMatchObject({ DB_PORT: db.env.PORT, CACHE_1_PORT: cache.env.PORT });
  await api.listen(Number(api.env.PORT));
  const client = await commands.client.invocation();
  // There is no service named `server`: the client tries the one that no other needs.
  expect(client.env).toMatchObject({
    DB_PORT: db.env.PORT,
    CACHE_1_PORT: cache.env.PORT,
    API_PORT: api.env.PORT,
    PORT: api.env.PORT,
  });
  await client.exit(0);

  const order: string[] = [];
  for (const [name, invocation] of Object.entries({ db, cache, api }))
    void invocation.signal('SIGTERM').then(() => order.push(name));
  for (const [index, invocation] of [api, cache, db].entries()) {
    await invocation.signal('SIGTERM');
    // Had the others been told as well, this would be heard before their answer.
    for (const other of [db, cache].slice(0, 2 - index)) await other.print('');
    expect(order).toEqual(['api', 'cache', 'db'].slice(0, index + 1));
    await invocation.exit(0);
  }

  expect((await run.exit()).code).toBe(0);
  expect(componentOf(rig.report()).services.map(({ name }) => name)).toEqual(['db', 'cache-1', 'api']);
  const ended = run.journal().flatMap((event) => {
    if (event.type === 'signal-sent') return [`${event.signal} to ${event.step}`];
    return event.type === 'service-ended' ? [event.service] : [];
  });
  expect(ended).toEqual(['api', 'cache-1', 'db'].flatMap((name) => [`SIGTERM to ${name}`, name]));
});

describe('a service that ends before it is ready', () => {
  test('is told at once, with its own last words; the client is never started', async () => {
    await using rig = await Rig.create();
    const { server, client } = await httpSuite(rig);
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    await serving.print('reading settings\n');
    await serving.printError('Error: no such table: users\n');
    await serving.exit(3);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    const cause = 'server exited with code 3 before it was ready: Error: no such table: users';
    expect(linesFrom(stdout, 'http')[0]).toContain(cause);
    expect(stdout).toContain('│ reading settings');
    const component = componentOf(rig.report());
    expect(codesOf(component)).toEqual(['not-ready']);
    expect(findingOf(component, 'not-ready').evidence).toEqual([
      'reading settings',
      'Error: no such table: users',
    ]);
    expect(client.unasked).toBe(0);
  });

  test.runIf(isThorough)('by a signal: it is named', async () => {
    await using rig = await Rig.create();
    const { server } = await httpSuite(rig);
    const run = rig.start([...JSON_REPORT]);
    await (await server.invocation()).die('SIGSEGV');
    expect((await run.exit()).code).toBe(1);
    expect(findingOf(componentOf(rig.report()), 'not-ready').message).toBe(
      'server was killed by SIGSEGV (segmentation fault) before it was ready',
    );
  });

  test.runIf(isThorough)('what it had started is ended too', async () => {
    await using rig = await Rig.create();
    const { server } = await httpSuite(rig);
    const helper = rig.command();
    const run = rig.start([]);
    const serving = await server.invocation();
    await serving.child(helper);
    const helping = await helper.invocation();
    await helping.ignore('SIGTERM');
    await serving.exit(1);
    expect((await run.exit()).code).toBe(1);
    expect(rig.alive()).toEqual([]);
  });

  test('a program that is not installed is named', async () => {
    await using rig = await Rig.create();
    await httpSuite(rig, { server: { run: ['no-such-server', '--port', '$PORT'] } });
    const { code, stdout } = await rig.run([...JSON_REPORT]);
    expect(code).toBe(1);
    expect(linesFrom(stdout, 'http')[0]).toContain('no-such-server is not installed, or not on the PATH');
    expect(codesOf(componentOf(rig.report()))).toEqual(['missing-program']);
  });
});

/** Puts a command into the background and ends well, as a daemon's launcher does. */
async function launch(launcher: Invocation, rig: Rig): Promise<Invocation> {
  const background = rig.command();
  await launcher.daemon(background);
  const server = await background.invocation();
  await launcher.exit(0);
  return server;
}

describe('a daemon that dies before it is ready', () => {
  test('is run once more in the foreground, to show why', async () => {
    await using rig = await Rig.create();
    const foreground = rig.command();
    const { server, client, port } = await httpSuite(rig, {
      server: { daemon: true, foreground: `${foreground.line} --bind $PORT` },
    });
    const run = rig.start([...JSON_REPORT]);
    const daemon = await launch(await server.invocation(), rig);
    expect(foreground.unasked).toBe(0);
    await daemon.exit(1);
    const again = await foreground.invocation();
    expect(again.args).toEqual(['--bind', String(port)]);
    await again.printError('Traceback (most recent call last):\n  File "app.py", line 1, in <module>\n');
    await again.printError("ModuleNotFoundError: No module named 'flask'\n");
    await again.exit(1);

    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(linesFrom(stdout, 'http')[0]).toContain(
      "server ended before it was ready: ModuleNotFoundError: No module named 'flask'",
    );
    const component = componentOf(rig.report());
    expect(codesOf(component)).toEqual(['not-ready']);
    const { evidence, hint } = findingOf(component, 'not-ready');
    expect(evidence).toContain("ModuleNotFoundError: No module named 'flask'");
    expect(hint).toContain('running it again in the foreground');
    expect([server.unasked, foreground.unasked, client.unasked]).toEqual([0, 0, 0]);
    expect(rig.alive()).toEqual([]);
  });

  test.runIf(isThorough)('and stays up in the foreground: that is said, and it is ended', async () => {
    await using rig = await Rig.create();
    const foreground = rig.command();
    const { server } = await httpSuite(rig, { server: { daemon: true, foreground: foreground.line } });
    const run = rig.start([...JSON_REPORT]);
    await (await launch(await server.invocation(), rig)).exit(0);
    await (await foreground.invocation()).gone;
    expect((await run.exit()).code).toBe(1);
    expect(findingOf(componentOf(rig.report()), 'not-ready').hint).toContain('it stayed up');
    expect(rig.alive()).toEqual([]);
  });

  test.runIf(isThorough)(
    'without a way to start it in the foreground: it is told that it ended',
    async () => {
      await using rig = await Rig.create();
      const { server } = await httpSuite(rig, { server: { daemon: true } });
      const run = rig.start([...JSON_REPORT]);
      await (await launch(await server.invocation(), rig)).exit(1);
      expect((await run.exit()).code).toBe(1);
      expect(findingOf(componentOf(rig.report()), 'not-ready').message).toBe(
        'server ended before it was ready',
      );
    },
  );

  test('a launcher that fails is told with its own words, and nothing is run again', async () => {
    await using rig = await Rig.create();
    const foreground = rig.command();
    const { server } = await httpSuite(rig, { server: { daemon: true, foreground: foreground.line } });
    const run = rig.start([...JSON_REPORT]);
    const launcher = await server.invocation();
    await launcher.printError('usage: server [--daemon]\n');
    await launcher.exit(2);
    expect((await run.exit()).code).toBe(1);
    expect(findingOf(componentOf(rig.report()), 'not-ready').message).toBe(
      'server exited with code 2 before it was ready: usage: server [--daemon]',
    );
    expect(foreground.unasked).toBe(0);
  });

  test.runIf(isThorough)(
    'by convention: `http --daemon`, then `http`, whose error is in the first lines',
    async () => {
      await using rig = await Rig.create();
      const http = rig.executable('integration/http');
      const client = rig.executable('integration/client');
      const run = rig.start(['http', '--port', String(await rig.freePort())]);
      const launcher = await http.invocation();
      expect(launcher.args).toEqual(['--daemon']);
      await (await launch(launcher, rig)).exit(1);
      const again = await http.invocation();
      expect(again.args).toEqual([]);
      await again.printError('ImportError: libssl.so.3: cannot open shared object file\n');
      await again.exit(1);
      const { code, stdout } = await run.exit();
      expect(code).toBe(1);
      expect(stdout.split('\n').slice(0, 3).join('\n')).toContain(
        'http ended before it was ready: ImportError: libssl.so.3',
      );
      expect(client.unasked).toBe(0);
      expect(rig.alive()).toEqual([]);
    },
  );
});

describe('a port that is taken', () => {
  test.for(inTurn(['127.0.0.1', '::1', '0.0.0.0', '::']))(
    'by the test itself, on %s: refused before the start',
    async (host) => {
      await using rig = await Rig.create();
      const { server, client, port } = await httpSuite(rig);
      await using _held = await holdPort(port, host);
      const { code, stdout } = await rig.run([...JSON_REPORT]);
      expect(code).toBe(1);
      expect(linesFrom(stdout, 'http')[0]).toContain(`port ${port} is already in use by`);
      const component = componentOf(rig.report());
      expect(codesOf(component)).toEqual(['port-taken']);
      expect(findingOf(component, 'port-taken').holder).toMatchObject({
        pid: process.pid,
        ageMs: expect.any(Number),
      });
      expect([server.unasked, client.unasked]).toEqual([0, 0]);
      expect(startsOf(rig)).toEqual([]);
    },
  );

  test('by another program: its pid, command and age are named, and it is left alone', async () => {
    await using rig = await Rig.create();
    const { server, port } = await httpSuite(rig);
    const stranger = rig.command();
    startForeign(rig, stranger);
    const holding = await stranger.invocation();
    await holding.listen(port);
    const { code, stdout } = await rig.run([...JSON_REPORT]);
    expect(code).toBe(1);
    const [first] = linesFrom(stdout, 'http');
    expect(first).toMatch(new RegExp(`in use by .*agent\\.mjs.* \\(pid ${holding.pid}, up for \\d`));
    expect(findingOf(componentOf(rig.report()), 'port-taken')).toMatchObject({
      port,
      holder: { pid: holding.pid, command: expect.stringContaining(stranger.id) },
    });
    expect(server.unasked).toBe(0);
    expect(rig.alive()).toEqual([holding.pid]);
    await holding.print('still here');
  });

  test.runIf(isThorough)(
    'that only a condition looks at is refused as well: it would be ready before it is started',
    async () => {
      await using rig = await Rig.create();
      const health = await rig.freePort();
      const { server } = await httpSuite(rig, { server: { ready: { http: '/', port: health } } });
      await using _held = await holdPort(health);
      expect((await rig.run([...JSON_REPORT])).code).toBe(1);
      expect(findingOf(componentOf(rig.report()), 'port-taken').port).toBe(health);
      expect(server.unasked).toBe(0);
    },
  );

  test('after the look at it, by a program that answers in place of the server: foreign-listener', async () => {
    await using rig = await Rig.create();
    const ready = { all: [{ log: 'up' }, { port: true }] };
    const { server, client, port } = await httpSuite(rig, { server: { ready } });
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    await using _held = await holdPort(port);
    await serving.print('up\n');
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    const [first] = linesFrom(stdout, 'http');
    expect(first).toContain(`port ${port} is answered by another program`);
    expect(first).toContain(`(pid ${process.pid}`);
    const component = componentOf(rig.report());
    expect(codesOf(component)).toEqual(['foreign-listener']);
    expect(findingOf(component, 'foreign-listener').holder?.pid).toBe(process.pid);
    expect(client.unasked).toBe(0);
    expect(rig.alive()).toEqual([]);
  });

  test.runIf(isThorough)('and a server that dies of that: its own words', async () => {
    await using rig = await Rig.create();
    const { server, port } = await httpSuite(rig, { server: { ready: { log: 'up' } } });
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    await using _held = await holdPort(port);
    const refusal = await serving.listen(port).catch((error: Error) => error.message);
    await serving.printError(`Error: ${refusal}\n`);
    await serving.exit(1);
    expect((await run.exit()).code).toBe(1);
    expect(findingOf(componentOf(rig.report()), 'not-ready').message).toContain('EADDRINUSE');
  });
});

/** The steps whose processes were started. */
function startsOf(rig: Rig): string[] {
  return rig
    .read('.shakedown/latest/journal.ndjson')
    .split('\n')
    .filter((line) => line.includes('"process-started"'));
}

describe('a service that ends while the client runs', () => {
  const TRACEBACK = 'Traceback (most recent call last):\n  File "client.py", line 9, in <module>\n';

  test('is the cause, with its own last words; the client is ended, and its traceback is not the cause', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await httpSuite(rig);
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    await serving.listen(port);
    const caller = await client.invocation();
    await caller.ignore('SIGTERM');
    await serving.printError('handling request 7\nMemoryError: out of memory in worker 2\n');
    await serving.exit(1);
    await caller.signal('SIGTERM');
    await caller.printError(`${TRACEBACK}ConnectionError: connection refused\n`);
    await caller.exit(1);

    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(linesFrom(stdout, 'http')[0]).toMatch(
      /server exited with code 1 while it was in use, .+ after it was ready: MemoryError: out of memory in worker 2/,
    );
    const component = componentOf(rig.report());
    expect(codesOf(component)).toEqual(['service-died']);
    expect(findingOf(component, 'service-died').evidence).toEqual([
      'handling request 7',
      'MemoryError: out of memory in worker 2',
    ]);
    expect(stdout).not.toContain('ConnectionError');
    const told = run.journal().filter(({ type }) => type === 'service-died' || type === 'step-finished');
    expect(told).toMatchObject([
      { type: 'service-died', component: 'http', service: 'server', exitCode: 1, signal: null },
      { type: 'step-finished', step: 'client' },
    ]);
    expect(rig.alive()).toEqual([]);
  });

  test('by a signal: it is named', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await httpSuite(rig);
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    await serving.listen(port);
    const caller = await client.invocation();
    await serving.die('SIGABRT');
    await caller.gone;
    expect((await run.exit()).code).toBe(1);
    expect(findingOf(componentOf(rig.report()), 'service-died')).toMatchObject({
      signal: 'SIGABRT',
      message: expect.stringContaining('was killed by SIGABRT (abort) while it was in use'),
    });
  });

  test.runIf(isThorough)('with a traceback: it is told once, as the death that it was', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await httpSuite(rig);
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    await serving.listen(port);
    await client.invocation();
    await serving.printError(`${TRACEBACK}ZeroDivisionError: division by zero\n`);
    await serving.exit(1);
    expect((await run.exit()).code).toBe(1);
    const component = componentOf(rig.report());
    expect(codesOf(component)).toEqual(['service-died']);
    expect(findingOf(component, 'service-died').message).toContain('ZeroDivisionError: division by zero');
  });

  test.runIf(isThorough)('well, with code 0, is no better', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await httpSuite(rig);
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    await serving.listen(port);
    await client.invocation();
    await serving.print('GET /document 200\n');
    await serving.exit(0);
    expect((await run.exit()).code).toBe(1);
    const component = componentOf(rig.report());
    expect(codesOf(component)).toEqual(['service-died']);
    const { message, evidence } = findingOf(component, 'service-died');
    // Its last line is shown, and is not taken for a reason.
    expect(message).toMatch(/^server exited with code 0 while it was in use, .+ after it was ready$/);
    expect(evidence).toEqual(['GET /document 200']);
  });

  test('a daemon', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await httpSuite(rig, { server: { daemon: true } });
    const run = rig.start([...JSON_REPORT]);
    const daemon = await launch(await server.invocation(), rig);
    await daemon.listen(port);
    const caller = await client.invocation();
    await daemon.exit(1);
    await caller.gone;
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(linesFrom(stdout, 'http')[0]).toContain('server ended while it was in use');
    const component = componentOf(rig.report());
    expect(codesOf(component)).toEqual(['service-died']);
    expect(component.services[0]?.pid).toBe(daemon.pid);
    expect(rig.alive()).toEqual([]);
  });

  test.runIf(isThorough)(
    'a daemon that the client has brought down, however well the client ended',
    async () => {
      await using rig = await Rig.create();
      const { server, client, port } = await httpSuite(rig, { server: { daemon: true } });
      const run = rig.start([...JSON_REPORT]);
      const daemon = await launch(await server.invocation(), rig);
      await daemon.listen(port);
      const caller = await client.invocation();
      await daemon.exit(1);
      await caller.exit(0);
      expect((await run.exit()).code).toBe(1);
      expect(codesOf(componentOf(rig.report()))).toEqual(['service-died']);
    },
  );

  test.runIf(isThorough)('one of several: it is the one that is named', async () => {
    await using rig = await Rig.create();
    const [db, api, client] = [rig.command(), rig.command(), rig.command()];
    const services = {
      db: { run: db.line, ready: { log: 'up' } },
      api: { run: api.line, ready: { log: 'up' }, needs: ['db'] },
    };
    rig.config({ components: { http: { kind: 'http', services, client: client.line } } });
    const run = rig.start([...JSON_REPORT]);
    const storing = await db.invocation();
    await storing.print('up\n');
    const serving = await api.invocation();
    await serving.print('up\n');
    const caller = await client.invocation();
    await storing.printError('Error: could not write to file: No space left on device\n');
    await storing.exit(2);
    await caller.gone;
    await serving.gone;
    expect((await run.exit()).code).toBe(1);
    const died = findingOf(componentOf(rig.report()), 'service-died');
    expect(died.step).toBe('db');
    expect(died.message).toContain('No space left on device');
  });
});

test('a client that fails by itself is told as such, and the server is ended', async () => {
  await using rig = await Rig.create();
  const { server, client, port } = await httpSuite(rig);
  const run = rig.start([...JSON_REPORT]);
  const serving = await server.invocation();
  await serving.listen(port);
  const caller = await client.invocation();
  await caller.printError('GET /document answered 404, expected 200\n');
  await caller.exit(7);
  const { code, stdout } = await run.exit();
  expect(code).toBe(1);
  expect(linesFrom(stdout, 'http')[0]).toContain(
    'client exited with code 7: GET /document answered 404, expected 200',
  );
  const component = componentOf(rig.report());
  expect(codesOf(component)).toEqual(['exit-code']);
  expect(component.steps).toMatchObject([{ name: 'client', exitCode: 7 }]);
  expect(rig.alive()).toEqual([]);
  expect(await rig.isFree(port)).toBe(true);
});

describe('the end of a service', () => {
  test('SIGTERM first: a server that heeds it is not killed, and its port is free', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await httpSuite(rig);
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    await serving.listen(port);
    await serving.ignore('SIGTERM');
    await (await client.invocation()).exit(0);
    await serving.signal('SIGTERM');
    await serving.print('saying good-bye\n');
    await serving.exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(componentOf(rig.report()).findings).toEqual([]);
    expect(rig.read('.shakedown/latest/logs/http.log')).toContain('saying good-bye');
    expect(await rig.isFree(port)).toBe(true);
  });

  test('one that ignores SIGTERM is killed after its grace: a note, and no failure', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await httpSuite(rig, { server: { grace: '100ms' } });
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    await serving.listen(port);
    await serving.ignore('SIGTERM');
    await (await client.invocation()).exit(0);
    await serving.gone;
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    expect(stdout).toContain('server did not exit within 100 ms after SIGTERM and was killed');
    const component = componentOf(rig.report());
    expect(component.verdict).toBe('passed');
    expect(findingOf(component, 'killed').processes).toMatchObject([{ pid: serving.pid }]);
    expect(await rig.isFree(port)).toBe(true);
  });

  test('SIGTERM to the one that leads, and not to its workers', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await httpSuite(rig, { server: { grace: '1h' } });
    const worker = rig.command();
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    await serving.child(worker);
    const working = await worker.invocation();
    await serving.listen(port);
    for (const each of [serving, working]) await each.ignore('SIGTERM');
    await (await client.invocation()).exit(0);
    await serving.signal('SIGTERM');
    // Whatever was sent before has arrived when this is answered.
    await working.print('still at work\n');
    expect(working.signals).toEqual([]);
    await working.exit(0);
    await serving.exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(componentOf(rig.report()).findings).toEqual([]);
  });

  test.runIf(isThorough)(
    'the signal that `stop` names, and to all of its processes when half of the grace is over',
    async () => {
      await using rig = await Rig.create();
      const { server, client, port } = await httpSuite(rig, { server: { stop: 'SIGINT', grace: '5s' } });
      const worker = rig.command();
      const run = rig.start([...JSON_REPORT]);
      const serving = await server.invocation();
      await serving.child(worker);
      const working = await worker.invocation();
      await serving.listen(port);
      for (const signal of ['SIGTERM', 'SIGINT'] as const)
        for (const each of [serving, working]) await each.ignore(signal);
      await (await client.invocation()).exit(0);
      await working.signal('SIGINT');
      expect([serving.signals, working.signals]).toEqual([['SIGINT'], ['SIGINT']]);
      await serving.exit(0);
      await working.gone;
      expect((await run.exit()).code).toBe(0);
      expect(findingOf(componentOf(rig.report()), 'killed').message).toContain('within 5.00 s after SIGINT');
    },
  );

  test('by its own command, which knows the port; no signal then', async () => {
    await using rig = await Rig.create();
    const stopper = rig.command();
    const { server, client, port } = await httpSuite(rig, {
      server: { stop: { command: argvOf(stopper).concat('$PORT') }, grace: '1h' },
    });
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    await serving.listen(port);
    await serving.ignore('SIGTERM');
    await (await client.invocation()).exit(0);
    const stopping = await stopper.invocation();
    expect([stopping.args, stopping.env.PORT]).toEqual([[String(port)], String(port)]);
    await stopping.exit(0);
    await serving.print('good-bye\n');
    expect(serving.signals).toEqual([]);
    await serving.exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(componentOf(rig.report()).findings).toEqual([]);
  });

  test.runIf(isThorough)('a command of its own that fails is told, and the signal is sent', async () => {
    await using rig = await Rig.create();
    const stopper = rig.command();
    const { server, client, port } = await httpSuite(rig, {
      server: { stop: { signal: 'SIGQUIT', command: stopper.line }, grace: '1h' },
    });
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    await serving.listen(port);
    await serving.ignore('SIGQUIT');
    await (await client.invocation()).exit(0);
    const stopping = await stopper.invocation();
    await stopping.print('Error: wrong password\n');
    await stopping.exit(3);
    await serving.signal('SIGQUIT');
    await serving.exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(findingOf(componentOf(rig.report()), 'stop-failed').message).toBe(
      'the command that should have stopped server failed, so it was sent SIGQUIT: it exited with code 3: Error: wrong password',
    );
  });

  test('by the end of its input, which stays open until then; no signal', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await httpSuite(rig, { server: { stdin: 'open', grace: '1h' } });
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    await serving.ignore('SIGTERM');
    await serving.hearInput();
    await serving.listen(port);
    const using = await client.invocation();
    expect(serving.signals).toEqual([]);
    await using.exit(0);
    await serving.signal('end of input');
    expect(serving.signals).toEqual(['end of input']);
    await serving.exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(componentOf(rig.report()).findings).toEqual([]);
  });

  test('the input that ends is a pipe, which programs can open by name', async () => {
    await using rig = await Rig.create();
    rig.config({
      components: {
        http: {
          kind: 'http',
          server: {
            run: 'exec 3</dev/stdin; echo up; while read -r line <&3; do :; done; touch heard',
            ready: { log: 'up' },
            stdin: 'open',
            stop: { grace: '1h' },
          },
          client: 'test ! -e heard',
        },
      },
    });
    expect((await rig.run([...JSON_REPORT])).code).toBe(0);
    expect(codesOf(componentOf(rig.report()))).toEqual([]);
    expect(existsSync(join(rig.dir, 'heard'))).toBe(true);
  });

  test.runIf(isThorough)('all that it has started ends with it', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await httpSuite(rig, { server: { grace: '100ms' } });
    const [worker, detached] = [rig.command(), rig.command()];
    const run = rig.start([]);
    const serving = await server.invocation();
    await serving.child(worker);
    await serving.daemon(detached);
    const working = await worker.invocation();
    await working.ignore('SIGTERM');
    await detached.invocation();
    await working.listen(port);
    await (await client.invocation()).exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(rig.alive()).toEqual([]);
    expect(await rig.isFree(port)).toBe(true);
  });

  test('its port must be free then, or whoever holds it is named', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await httpSuite(rig);
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    await serving.listen(port);
    const caller = await client.invocation();
    await using _held = await holdPort(port, '::1');
    await caller.exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(linesFrom(stdout, 'http')[0]).toContain(`port ${port} is still open after server has ended`);
    const component = componentOf(rig.report());
    expect(codesOf(component)).toEqual(['port-still-open']);
    expect(findingOf(component, 'port-still-open').holder?.pid).toBe(process.pid);
  });
});

describe('the output of a service', () => {
  test('a traceback in it fails the component, however happy the client is', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await httpSuite(rig);
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    await serving.listen(port);
    await serving.print('Traceback (most recent call last):\n  File "app.py", line 3, in get\nKeyError: 7\n');
    await (await client.invocation()).exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(linesFrom(stdout, 'http')[0]).toContain('server printed a Python traceback');
    expect(linesFrom(stdout, 'http')[0]).toContain('KeyError: 7');
    expect(findingOf(componentOf(rig.report()), 'forbidden-output')).toMatchObject({
      step: 'server',
      count: 1,
    });
  });

  test.runIf(isThorough)('a config forbids, demands and allows more', async () => {
    await using rig = await Rig.create();
    const expectations = { forbid: 'deprecated', output: 'warmed up', allow: { regex: '^Traceback .*' } };
    const { server, client, port } = await httpSuite(rig, { server: { expect: expectations } });
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    await serving.listen(port);
    await serving.print('Traceback (most recent call last):\nKeyError: 7\nflag --x is deprecated\n');
    await (await client.invocation()).exit(0);
    expect((await run.exit()).code).toBe(1);
    const component = componentOf(rig.report());
    expect(codesOf(component)).toEqual(['forbidden-output', 'missing-output']);
    expect(findingOf(component, 'forbidden-output').pattern).toBe('"deprecated"');
    expect(findingOf(component, 'missing-output').message).toBe('server did not print "warmed up"');
  });
});

describe('the built-in client', () => {
  const load = (options: object = {}): object => ({ kind: 'load', requests: 50, connections: 4, ...options });

  test('passes when every response does', async () => {
    await using rig = await Rig.create();
    const { server, port } = await httpSuite(rig, { client: load({ expect: { body: 'agent c0' } }) });
    const run = rig.start([...JSON_REPORT]);
    await (await server.invocation()).listen(port);
    expect((await run.exit()).code).toBe(0);
    const component = componentOf(rig.report());
    expect(component.findings).toEqual([]);
    expect(component.steps).toMatchObject([
      { name: 'client', command: `load http://localhost:${port}/: closed loop, 4 connections · 50 requests` },
    ]);
    expect(rig.read('.shakedown/latest/logs/http.log')).toContain('50 due: 50 completed\n');
  });

  test.runIf(isThorough)('a server on ::1 alone is reached as well', async () => {
    await using rig = await Rig.create();
    const { server, port } = await httpSuite(rig, { client: load() });
    const run = rig.start([]);
    await (await server.invocation()).listen(port, { host: '::1' });
    expect((await run.exit()).code).toBe(0);
  });

  test('responses with 500 fail, with an example', async () => {
    await using rig = await Rig.create();
    const { server, port } = await httpSuite(rig, { client: load({ path: '/document' }) });
    const run = rig.start([...JSON_REPORT]);
    await (await server.invocation()).listen(port, { status: 500 });
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    const cause = '50 requests of 50 failed: GET /document answered 500, expected 200–299';
    expect(linesFrom(stdout, 'http')[0]).toContain(cause);
    const component = componentOf(rig.report());
    expect(codesOf(component)).toEqual(['unexpected-response']);
    expect(findingOf(component, 'unexpected-response')).toMatchObject({
      count: 50,
      evidence: expect.arrayContaining([
        'GET /document answered 500, expected 200–299',
        '  > GET /document HTTP/1.1',
        '  < HTTP/1.1 500 Internal Server Error',
      ]),
    });
  });

  test.runIf(isThorough)('a status that is asked for passes, whatever it is', async () => {
    await using rig = await Rig.create();
    const { server, port } = await httpSuite(rig, { client: load({ expect: { status: [500, 503] } }) });
    const run = rig.start([]);
    await (await server.invocation()).listen(port, { status: 503 });
    expect((await run.exit()).code).toBe(0);
  });

  test.runIf(isThorough)('a body without what is demanded fails', async () => {
    await using rig = await Rig.create();
    const { server, port } = await httpSuite(rig, { client: load({ expect: { body: '"ok":true' } }) });
    const run = rig.start([...JSON_REPORT]);
    await (await server.invocation()).listen(port);
    expect((await run.exit()).code).toBe(1);
    expect(findingOf(componentOf(rig.report()), 'unexpected-response').message).toContain(
      'GET / answered with a body without "\\"ok\\":true"',
    );
  });

  test.runIf(isThorough)('a refused connection fails', async () => {
    await using rig = await Rig.create();
    const { server } = await httpSuite(rig, {
      server: { ready: { any: [{ log: 'up' }, { port: true }] } },
      client: load(),
    });
    const run = rig.start([...JSON_REPORT]);
    await (await server.invocation()).print('up\n');
    expect((await run.exit()).code).toBe(1);
    const component = componentOf(rig.report());
    expect(codesOf(component)).toEqual(['zero-work', 'request-failed']);
    expect(findingOf(component, 'zero-work').message).toBe(
      'no request was answered: GET / was not sent: the connection was refused (ECONNREFUSED)',
    );
  });

  test.runIf(isThorough)('a server that never answers fails', async () => {
    await using rig = await Rig.create();
    // Its port is open and belongs to it, but a stopped process accepts nothing.
    const client = load({ requests: 2, timeout: '200ms' });
    const { server, port } = await httpSuite(rig, { server: { ready: { log: 'up' } }, client });
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    await serving.listen(port);
    await serving.print('up\n');
    process.kill(serving.pid, 'SIGSTOP');
    expect((await run.exit()).code).toBe(1);
    expect(findingOf(componentOf(rig.report()), 'request-failed').message).toContain(
      'had no answer within 200 ms',
    );
    expect(rig.alive()).toEqual([]);
  });

  test('a server that dies under load is the cause', async () => {
    await using rig = await Rig.create();
    const { server, port } = await httpSuite(rig, { client: load({ requests: undefined, duration: '1h' }) });
    const run = rig.start(['--report', 'ndjson', ...JSON_REPORT]);
    const serving = await server.invocation();
    await serving.listen(port);
    await run.output(/"service-ready"/);
    await serving.printError('RangeError: Invalid array length\n');
    await serving.exit(1);
    expect((await run.exit()).code).toBe(1);
    const component = componentOf(rig.report());
    expect(codesOf(component)).toEqual(['service-died']);
    expect(findingOf(component, 'service-died').message).toContain('RangeError: Invalid array length');
  });

  test('that has completed nothing has not passed', async () => {
    const nothing = buildLoad(
      { kind: 'load', requests: 0 },
      { texts: [], tell: () => {} },
      { nameOf: nameInConfig, folder: '/', tell: () => {} },
    );
    const context = {
      component: 'http',
      clock: new Clock(),
      signal: new AbortController().signal,
      log: { write: () => {} },
      snapshot: async () => undefined,
      emit: () => {},
    } as unknown as ComponentContext;
    const findings = await runLoadClient(nothing, { port: 1 }, process.pid, context);
    expect(findings).toMatchObject([{ code: 'zero-work' }]);
    expect(verdictOf(findings)).toBe('failed');
  });
});
