/** A folder of scripts as it is, no config: what is called, how, in what order, and what is made of it. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FakeCommand, type Invocation, Rig, type ShakedownRun, TOOLS } from '../rig/rig.ts';
import { inTurn, isThorough } from '../rig/thorough.ts';

/** Scripts of the folder `integration`, each of which does what the test says. */
function scripts<Name extends string>(rig: Rig, ...names: Name[]): Record<Name, FakeCommand> {
  const entries = names.map((name) => [name, rig.executable(`integration/${name}`)]);
  return Object.fromEntries(entries) as Record<Name, FakeCommand>;
}

/** Programs by these names, found before any real ones. */
function tools<Name extends string>(rig: Rig, ...names: Name[]): Record<Name, FakeCommand> {
  const entries = names.map((name) => [name, rig.executable(`bin/${name}`)]);
  return Object.fromEntries(entries) as Record<Name, FakeCommand>;
}

/** A PATH on which the tools above come first. */
const toolsFirst = (rig: Rig) => ({ PATH: `${join(rig.dir, 'bin')}:${process.env.PATH}` });
/** A PATH on which there is nothing else. */
const toolsOnly = (rig: Rig) => ({ PATH: join(rig.dir, 'bin') });

/** Lets `http` put a server into the background, as its `--daemon` says. */
async function serveAsDaemon(
  rig: Rig,
  http: FakeCommand,
): Promise<{ launcher: Invocation; server: Invocation; port: number }> {
  const launcher = await http.invocation();
  const background = rig.command();
  await launcher.daemon(background);
  const server = await background.invocation();
  const port = await server.listen(Number(launcher.env.PORT));
  await launcher.exit(0);
  return { launcher, server, port };
}

const started = (run: ShakedownRun): string[] =>
  run.journal().flatMap((event) => (event.type === 'component-started' ? [event.component] : []));

const inDir = async (rig: Rig, ...args: string[]): Promise<string[]> => [
  ...args,
  '--port',
  String(await rig.freePort()),
];

