/** A suite by config: what each option does to a run. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isAlive } from '../../src/process/system/proc.ts';
import { type FakeCommand, Rig, type ShakedownRun, TOOLS } from '../rig/rig.ts';
import { inTurn, isThorough } from '../rig/thorough.ts';

const command = (fake: FakeCommand, more: object = {}): object => ({
  kind: 'command',
  run: fake.line,
  ...more,
});

/** Commands by these names, each of which does what the test says. */
function commands<Name extends string>(rig: Rig, ...names: Name[]): Record<Name, FakeCommand> {
  return Object.fromEntries(names.map((name) => [name, rig.command()])) as Record<Name, FakeCommand>;
}

const verdicts = (rig: Rig): Record<string, string> =>
  Object.fromEntries(rig.report().components.map(({ name, verdict }) => [name, verdict]));

/** The processes that a run has started and that still live. */
const left = (run: ShakedownRun): number[] =>
  run
    .journal()
    .flatMap((event) =>
      event.type === 'process-started' && event.startTicks !== null
        ? [{ pid: event.pid, startTicks: event.startTicks }]
        : [],
    )
    .filter(isAlive)
    .map(({ pid }) => pid);

/** A suite of one component, run to its end. */
async function runOne(component: object, args: readonly string[] = []) {
  await using rig = await Rig.create();
  rig.config({ components: { it: component } });
  const end = await rig.run(['--report', 'json=report.json', ...args]);
  return { ...end, findings: rig.report().components[0]?.findings ?? [] };
}

const JSON_REPORT = ['--report', 'json=report.json'];

describe('a command', () => {
  test('is a line for the shell, or a program with its words as they are', async () => {
    await using rig = await Rig.create();
    rig.config({
      components: {
        line: { kind: 'command', run: 'echo "$((6 * 7))" > line' },
        words: { kind: 'command', run: ['/bin/sh', '-c', 'echo "$1" > words', 'sh', '$HOME * "quoted"'] },
      },
    });
    expect((await rig.run([])).code).toBe(0);
    expect(rig.read('line')).toBe('42\n');
    expect(rig.read('words')).toBe('$HOME * "quoted"\n');
  });

  test('has the environment of the suite and its own, and runs where it should', async () => {
    await using rig = await Rig.create();
    rig.write('deep/down/here', '');
    const { a, b } = commands(rig, 'a', 'b');
    rig.config({
      env: { LEVEL: 'suite', SHARED: '1' },
      components: { a: command(a, { env: { LEVEL: 'own' }, cwd: 'deep/down' }), b: command(b) },
    });
    const run = rig.start([], { LEVEL: 'inherited', INHERITED: 'yes' });
    const first = await a.invocation();
    expect(first.env).toMatchObject({ LEVEL: 'own', SHARED: '1', INHERITED: 'yes' });
    expect(first.cwd).toBe(join(rig.dir, 'deep/down'));
    await first.exit(0);
    const second = await b.invocation();
    expect(second.env).toMatchObject({ LEVEL: 'suite', SHARED: '1' });
    expect(second.cwd).toBe(rig.dir);
    await second.exit(0);
    expect((await run.exit()).code).toBe(0);
  });

  test.runIf(isThorough)('finds the programs that npm has installed for the project', async () => {
    await using rig = await Rig.create();
    rig.write(
      'package/shakedown.config.json',
      '{"components":{"a":{"kind":"command","run":["own-tool","x"]}}}',
    );
    const tool = rig.executable('node_modules/.bin/own-tool');
    const run = rig.start(['--config', 'package/shakedown.config.json']);
    const invocation = await tool.invocation();
    expect(invocation.args).toEqual(['x']);
    expect(invocation.cwd).toBe(join(rig.dir, 'package'));
    await invocation.exit(0);
    expect((await run.exit()).code).toBe(0);
  });

  test('that does not exist is named', async () => {
    const { code, stdout, findings } = await runOne({ kind: 'command', run: ['no-such-program'] });
    expect(code).toBe(1);
    expect(stdout).toContain('no-such-program is not installed, or not on the PATH');
    expect(findings).toMatchObject([{ code: 'missing-program', program: 'no-such-program' }]);
  });

  test('that dies by a signal is told so', async () => {
    await using rig = await Rig.create();
    const { a } = commands(rig, 'a');
    rig.config({ components: { a: command(a) } });
    const run = rig.start(JSON_REPORT);
    await (await a.invocation()).die('SIGSEGV');
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toContain('a was killed by SIGSEGV (segmentation fault)');
    expect(rig.report().components[0]?.findings).toMatchObject([{ code: 'exit-code', signal: 'SIGSEGV' }]);
  });

  const memories = [
    { config: { memory: 'debug' }, args: ['--memory', 'off'], value: undefined },
    { config: {}, args: [], value: undefined },
    { config: { memory: 'debug' }, args: [], value: 'debug' },
    { config: {}, args: ['--memory', 'debug'], value: 'debug' },
  ];
  test.each(inTurn(memories, 2))(
    'memory: $config with $args gives PYTHONMALLOC=$value',
    async ({ config, args, value }) => {
      await using rig = await Rig.create();
      const { a } = commands(rig, 'a');
      rig.config({ ...config, components: { a: command(a) } });
      const run = rig.start(args, { PYTHONMALLOC: undefined });
      const invocation = await a.invocation();
      expect(invocation.env.PYTHONMALLOC).toBe(value);
      await invocation.exit(0);
      await run.exit();
    },
  );
});

describe('expect', () => {
  const EXPECTED: { expect: object; run: string; says?: string }[] = [
    { expect: { exitCode: 3 }, run: 'exit 3' },
    { expect: { exitCode: [0, 3] }, run: 'exit 3' },
    { expect: { exitCode: [0, 3] }, run: 'exit 2', says: 'exited with code 2, expected 0 or 3' },
    { expect: { exitCode: 3 }, run: 'true', says: 'exited with code 0, expected 3' },
    { expect: { output: 'all 7 passed' }, run: 'echo all 7 passed' },
    { expect: { output: 'a.c' }, run: 'echo abc', says: 'did not print "a.c"' },
    {
      expect: { output: [{ regex: '^\\d+ PASSED$', flags: 'i' }, 'done'] },
      run: 'echo x; echo 12 passed; echo done',
    },
    {
      expect: { output: [{ regex: '^\\d+ passed$' }, 'done'] },
      run: 'echo all 12 passed; echo done',
      says: 'did not print /^\\d+ passed$/',
    },
    { expect: { output: 'to stderr' }, run: 'echo to stderr >&2' },
    { expect: { forbid: 'DEPRECATED' }, run: 'echo fine' },
    { expect: { forbid: ['DEPRECATED'] }, run: 'echo "x is DEPRECATED"', says: 'x is DEPRECATED' },
    {
      expect: { forbid: 'DEPRECATED', allow: { regex: '^y is' } },
      run: 'echo "y is DEPRECATED"',
    },
    {
      expect: { forbid: 'DEPRECATED', allow: { regex: '^y is' } },
      run: 'echo "y is DEPRECATED"; echo "z is DEPRECATED"',
      says: 'z is DEPRECATED',
    },
    {
      expect: { allow: 'Traceback (most recent call last)' },
      run: 'echo "Traceback (most recent call last):"; echo "  File x"; echo "E: 1"',
    },
    {
      expect: { allow: 'Traceback (most recent call last)' },
      run: 'echo "free(): invalid pointer"',
      says: 'free(): invalid pointer',
    },
  ];

  test('holds for a command, unless it says why not', async () => {
    await using rig = await Rig.create();
    const components = EXPECTED.map(({ says: _, ...each }, i) => [`c${i}`, { kind: 'command', ...each }]);
    rig.config({ components: Object.fromEntries(components) });
    expect((await rig.run(['--keep-going', ...JSON_REPORT])).code).toBe(1);
    const { components: ran } = rig.report();
    expect(ran).toHaveLength(EXPECTED.length);
    for (const [i, { says, ...each }] of EXPECTED.entries()) {
      const { verdict, findings } = ran[i] ?? {};
      const told = findings?.map(({ message }) => message).join('\n');
      expect(verdict, `${JSON.stringify(each)}: ${told}`).toBe(says === undefined ? 'passed' : 'failed');
      expect(told).toContain(says ?? '');
    }
  });

  test('of a client is its own', async () => {
    await using rig = await Rig.create();
    const { server } = commands(rig, 'server');
    const port = await rig.freePort();
    rig.config({
      components: {
        http: {
          kind: 'http',
          server: { run: server.line, port },
          client: { run: 'echo checked 3; exit 9', expect: { exitCode: 9, output: 'checked 3' } },
        },
      },
    });
    const run = rig.start([]);
    await (await server.invocation()).listen(port);
    expect((await run.exit()).code).toBe(0);
  });
});