describe('order and selection', () => {
  test('a run that names nothing runs thread, http, init, one after the other', async () => {
    await using rig = await Rig.create();
    const { thread, http, client, init } = scripts(rig, 'thread', 'http', 'client', 'init');
    rig.write('integration/typestubs.py', 'print("sample")\n');
    const { python } = tools(rig, 'python', 'mypy');
    const run = rig.start(await inDir(rig), toolsFirst(rig));

    const first = await thread.invocation();
    expect([http.unasked, init.unasked]).toEqual([0, 0]);
    await first.exit(0);
    await serveAsDaemon(rig, http);
    const caller = await client.invocation();
    expect(init.unasked).toBe(0);
    await caller.exit(0);
    await (await init.invocation()).exit(0);

    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    expect(stdout).toContain('PASSED  3 passed');
    expect(started(run)).toEqual(['thread', 'http', 'init']);
    expect(python.unasked).toBe(0);
  });

  test.runIf(isThorough)(
    'names may come in any order and twice: each runs once, in the order of the convention',
    async () => {
      await using rig = await Rig.create();
      const { thread, http, client, init } = scripts(rig, 'thread', 'http', 'client', 'init');
      rig.write('integration/typestubs.py', 'print("sample")\n');
      const { python, mypy } = tools(rig, 'python', 'mypy');
      const names = ['init', 'typestubs', 'thread', 'http', 'thread', 'init'];
      const run = rig.start(await inDir(rig, ...names), toolsFirst(rig));

      await (await thread.invocation()).exit(0);
      await serveAsDaemon(rig, http);
      await (await client.invocation()).exit(0);
      const sample = await python.invocation();
      expect(init.unasked).toBe(0);
      await sample.exit(0);
      await (await mypy.invocation()).exit(0);
      await (await init.invocation()).exit(0);

      const { code, stdout } = await run.exit();
      expect(code).toBe(0);
      expect(stdout).toContain('PASSED  4 passed');
      expect(started(run)).toEqual(['thread', 'http', 'typestubs', 'init']);
      for (const command of [thread, http, client, python, mypy, init]) expect(command.unasked).toBe(0);
    },
  );

  test.each([
    { way: 'the bare name', args: ['init'] },
    { way: 'the word run', args: ['run', 'init'] },
  ])('by $way only what is named runs', async ({ args }) => {
    await using rig = await Rig.create();
    const { thread, init } = scripts(rig, 'thread', 'init');
    const run = rig.start(args);
    await (await init.invocation()).exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(thread.unasked).toBe(0);
  });

  test('--dir names another folder, and the scripts run in it', async () => {
    await using rig = await Rig.create();
    const { thread } = scripts(rig, 'thread');
    const other = rig.executable('trials/first/thread');
    const run = rig.start(['--dir', 'trials/first']);
    const invocation = await other.invocation();
    expect(invocation.cwd).toBe(join(rig.dir, 'trials/first'));
    await invocation.exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    expect(stdout).toContain('trials/first');
    expect(thread.unasked).toBe(0);
  });

  test('the first failure ends the run: the rest is skipped, and that is said', async () => {
    await using rig = await Rig.create();
    const { thread, http, client, init } = scripts(rig, 'thread', 'http', 'client', 'init');
    const run = rig.start(await inDir(rig));
    const invocation = await thread.invocation();
    await invocation.print('assertion 7 does not hold\n');
    await invocation.exit(5);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toContain('thread exited with code 5: assertion 7 does not hold');
    expect(stdout).toMatch(/http +skipped: thread failed/);
    expect(stdout).toMatch(/init +skipped: thread failed/);
    expect(stdout).toContain('FAILED  0 passed, 1 failed, 2 skipped');
    for (const command of [http, client, init]) expect(command.unasked).toBe(0);
  });

  test('--keep-going goes on, and the run has failed all the same', async () => {
    await using rig = await Rig.create();
    const { thread, http, client, init } = scripts(rig, 'thread', 'http', 'client', 'init');
    const run = rig.start(await inDir(rig, '--keep-going'));
    await (await thread.invocation()).exit(1);
    await serveAsDaemon(rig, http);
    await (await client.invocation()).exit(1);
    await (await init.invocation()).exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toContain('FAILED  1 passed, 2 failed');
  });
});