describe('http', () => {
  test('port 0: a free one is handed over as PORT, in the environment and in the words', async () => {
    await using rig = await Rig.create();
    const server = rig.executable('server');
    const client = rig.executable('client');
    rig.config({
      components: {
        http: {
          kind: 'http',
          server: { run: ['./server', '--port=$PORT', '${PORT}'], port: 0, ready: { http: '/' } },
          client: './client http://localhost:$PORT/',
        },
      },
    });
    const run = rig.start([]);
    const serving = await server.invocation();
    const port = Number(serving.env.PORT);
    expect(serving.args).toEqual([`--port=${port}`, String(port)]);
    await serving.listen(port);
    const asking = await client.invocation();
    expect(asking.args).toEqual([`http://localhost:${port}/`]);
    expect(asking.env.PORT).toBe(String(port));
    await asking.exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    expect(stdout).toContain(`on port ${port}`);
    expect(await rig.isFree(port)).toBe(true);
  });

  test.runIf(isThorough)(
    'several services: each after those that it needs, all told of each other, ended in reverse',
    async () => {
      await using rig = await Rig.create();
      const { web, db, client } = commands(rig, 'web', 'db', 'client');
      rig.config({
        components: {
          http: {
            kind: 'http',
            // The client tries `server`.
            server: { run: web.line, port: 0, needs: ['main-db'] },
            services: {
              idle: { run: 'sleep 600', ready: { exec: 'true' } },
              'main-db': { run: db.line, port: 0 },
            },
            client: client.line,
          },
        },
      });
      const run = rig.start(JSON_REPORT);
      const storing = await db.invocation();
      expect(web.unasked).toBe(0);
      const dbPort = await storing.listen(Number(storing.env.PORT));
      const serving = await web.invocation();
      expect(serving.env.MAIN_DB_PORT).toBe(String(dbPort));
      const webPort = await serving.listen(Number(serving.env.PORT));
      const asking = await client.invocation();
      expect(asking.env).toMatchObject({
        PORT: String(webPort),
        SERVER_PORT: String(webPort),
        MAIN_DB_PORT: String(dbPort),
      });
      await storing.ignore('SIGTERM');
      await asking.exit(0);
      await serving.gone;
      // The web server has gone before its database is even asked to.
      await storing.signal('SIGTERM');
      await storing.die('SIGKILL');
      expect((await run.exit()).code).toBe(0);
      expect(rig.report().components[0]?.services.map(({ name, port }) => [name, port])).toEqual([
        ['idle', null],
        ['main-db', dbPort],
        ['server', webPort],
      ]);
    },
  );

  test('without `server` the client tries the service that no other needs', async () => {
    await using rig = await Rig.create();
    const { db, web, client } = commands(rig, 'db', 'web', 'client');
    rig.config({
      components: {
        http: {
          kind: 'http',
          services: { web: { run: web.line, port: 0, needs: ['db'] }, db: { run: db.line, port: 0 } },
          client: client.line,
        },
      },
    });
    const run = rig.start([]);
    const storing = await db.invocation();
    await storing.listen(Number(storing.env.PORT));
    const serving = await web.invocation();
    await serving.listen(Number(serving.env.PORT));
    const asking = await client.invocation();
    expect(asking.env.PORT).toBe(serving.env.PORT);
    await asking.exit(0);
    expect((await run.exit()).code).toBe(0);
  });

  test.runIf(isThorough)(
    'the built-in client sends what it is told to, and checks every response',
    async () => {
      await using rig = await Rig.create();
      const { server } = commands(rig, 'server');
      const port = await rig.freePort();
      rig.config({
        components: {
          http: {
            kind: 'http',
            server: { run: server.line, port },
            client: {
              kind: 'load',
              path: '/x',
              requests: 50,
              connections: 3,
              expect: { status: 200, body: `agent ${server.id}` },
            },
          },
        },
      });
      const run = rig.start([]);
      await (await server.invocation()).listen(port);
      const { code } = await run.exit();
      expect(code).toBe(0);
      expect(rig.read('.shakedown/latest/logs/http.log')).toContain('50 due: 50 completed\n');
    },
  );

  test('the built-in client fails when one is not as demanded', async () => {
    await using rig = await Rig.create();
    const { server } = commands(rig, 'server');
    const port = await rig.freePort();
    rig.config({
      components: {
        http: { kind: 'http', server: { run: server.line, port }, client: { kind: 'load', requests: 5 } },
      },
    });
    const run = rig.start(JSON_REPORT);
    await (await server.invocation()).listen(port, { status: 503 });
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toMatch(/requests? of 5 failed: .*503/);
    expect(rig.report().components[0]?.findings).toMatchObject([{ code: 'unexpected-response' }]);
    expect(await rig.isFree(port)).toBe(true);
  });
});

describe('types', () => {
  test('runs and checks a sample; what is expected is expected of the run', async () => {
    await using rig = await Rig.create();
    rig.write('sample.ts', 'const n: number = 3;\nconsole.log(`result ${n}`);\n');
    rig.config({
      components: {
        good: { kind: 'types', sample: 'sample.ts', expect: { output: 'result 3' } },
        bad: { kind: 'types', sample: 'sample.ts', expect: { output: 'result 4' } },
      },
    });
    const env = { PATH: `${TOOLS}:${process.env.PATH}` };
    const { code, stdout } = await rig.run([...JSON_REPORT, '--keep-going'], env);
    expect(code).toBe(1);
    expect(verdicts(rig)).toEqual({ good: 'passed', bad: 'failed' });
    expect(stdout).toContain('sample did not print "result 4"');
  });
});

describe('the time limit', () => {
  test('ends a command that never ends', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { a: { kind: 'command', run: 'echo waiting; sleep 600', timeout: '300ms' } } });
    const run = rig.start(JSON_REPORT);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toContain('a did not finish within 300 ms and was stopped');
    expect(stdout).toContain('│ waiting');
    expect(stdout).toContain('raise it with --timeout');
    expect(rig.report().components[0]?.findings).toMatchObject([{ code: 'timeout', limitMs: 300 }]);
    expect(left(run)).toEqual([]);
  });

  test.runIf(isThorough)('--timeout overrules the config', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { a: { kind: 'command', run: 'sleep 600', timeout: '10m' } } });
    const run = rig.start(['--timeout', '0.25s']);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toContain('a did not finish within 250 ms');
    expect(left(run)).toEqual([]);
  });

  test.runIf(isThorough)('covers services and client together', async () => {
    await using rig = await Rig.create();
    rig.config({
      components: {
        http: {
          kind: 'http',
          server: { run: 'echo up; exec sleep 600', ready: { log: 'up' } },
          client: 'exec sleep 600',
          timeout: '1s',
        },
        next: { kind: 'command', run: 'true' },
      },
    });
    const run = rig.start([...JSON_REPORT, '--keep-going']);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toContain('client did not finish within 1.00 s');
    expect(verdicts(rig)).toEqual({ http: 'failed', next: 'passed' });
    expect(left(run)).toEqual([]);
  });
});

describe('retries', () => {
  test('a pass on a later attempt is FLAKY: shown, and in the report', async () => {
    await using rig = await Rig.create();
    const { a } = commands(rig, 'a');
    rig.config({ components: { a: command(a, { retries: 3 }) } });
    const run = rig.start(JSON_REPORT);
    for (const code of [4, 5, 0]) await (await a.invocation()).exit(code);
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    expect(stdout).toContain('attempt 1 of 4 failed: a exited with code 4');
    expect(stdout).toContain('attempt 2 of 4 failed: a exited with code 5');
    expect(stdout).toMatch(/✓ a .* FLAKY passed on attempt 3/);
    expect(stdout).toContain('PASSED  1 passed (1 flaky)');
    expect(a.unasked).toBe(0);
    expect(rig.report().components[0]).toMatchObject({
      verdict: 'passed',
      flaky: true,
      attempts: 3,
      findings: [],
      earlierFindings: [{ exitCode: 4 }, { exitCode: 5 }],
    });
  });

  test.runIf(isThorough)('are not endless', async () => {
    await using rig = await Rig.create();
    const { a } = commands(rig, 'a');
    rig.config({ components: { a: command(a, { retries: 1 }) } });
    const run = rig.start(JSON_REPORT);
    for (const code of [4, 5]) await (await a.invocation()).exit(code);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toContain('a exited with code 5');
    expect(stdout).not.toContain('FLAKY');
    expect(a.unasked).toBe(0);
    expect(rig.report().components[0]).toMatchObject({ verdict: 'failed', flaky: false, attempts: 2 });
  });

  test.runIf(isThorough)('a pass at once is not flaky', async () => {
    await using rig = await Rig.create();
    const { a } = commands(rig, 'a');
    rig.config({ components: { a: command(a, { retries: 5 }) } });
    const run = rig.start(JSON_REPORT);
    await (await a.invocation()).exit(0);
    const { stdout } = await run.exit();
    expect(stdout).not.toContain('FLAKY');
    expect(rig.report().components[0]).toMatchObject({ flaky: false, attempts: 1 });
  });
});

describe('needs', () => {
  test.runIf(isThorough)('are run too and first, also those that otherwise want to be named', async () => {
    await using rig = await Rig.create();
    const { last, middle, first, other } = commands(rig, 'last', 'middle', 'first', 'other');
    rig.config({
      components: {
        last: command(last, { needs: ['middle'] }),
        other: command(other),
        middle: command(middle, { needs: ['first'], onlyWhenNamed: true }),
        first: command(first, { onlyWhenNamed: true }),
      },
    });
    const run = rig.start(['last', ...JSON_REPORT]);
    const one = await first.invocation();
    expect([middle.unasked, last.unasked]).toEqual([0, 0]);
    await one.exit(0);
    const two = await middle.invocation();
    expect(last.unasked).toBe(0);
    await two.exit(0);
    await (await last.invocation()).exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(verdicts(rig)).toEqual({ first: 'passed', middle: 'passed', last: 'passed' });
    expect(other.unasked).toBe(0);
  });

  test.runIf(isThorough)('that did not pass block what needs them, and what needs that', async () => {
    await using rig = await Rig.create();
    const { a, b, c, free } = commands(rig, 'a', 'b', 'c', 'free');
    rig.config({
      components: {
        a: command(a),
        b: command(b, { needs: ['a'] }),
        c: command(c, { needs: ['b'] }),
        free: command(free),
      },
    });
    const run = rig.start(['--keep-going', ...JSON_REPORT]);
    await (await a.invocation()).exit(1);
    await (await free.invocation()).exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toMatch(/b +skipped: it needs a, which did not pass/);
    expect(stdout).toMatch(/c +skipped: it needs b, which was not run/);
    expect(verdicts(rig)).toEqual({ a: 'failed', b: 'skipped', c: 'skipped', free: 'passed' });
    expect([b.unasked, c.unasked]).toEqual([0, 0]);
  });
});