describe('what is absent', () => {
  test('in the default selection: skipped, and said', async () => {
    await using rig = await Rig.create();
    const { thread } = scripts(rig, 'thread');
    const run = rig.start(['--report', 'json=report.json']);
    await (await thread.invocation()).exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    expect(stdout).toMatch(/http +skipped: there is no executable http in integration/);
    expect(stdout).toMatch(/init +skipped: there is no executable init in integration/);
    expect(stdout).not.toContain('typestubs');
    expect(stdout).toContain('PASSED  1 passed, 2 skipped');
    expect(rig.report().components.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['thread', 'passed'],
      ['http', 'skipped'],
      ['init', 'skipped'],
    ]);
  });

  test.each([
    { name: 'init', reason: 'there is no executable init in integration' },
    { name: 'http', reason: 'there is no executable http in integration' },
    { name: 'typestubs', reason: 'there is neither typestubs.py nor typestubs.ts in integration' },
  ])('named: $name is an error, and nothing runs', async ({ name, reason }) => {
    await using rig = await Rig.create();
    const { thread } = scripts(rig, 'thread');
    const { code, stderr } = await rig.run(['thread', name]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${name} cannot be run: ${reason}`);
    expect(thread.unasked).toBe(0);
    expect(rig.exists('.shakedown')).toBe(false);
  });

  test('http without a client is an error that offers the built-in one', async () => {
    await using rig = await Rig.create();
    const { thread, http } = scripts(rig, 'thread', 'http');
    const { code, stderr } = await rig.run([]);
    expect(code).toBe(2);
    expect(stderr).toContain('integration/http has no client');
    expect(stderr).toContain('client: load(');
    expect(stderr).toContain('shakedown new');
    expect([thread.unasked, http.unasked]).toEqual([0, 0]);
  });

  test.runIf(isThorough)('http without a client is no matter when it is not selected', async () => {
    await using rig = await Rig.create();
    const { thread, http } = scripts(rig, 'thread', 'http');
    const run = rig.start(['thread']);
    await (await thread.invocation()).exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(http.unasked).toBe(0);
  });
});

describe('the memory preset', () => {
  /** Runs everything that the convention knows; returns PYTHONMALLOC as each process found it. */
  async function seenByAll(args: readonly string[]): Promise<Record<string, string | undefined>> {
    await using rig = await Rig.create();
    const { thread, http, client, init } = scripts(rig, 'thread', 'http', 'client', 'init');
    const setup = rig.executable('integration/setup');
    rig.write('integration/typestubs.py', 'print("sample")\n');
    const { python, mypy } = tools(rig, 'python', 'mypy');
    const names = ['thread', 'http', 'typestubs', 'init'];
    const env = { ...toolsFirst(rig), PYTHONMALLOC: undefined };
    const run = rig.start(await inDir(rig, ...names, ...args), env);
    const seen: Record<string, string | undefined> = {};
    const pass = async (name: string, command: FakeCommand): Promise<void> => {
      const invocation = await command.invocation();
      seen[name] = invocation.env.PYTHONMALLOC;
      await invocation.exit(0);
    };
    await pass('setup', setup);
    await pass('thread', thread);
    const { launcher, server } = await serveAsDaemon(rig, http);
    seen.http = launcher.env.PYTHONMALLOC;
    seen.server = server.env.PYTHONMALLOC;
    await pass('client', client);
    await pass('python', python);
    await pass('mypy', mypy);
    await pass('init', init);
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    expect(stdout.includes('PYTHONMALLOC=debug')).toBe(seen.thread === 'debug');
    return seen;
  }
  const everywhere = (value: string | undefined) => ({
    setup: value,
    thread: value,
    http: value,
    server: value,
    client: value,
    python: value,
    mypy: value,
    init: value,
  });

  test('is PYTHONMALLOC=debug in every child', async () => {
    expect(await seenByAll([])).toEqual(everywhere('debug'));
  });

  test.runIf(isThorough)('is gone with --memory off', async () => {
    expect(await seenByAll(['--memory', 'off'])).toEqual(everywhere(undefined));
  });
});

describe('http', () => {
  test('is called with --daemon and PORT, its client with the port; then all of it is ended', async () => {
    await using rig = await Rig.create();
    const { http, client } = scripts(rig, 'http', 'client');
    const port = await rig.freePort();
    const run = rig.start(['http', '--port', String(port)]);
    const { launcher, server } = await serveAsDaemon(rig, http);
    expect(launcher.args).toEqual(['--daemon']);
    expect(launcher.env.PORT).toBe(String(port));
    const caller = await client.invocation();
    expect(caller.args).toEqual([String(port)]);
    expect(caller.env.PORT).toBe(String(port));
    // It is this server that the client reaches.
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect(await answer.text()).toMatch(/^agent /);
    await caller.exit(0);
    await server.gone;
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`✓ http .* ready after .* on port ${port}`));
    expect(rig.alive()).toEqual([]);
    expect(await rig.isFree(port)).toBe(true);
  });

  test.runIf(isThorough)('after a client that fails, the server is ended as well', async () => {
    await using rig = await Rig.create();
    const { http, client, init } = scripts(rig, 'http', 'client', 'init');
    const run = rig.start(await inDir(rig, 'http', 'init'));
    const { server, port } = await serveAsDaemon(rig, http);
    await (await client.invocation()).exit(1);
    await server.gone;
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toContain('client exited with code 1');
    expect(init.unasked).toBe(0);
    expect(rig.alive()).toEqual([]);
    expect(await rig.isFree(port)).toBe(true);
  });

  test.runIf(isThorough)('--foreground leaves the flag away and keeps the server as a child', async () => {
    await using rig = await Rig.create();
    const { http, client } = scripts(rig, 'http', 'client');
    const port = await rig.freePort();
    const run = rig.start(['http', '--foreground', '--port', String(port), '--report', 'json=report.json']);
    const server = await http.invocation();
    expect(server.args).toEqual([]);
    expect(server.env.PORT).toBe(String(port));
    await server.listen(port);
    const caller = await client.invocation();
    expect(caller.args).toEqual([String(port)]);
    await caller.exit(0);
    await server.gone;
    expect((await run.exit()).code).toBe(0);
    expect(rig.report().components[0]?.services).toEqual([
      { name: 'http', pid: server.pid, port, readyAfterMs: expect.any(Number) },
    ]);
    expect(await rig.isFree(port)).toBe(true);
  });

  test('--port 0 has a free one picked, and both sides are told', async () => {
    await using rig = await Rig.create();
    const { http, client } = scripts(rig, 'http', 'client');
    const run = rig.start(['http', '--port', '0']);
    const { port } = await serveAsDaemon(rig, http);
    expect(port).toBeGreaterThan(1023);
    const caller = await client.invocation();
    expect(caller.args).toEqual([String(port)]);
    await caller.exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(await rig.isFree(port)).toBe(true);
  });

  test('without --port it is 8001', async () => {
    await using rig = await Rig.create();
    scripts(rig, 'http', 'client');
    const { code, stdout } = await rig.run(['plan', 'http']);
    expect(code).toBe(0);
    expect(stdout).toContain('./http --daemon on port 8001');
    expect(stdout).toContain('./client 8001');
  });

  test.each(inTurn(['127.0.0.1', '::1']))('a server on %s only is found', async (host) => {
    await using rig = await Rig.create();
    const { http, client } = scripts(rig, 'http', 'client');
    const port = await rig.freePort();
    const run = rig.start(['http', '--foreground', '--port', String(port)]);
    const server = await http.invocation();
    await server.listen(port, { host });
    await (await client.invocation()).exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(await rig.isFree(port)).toBe(true);
  });

  test.runIf(isThorough)(
    'whatever status it answers with, it is ready: the rest is for the client to judge',
    async () => {
      await using rig = await Rig.create();
      const { http, client } = scripts(rig, 'http', 'client');
      const port = await rig.freePort();
      const run = rig.start(['http', '--foreground', '--port', String(port)]);
      await (await http.invocation()).listen(port, { status: 500 });
      const caller = await client.invocation();
      await caller.print('AssertionError: 500 != 200\n');
      await caller.exit(1);
      const { code, stdout } = await run.exit();
      expect(code).toBe(1);
      expect(stdout).toContain('client exited with code 1: AssertionError: 500 != 200');
    },
  );
});

describe('typestubs.py', () => {
  test('python runs it, then mypy checks the same file', async () => {
    await using rig = await Rig.create();
    rig.write('integration/typestubs.py', 'print("sample")\n');
    const { python, python3, mypy } = tools(rig, 'python', 'python3', 'mypy');
    const run = rig.start(['typestubs'], toolsFirst(rig));
    const running = await python.invocation();
    expect([running.cwd, ...running.args]).toEqual([join(rig.dir, 'integration'), 'typestubs.py']);
    expect(mypy.unasked).toBe(0);
    await running.exit(0);
    const checking = await mypy.invocation();
    expect([checking.cwd, ...checking.args]).toEqual([running.cwd, 'typestubs.py']);
    await checking.exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(python3.unasked).toBe(0);
  });

  test.runIf(isThorough)('python3 serves where there is no python', async () => {
    await using rig = await Rig.create();
    rig.write('integration/typestubs.py', 'print("sample")\n');
    const { python3, mypy } = tools(rig, 'python3', 'mypy');
    const run = rig.start(['typestubs'], toolsOnly(rig));
    const running = await python3.invocation();
    expect(running.args).toEqual(['typestubs.py']);
    await running.exit(0);
    await (await mypy.invocation()).exit(0);
    expect((await run.exit()).code).toBe(0);
  });

  test.runIf(isThorough)('a sample that fails is not checked any more', async () => {
    await using rig = await Rig.create();
    rig.write('integration/typestubs.py', 'print("sample")\n');
    const { python, mypy } = tools(rig, 'python', 'mypy');
    const run = rig.start(['typestubs'], toolsFirst(rig));
    const running = await python.invocation();
    await running.print("AttributeError: module 'library' has no attribute 'dumps'\n");
    await running.exit(1);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toContain("AttributeError: module 'library' has no attribute 'dumps'");
    expect(mypy.unasked).toBe(0);
  });

  test('what mypy has against it fails it', async () => {
    await using rig = await Rig.create();
    rig.write('integration/typestubs.py', 'print("sample")\n');
    const { python, mypy } = tools(rig, 'python', 'mypy');
    const run = rig.start(['typestubs'], toolsFirst(rig));
    await (await python.invocation()).exit(0);
    const checking = await mypy.invocation();
    await checking.print('typestubs.py:3: error: Incompatible types in assignment  [assignment]\n');
    await checking.print('Found 1 error in 1 file (checked 1 source file)\n');
    await checking.exit(1);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toContain('typestubs.py:3: error: Incompatible types in assignment');
  });

  test('a missing mypy is named, with the way to get it', async () => {
    await using rig = await Rig.create();
    rig.write('integration/typestubs.py', 'print("sample")\n');
    const { python } = tools(rig, 'python');
    const { code, stdout } = await rig.run(['typestubs', '--report', 'json=report.json'], toolsOnly(rig));
    expect(code).toBe(1);
    expect(stdout).toContain('mypy is not installed');
    expect(stdout).toContain('python -m pip install mypy');
    expect(rig.report().components[0]?.findings).toMatchObject([
      { code: 'missing-program', program: 'mypy' },
    ]);
    expect(python.unasked).toBe(0);
  });

  test('a missing python is named, and so is a mypy that is missing as well', async () => {
    await using rig = await Rig.create();
    rig.write('integration/typestubs.py', 'print("sample")\n');
    const { code, stdout } = await rig.run(['typestubs', '--report', 'json=report.json'], toolsOnly(rig));
    expect(code).toBe(1);
    expect(stdout).toContain('python is not installed');
    expect(stdout).toContain('install Python');
    expect(rig.report().components[0]?.findings).toMatchObject([
      { code: 'missing-program', program: 'python' },
      { code: 'missing-program', program: 'mypy' },
    ]);
  });
});

describe('typestubs.ts, with the real tsx and tsc', () => {
  const realTools = { PATH: `${TOOLS}:${process.env.PATH}` };

  test('passes when it runs and its types are right', async () => {
    await using rig = await Rig.create();
    rig.write('integration/library.ts', 'export const double = (n: number): number => n * 2;\n');
    rig.write(
      'integration/typestubs.ts',
      "import { double } from './library.js';\nconst four: number = double(2);\nconsole.log('sample says', four);\n",
    );
    const { code, stdout } = await rig.run(['typestubs'], realTools);
    expect(stdout).toMatch(/✓ typestubs .* sample .*, tsc /);
    expect(code).toBe(0);
    expect(rig.read('.shakedown/latest/logs/typestubs.log')).toContain('sample says 4');
  });

  test('fails on an error that only the type check sees', async () => {
    await using rig = await Rig.create();
    rig.write('integration/typestubs.ts', "const text: string = 7;\nconsole.log('it runs', text);\n");
    const { code, stdout } = await rig.run(['typestubs'], realTools);
    expect(code).toBe(1);
    expect(stdout).toContain("TS2322: Type 'number' is not assignable to type 'string'");
    expect(rig.read('.shakedown/latest/logs/typestubs.log')).toContain('it runs 7');
  });

  test.runIf(isThorough)('fails on an error that only the run sees', async () => {
    await using rig = await Rig.create();
    rig.write('integration/library.js', 'export const real = 1;\n');
    rig.write('integration/library.d.ts', 'export const promised: () => number;\n');
    rig.write('integration/package.json', '{ "type": "module" }\n');
    rig.write('integration/typestubs.ts', "import * as library from './library.js';\nlibrary.promised();\n");
    const { code, stdout } = await rig.run(['typestubs', '--report', 'json=report.json'], realTools);
    expect(code).toBe(1);
    expect(stdout).toContain('library.promised is not a function');
    expect(rig.report().components[0]?.steps.map(({ name }) => name)).toEqual(['sample']);
  });

  test.runIf(isThorough)('the options of the project around it hold', async () => {
    await using rig = await Rig.create();
    rig.write(
      'tsconfig.json',
      JSON.stringify({ compilerOptions: { strict: false, noImplicitReturns: true, types: [] } }),
    );
    rig.write(
      'integration/typestubs.ts',
      'export function sign(n: number) {\n  if (n > 0) return 1;\n}\nsign(1);\n',
    );
    const { code, stdout } = await rig.run(['typestubs'], realTools);
    expect(code).toBe(1);
    expect(stdout).toContain('TS7030');
  });

  test('a missing tsc is named, with the way to get it', async () => {
    await using rig = await Rig.create();
    rig.write('integration/typestubs.ts', 'console.log(1);\n');
    const { tsx } = tools(rig, 'tsx');
    const { code, stdout } = await rig.run(['typestubs'], toolsOnly(rig));
    expect(code).toBe(1);
    expect(stdout).toContain('tsc is not installed');
    expect(stdout).toContain('npm install --save-dev typescript');
    expect(tsx.unasked).toBe(0);
  });

  test('without tsx, a Node that runs TypeScript by itself serves', async () => {
    await using rig = await Rig.create();
    rig.write('integration/typestubs.ts', 'console.log(1);\n');
    const { node, tsc } = tools(rig, 'node', 'tsc');
    const run = rig.start(['typestubs'], toolsOnly(rig));
    const asked = await node.invocation();
    await asked.print('true\n');
    await asked.exit(0);
    const running = await node.invocation();
    expect([running.cwd, ...running.args]).toEqual([join(rig.dir, 'integration'), 'typestubs.ts']);
    await running.exit(0);
    const checking = await tsc.invocation();
    expect(checking.args).toContain('--noEmit');
    expect([checking.cwd, checking.args.at(-1)]).toEqual([running.cwd, 'typestubs.ts']);
    await checking.exit(0);
    expect((await run.exit()).code).toBe(0);
  });

  test.runIf(isThorough)('without tsx, and with a Node that does not, tsx is named', async () => {
    await using rig = await Rig.create();
    rig.write('integration/typestubs.ts', 'console.log(1);\n');
    const { node, tsc } = tools(rig, 'node', 'tsc');
    const run = rig.start(['typestubs'], toolsOnly(rig));
    const asked = await node.invocation();
    await asked.print('false\n');
    await asked.exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toContain('tsx is not installed');
    expect(stdout).toContain('npm install --save-dev tsx');
    expect(tsc.unasked).toBe(0);
  });
});

describe('exit code 0 is not trusted alone', () => {
  const REPORTS = [
    {
      name: 'a Python traceback',
      text: 'Traceback (most recent call last):\n  File "t.py", line 3, in work\nAssertionError: 2 != 3\n',
      shows: 'AssertionError: 2 != 3',
    },
    {
      name: 'a Rust panic',
      text: "thread 'main' panicked at src/lib.rs:7:5:\nindex out of bounds\n",
      shows: "thread 'main' panicked at src/lib.rs:7:5:",
    },
    {
      name: 'an AddressSanitizer report',
      text: '==42==ERROR: AddressSanitizer: heap-use-after-free on address 0x60\n    #0 0x4 in main a.c:5\n',
      shows: 'AddressSanitizer: heap-use-after-free',
    },
    {
      name: 'a debug-malloc report',
      text: "Debug memory block at address p=0x7f: API 'o'\n    33 bytes originally requested\n",
      shows: 'Debug memory block at address p=0x7f',
    },
    {
      name: 'an unhandled rejection',
      text: '[UnhandledPromiseRejection: This error originated either by throwing inside of an async function]\n',
      shows: 'UnhandledPromiseRejection',
    },
    {
      name: 'a glibc report',
      text: 'free(): invalid pointer\n',
      shows: 'free(): invalid pointer',
    },
  ];

  test.each(inTurn(REPORTS, 3))('$name fails, with its lines', async ({ text, shows }) => {
    await using rig = await Rig.create();
    const { thread } = scripts(rig, 'thread');
    const run = rig.start(['thread', '--report', 'json=report.json']);
    const invocation = await thread.invocation();
    await invocation.print('begin\n');
    await invocation.printError(text);
    await invocation.print('all is well\n');
    await invocation.exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toContain(shows);
    expect(stdout).toMatch(/thread printed an? /);
    const [finding] = rig.report().components[0]?.findings ?? [];
    expect(finding).toMatchObject({ code: 'forbidden-output', step: 'thread', count: 1 });
    expect(finding).toMatchObject({ matches: [{ line: 2 }] });
    expect(finding?.evidence?.join('\n')).toContain(shows);
  });

  test('the client’s output and the server’s are looked at as well', async () => {
    await using rig = await Rig.create();
    const { http, client } = scripts(rig, 'http', 'client');
    const port = await rig.freePort();
    const args = ['http', '--foreground', '--port', String(port), '--report', 'json=report.json'];
    const run = rig.start(args);
    const server = await http.invocation();
    await server.listen(port);
    const caller = await client.invocation();
    await server.print('Traceback (most recent call last):\n  File "s.py", line 1\nKeyError: 1\n');
    await caller.print('Traceback (most recent call last):\n  File "c.py", line 1\nValueError: 2\n');
    await caller.exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toContain('KeyError: 1');
    expect(stdout).toContain('ValueError: 2');
    expect(rig.report().components[0]?.findings.map(({ code, step }) => [code, step])).toEqual([
      ['forbidden-output', 'client'],
      ['forbidden-output', 'http'],
    ]);
  });

  test('a hundred thousand lines of it, or half a million, stay one readable finding', async () => {
    const times = isThorough ? 166_666 : 33_333;
    await using rig = await Rig.create();
    rig.script(
      'integration/thread',
      "yes 'Traceback (most recent call last):",
      '  File "thread", line 12, in check',
      `AssertionError: one of many' | head -n ${times * 3}`,
      'exit 0',
    );
    const { code, stdout } = await rig.run(['thread', '--report', 'json=report.json']);
    expect(code).toBe(1);
    expect(stdout.split('\n').length).toBeLessThan(40);
    expect(stdout).toContain(`${times.toLocaleString('en')} Python traceback`);
    expect(stdout).toContain('AssertionError: one of many');
    expect(stdout).toContain(`${(times - 1).toLocaleString('en')} more like it`);
    const findings = rig.report().components[0]?.findings ?? [];
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ code: 'forbidden-output', count: times });
    expect(JSON.stringify(findings).length).toBeLessThan(10_000);
    expect(rig.read('.shakedown/latest/logs/thread.log').split('\n').length).toBeGreaterThan(times * 3);
  });
});