test('onlyWhenNamed is left out of a run that names nothing, and run by name', async () => {
  await using rig = await Rig.create();
  const { quick, slow } = commands(rig, 'quick', 'slow');
  rig.config({ components: { quick: command(quick), slow: command(slow, { onlyWhenNamed: true }) } });
  const all = rig.start([]);
  await (await quick.invocation()).exit(0);
  const { code, stdout } = await all.exit();
  expect(code).toBe(0);
  expect(stdout).not.toContain('slow');
  expect(slow.unasked).toBe(0);
  const named = rig.start(['slow']);
  await (await slow.invocation()).exit(0);
  expect((await named.exit()).code).toBe(0);
  expect(quick.unasked).toBe(0);
});

describe('--jobs', () => {
  test('2 runs two at once and not three', async () => {
    await using rig = await Rig.create();
    const { a, b, c } = commands(rig, 'a', 'b', 'c');
    rig.config({ components: { a: command(a), b: command(b), c: command(c) } });
    const run = rig.start(['--jobs', '2']);
    const [first, second] = [await a.invocation(), await b.invocation()];
    expect(c.unasked).toBe(0);
    await second.exit(0);
    const third = await c.invocation();
    await first.exit(0);
    await third.exit(0);
    expect((await run.exit()).code).toBe(0);
  });

  test('without it, one at a time', async () => {
    await using rig = await Rig.create();
    const { a, b } = commands(rig, 'a', 'b');
    rig.config({ components: { a: command(a), b: command(b) } });
    const run = rig.start([]);
    const first = await a.invocation();
    await first.print('still there\n');
    expect(b.unasked).toBe(0);
    await first.exit(0);
    await (await b.invocation()).exit(0);
    await run.exit();
    const order = run
      .journal()
      .flatMap((event) =>
        event.type === 'component-started' || event.type === 'component-finished'
          ? [`${event.type.slice('component-'.length)} ${event.component}`]
          : [],
      );
    expect(order).toEqual(['started a', 'finished a', 'started b', 'finished b']);
  });

  test.runIf(isThorough)('does not interleave their output', async () => {
    await using rig = await Rig.create();
    const { a, b } = commands(rig, 'a', 'b');
    rig.config({ components: { a: command(a), b: command(b) } });
    const run = rig.start(['--jobs', '2', '--keep-going']);
    const both = [await a.invocation(), await b.invocation()] as const;
    for (let line = 0; line < 6; line++) {
      await both[0].print(`from a: ${line}\n`);
      await both[1].print(`from b: ${line}\n`);
    }
    await Promise.all([both[0].exit(1), both[1].exit(1)]);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    const shown = stdout
      .split('\n')
      .flatMap((line) => /│ from (\w): (\d)/.exec(line)?.slice(1, 3).join('') ?? []);
    const block = (name: string): string[] => Array.from({ length: 6 }, (_, line) => `${name}${line}`);
    expect([
      [...block('a'), ...block('b')],
      [...block('b'), ...block('a')],
    ]).toContainEqual(shown);
    for (const name of ['a', 'b'])
      expect(rig.read(`.shakedown/latest/logs/${name}.log`)).not.toContain(
        `from ${name === 'a' ? 'b' : 'a'}`,
      );
  });

  test('the first failure ends the others that run', async () => {
    await using rig = await Rig.create();
    const { a, b, c } = commands(rig, 'a', 'b', 'c');
    rig.config({ components: { a: command(a), b: command(b), c: command(c) } });
    const run = rig.start(['--jobs', '2', ...JSON_REPORT]);
    const [first, second] = [await a.invocation(), await b.invocation()];
    await first.exit(1);
    await second.gone;
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toMatch(/b +skipped: stopped because another component failed/);
    expect(verdicts(rig)).toEqual({ a: 'failed', b: 'skipped', c: 'skipped' });
    expect(c.unasked).toBe(0);
  });

  test.runIf(isThorough)(
    'components that share a port are never run at once; one without goes ahead',
    async () => {
      await using rig = await Rig.create();
      const { one, two, free } = commands(rig, 'one', 'two', 'free');
      const clients = commands(rig, 'one', 'two');
      const port = await rig.freePort();
      const http = (server: FakeCommand, client: FakeCommand): object => ({
        kind: 'http',
        server: { run: server.line, port },
        client: client.line,
      });
      rig.config({
        components: { one: http(one, clients.one), two: http(two, clients.two), free: command(free) },
      });
      const run = rig.start(['--jobs', '3', ...JSON_REPORT]);
      const [serving, beside] = [await one.invocation(), await free.invocation()];
      await serving.listen(port);
      const asking = await clients.one.invocation();
      expect(two.unasked).toBe(0);
      await asking.exit(0);
      const next = await two.invocation();
      expect(rig.alive()).not.toContain(serving.pid);
      await next.listen(port);
      await (await clients.two.invocation()).exit(0);
      await beside.exit(0);
      expect((await run.exit()).code).toBe(0);
      expect(verdicts(rig)).toEqual({ one: 'passed', two: 'passed', free: 'passed' });
    },
  );

  test.runIf(isThorough)('a need is waited for, also when there is room', async () => {
    await using rig = await Rig.create();
    const { a, b, c } = commands(rig, 'a', 'b', 'c');
    rig.config({ components: { a: command(a), b: command(b, { needs: ['a'] }), c: command(c) } });
    const run = rig.start(['--jobs', '3']);
    const [first, third] = [await a.invocation(), await c.invocation()];
    expect(b.unasked).toBe(0);
    await first.exit(0);
    await (await b.invocation()).exit(0);
    await third.exit(0);
    expect((await run.exit()).code).toBe(0);
  });
});

describe('--repeat', () => {
  test.runIf(isThorough)('runs each component so many times, and all must pass', async () => {
    await using rig = await Rig.create();
    const { a, b } = commands(rig, 'a', 'b');
    rig.config({ components: { a: command(a), b: command(b) } });
    const run = rig.start(['--repeat', '3', ...JSON_REPORT]);
    for (const fake of [a, a, a, b, b, b]) await (await fake.invocation()).exit(0);
    expect((await run.exit()).code).toBe(0);
    expect([a.unasked, b.unasked]).toEqual([0, 0]);
    expect(rig.report().components).toMatchObject([
      { attempts: 3, flaky: false },
      { attempts: 3, flaky: false },
    ]);
  });

  test.runIf(isThorough)('ends with the first that fails', async () => {
    await using rig = await Rig.create();
    const { a } = commands(rig, 'a');
    rig.config({ components: { a: command(a) } });
    const run = rig.start(['--repeat', '5', ...JSON_REPORT]);
    await (await a.invocation()).exit(0);
    await (await a.invocation()).exit(3);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toContain('a exited with code 3');
    expect(a.unasked).toBe(0);
    expect(rig.report().components[0]).toMatchObject({ verdict: 'failed', attempts: 2 });
  });
});

describe('the file', () => {
  const source = (name: string): string =>
    `import { command, defineSuite } from 'shakedown';\nexport default defineSuite({ components: { ${name}: command('echo ${name}') } });\n`;

  test.each(inTurn(['ts', 'mts', 'js', 'mjs'], 3))(
    'shakedown.config.%s imports the library, installed here or not',
    async (ending) => {
      await using rig = await Rig.create();
      rig.write(`shakedown.config.${ending}`, source('greeting'));
      const { code, stdout } = await rig.run([]);
      expect(stdout).toMatch(/✓ greeting/);
      expect(code).toBe(0);
      expect(rig.exists('node_modules')).toBe(false);
    },
  );

  test('in TypeScript may use types, builders of every kind, and files of its own', async () => {
    await using rig = await Rig.create();
    rig.write('names.ts', "export enum Name { First = 'first' }\nexport const word: string = 'hello';\n");
    rig.write(
      'shakedown.config.ts',
      [
        "import { command, defineSuite, http, load, type SuiteOptions, types } from 'shakedown';",
        "import { Name, word } from './names';",
        'const suite: SuiteOptions = {',
        '  components: {',
        '    [Name.First]: command({ run: `echo ${word}`, expect: { output: /^HELLO$/i } }),',
        "    web: http({ server: { run: 'x', port: 0 }, client: load({ requests: 2 }), onlyWhenNamed: true }),",
        "    sample: types({ sample: './names.ts', onlyWhenNamed: true }),",
        '  },',
        '};',
        'export default defineSuite(suite);',
        '',
      ].join('\n'),
    );
    const { code, stdout } = await rig.run([]);
    expect(stdout).toMatch(/✓ first/);
    expect(code).toBe(0);
    expect((await rig.run(['list'])).stdout).toMatch(
      /web +http +only when named\n +sample +types +only when named/,
    );
  });

  test('in JSON names its schema', async () => {
    await using rig = await Rig.create();
    rig.config({
      $schema: './node_modules/shakedown/schema.json',
      components: { a: { kind: 'command', run: 'true' } },
    });
    expect((await rig.run([])).code).toBe(0);
  });

  test.runIf(isThorough)(
    'comes before a folder by convention; --dir means the folder all the same',
    async () => {
      await using rig = await Rig.create();
      const { a } = commands(rig, 'a');
      rig.config({ components: { a: command(a) } });
      const thread = rig.executable('integration/thread');
      const byConfig = rig.start([]);
      await (await a.invocation()).exit(0);
      expect((await byConfig.exit()).code).toBe(0);
      const byFolder = rig.start(['--dir', 'integration']);
      await (await thread.invocation()).exit(0);
      expect((await byFolder.exit()).code).toBe(0);
      expect([a.unasked, thread.unasked]).toEqual([0, 0]);
    },
  );

  test.runIf(isThorough)(
    '--config names one elsewhere: its folder is where things run and where logs are',
    async () => {
      await using rig = await Rig.create();
      const { a } = commands(rig, 'a');
      rig.write('project/suite.json', JSON.stringify({ components: { a: command(a) } }));
      const run = rig.start(['--config', 'project/suite.json']);
      const invocation = await a.invocation();
      expect(invocation.cwd).toBe(join(rig.dir, 'project'));
      await invocation.exit(0);
      expect((await run.exit()).code).toBe(0);
      expect(rig.exists('project/.shakedown/latest/logs/a.log')).toBe(true);
    },
  );
});

describe('list and plan', () => {
  async function suite(): Promise<{ rig: Rig; a: FakeCommand; setup: FakeCommand }> {
    const rig = await Rig.create();
    const { a, setup } = commands(rig, 'a', 'setup');
    rig.write('lock', '1');
    rig.config({
      memory: 'debug',
      setup: [{ run: setup.line, name: 'prepare', inputs: ['lock'] }],
      components: {
        web: {
          kind: 'http',
          services: { db: { run: './db', port: 0 }, web: { run: './web', port: 4321, needs: ['db'] } },
          client: 'curl localhost:$PORT',
          needs: ['a'],
        },
        a: command(a, { timeout: '90s' }),
        rare: command(a, { onlyWhenNamed: true }),
      },
    });
    return { rig, a, setup };
  }

  test('list shows what there is', async () => {
    const { rig, a, setup } = await suite();
    await using _ = rig;
    const { code, stdout } = await rig.run(['list']);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'shakedown.config.json',
      '  a     command',
      '  web   http     needs a',
      '  rare  command  only when named',
      '',
    ]);
    expect([a.unasked, setup.unasked, Number(rig.exists('.shakedown'))]).toEqual([0, 0, 0]);
  });

  test('list --json is for programs', async () => {
    const { rig } = await suite();
    await using _ = rig;
    const { code, stdout } = await rig.run(['list', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      suite: 'shakedown.config.json',
      components: [
        { name: 'a', kind: 'command', onlyWhenNamed: false, needs: [] },
        { name: 'web', kind: 'http', onlyWhenNamed: false, needs: ['a'] },
        { name: 'rare', kind: 'command', onlyWhenNamed: true, needs: [] },
      ],
    });
  });

  test('list tells what a folder lacks, and what in it cannot be run', async () => {
    await using rig = await Rig.create();
    rig.executable('integration/thread');
    rig.write('integration/init', 'no shebang\n', 0o755);
    const { code, stdout } = await rig.run(['list']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/thread +command/);
    expect(stdout).toMatch(/http +- +there is no executable http in integration/);
    expect(stdout).toMatch(/init +- +integration\/init has no shebang/);
  });

  test('plan says what would run, in order, and runs nothing', async () => {
    const { rig, a, setup } = await suite();
    await using _ = rig;
    const { code, stdout } = await rig.run(['plan', 'web', '--jobs', '2', '--repeat', '3', '--keep-going']);
    expect(code).toBe(0);
    expect(stdout).toContain('2 at once, continues after a failure, each 3 times, PYTHONMALLOC=debug');
    expect(stdout).toContain('setup 1. prepare (when lock changed)');
    expect(stdout).toContain('1. a (command, at most 1m 30s)');
    expect(stdout).toContain('2. web (http, at most 10m 00s, after a)');
    expect(stdout).toMatch(/start db: \.\/db on a free port.*\n.*start web: \.\/web on port 4321 after db/);
    expect(stdout).toContain('run curl localhost:$PORT');
    expect(stdout).toContain('end web, db');
    expect(stdout).not.toContain('rare');
    expect([a.unasked, setup.unasked, Number(rig.exists('.shakedown'))]).toEqual([0, 0, 0]);
  });

  test('plan --json is the plan itself', async () => {
    const { rig } = await suite();
    await using _ = rig;
    const { code, stdout } = await rig.run(['plan', '--json', '--timeout', '5s']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      suite: 'shakedown.config.json',
      root: rig.dir,
      env: { PYTHONMALLOC: 'debug' },
      setup: [{ name: 'prepare', inputs: ['lock'] }],
      components: [
        { component: { name: 'a', kind: 'command', timeout: 5000 }, after: [], ports: [] },
        { component: { name: 'web', kind: 'http', timeout: 5000 }, after: ['a'], ports: [4321] },
      ],
      jobs: 1,
      repeat: 1,
      keepGoing: false,
    });
  });

  test.runIf(isThorough)('both refuse what a run would refuse', async () => {
    await using rig = await Rig.create();
    for (const verb of ['list', 'plan']) {
      const { code, stderr } = await rig.run([verb]);
      expect(code).toBe(2);
      expect(stderr).toContain('there is nothing to run here');
    }
    rig.executable('integration/thread');
    const { code, stderr } = await rig.run(['plan', 'thraed']);
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean "thread"?');
  });
});

describe('complete', () => {
  test.each(inTurn(['bash', 'zsh', 'fish']))('prints a script for %s', async (shell) => {
    await using rig = await Rig.create();
    const { code, stdout, stderr } = await rig.run(['complete', shell]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain(`${shell} completion for shakedown`);
    expect(stdout).toContain('shakedown complete --');
    if (shell !== 'bash') return;
    const check = spawnSync('bash', ['-n'], { input: stdout, encoding: 'utf8' });
    expect(check.stderr).toBe('');
    expect(check.status).toBe(0);
  });

  test('knows the commands, and the components of the suite at hand', async () => {
    await using rig = await Rig.create();
    rig.config({
      components: { alpha: { kind: 'command', run: 'true' }, beta: { kind: 'command', run: 'true' } },
    });
    const offered = async (...words: string[]): Promise<string[]> => {
      const { code, stdout } = await rig.run(['complete', '--', ...words]);
      expect(code).toBe(0);
      return stdout.split('\n').flatMap((line) => /^([\w-]+)\t/.exec(line)?.[1] ?? []);
    };
    expect(await offered('')).toEqual(
      expect.arrayContaining(['run', 'list', 'plan', 'sweep', 'new', 'alpha', 'beta']),
    );
    expect(await offered('al')).toEqual(['alpha']);
    expect(await offered('run', '')).toEqual(['alpha', 'beta']);
    expect(await offered('plan', 'be')).toEqual(['beta']);
    expect(await offered('run', '--keep')).toEqual(['--keep-going']);
  });

  test('offers the commands where there is no suite, or a broken one', async () => {
    await using rig = await Rig.create();
    rig.write('shakedown.config.json', '{');
    const { code, stdout, stderr } = await rig.run(['complete', '--', '']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^run\t/m);
    expect(stderr).toBe('');
  });

  test('wants to know the shell', async () => {
    await using rig = await Rig.create();
    const { code, stderr } = await rig.run(['complete']);
    expect(code).toBe(2);
    expect(stderr).toContain('name the shell to complete in: bash, zsh, fish');
  });
});

describe('help and version', () => {
  test.each(inTurn(['--help', '-h']))('%s tells of every command, option and exit code', async (flag) => {
    await using rig = await Rig.create();
    const { code, stdout, stderr } = await rig.run([flag]);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    for (const verb of ['run', 'list', 'plan', 'sweep', 'new', 'complete'])
      expect(stdout).toMatch(new RegExp(`^ {2}${verb}\\b`, 'm'));
    const options = ['--dir', '--config', '--port', '--daemon', '--foreground', '--keep-going', '--jobs'];
    for (const option of [...options, '--repeat', '--timeout', '--memory', '--report'])
      expect(stdout).toMatch(new RegExp(`^ {2}${option}\\b`, 'm'));
    expect(stdout).toContain('0 all passed, 1 something failed, 2 usage or config error');
    expect(stdout).toContain('3 inconclusive, 4 nothing ran');
    expect(stdout).toContain('--memory <debug|off>');
    expect(stdout.match(/--help/g)).toHaveLength(1);
  });

  test('the help of run holds no value of ours', async () => {
    await using rig = await Rig.create();
    expect((await rig.run(['run', '--help'])).stdout).not.toContain('[]');
  });

  test.each(inTurn(['--version', '-V']))('%s is the version of the package', async (flag) => {
    await using rig = await Rig.create();
    const { code, stdout } = await rig.run([flag]);
    const manifest = JSON.parse(readFileSync(join(TOOLS, '../../package.json'), 'utf8')) as {
      version: string;
    };
    expect(code).toBe(0);
    expect(stdout).toBe(`${manifest.version}\n`);
  });
});
