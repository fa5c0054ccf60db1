/** `shakedown new`: it looks, asks, tries, and only then writes. */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CLI, type Invocation, Rig } from '../rig/rig.ts';
import { argvOf, holdPort, JSON_REPORT } from '../rig/services.ts';
import { isThorough } from '../rig/thorough.ts';

const CONFIG = 'shakedown.config.ts';
const CTRL_C = '\x03';
const ROOT = join(CLI, '../..');

const packageJson = (rig: Rig, manifest: object): void => {
  rig.write('package.json', JSON.stringify({ name: 'example', private: true, ...manifest }));
};

/** A server in a file, with one path that answers. */
const serving = (listen: string): string =>
  `require('node:http').createServer((q, r) => { r.statusCode = q.url === '/hello' ? 200 : 404; r.end(); }).listen(${listen});\n`;

function plainServer(rig: Rig, listen = 'process.env.PORT'): void {
  packageJson(rig, { scripts: { start: 'node server.js' } });
  rig.write('server.js', serving(listen));
}

describe('what is there', () => {
  test('is never overwritten', async () => {
    await using rig = await Rig.create();
    plainServer(rig);
    rig.write('shakedown.config.json', '{}');
    const { code, stderr } = await rig.run(['new', '--yes']);
    expect(stderr).toContain('there is a config already');
    expect(code).toBe(2);
    expect(rig.read('shakedown.config.json')).toBe('{}');
    expect(rig.exists(CONFIG)).toBe(false);
  });

  test('a link to nothing is in the way as well: nothing is started', async () => {
    await using rig = await Rig.create();
    plainServer(rig);
    rig.link(CONFIG, 'elsewhere.ts');
    const { code, stdout, stderr } = await rig.run(['new']);
    expect(stderr).toContain('there is a config already');
    expect(stdout).toBe('');
    expect(code).toBe(2);
    expect(rig.exists('elsewhere.ts')).toBe(false);
  });

  test('is left as it is by --dry-run, which prints the config alone on standard output', async () => {
    await using rig = await Rig.create();
    const server = rig.command();
    packageJson(rig, { scripts: { start: server.line }, main: 'server.js' });
    rig.write('server.js', serving('process.env.PORT'));
    const { code, stdout, stderr } = await rig.run(['new', '--dry-run']);
    expect(stdout).toMatch(/^import \{ [\s\S]*npm start[\s\S]*\}\);\n$/);
    expect(stderr).toContain('server    npm start');
    expect(code).toBe(0);
    expect([rig.exists(CONFIG), rig.exists('.shakedown')]).toEqual([false, false]);
    expect(server.unasked).toBe(0);
  });

  test('nothing: it says what it looked for, and writes nothing', async () => {
    await using rig = await Rig.create();
    const { code, stderr } = await rig.run(['new']);
    expect(stderr).toContain('found nothing to run');
    expect(code).toBe(2);
    expect(rig.exists(CONFIG)).toBe(false);
  });
});

describe('the server is tried before anything is written', () => {
  test('and shown with what it was seen to answer', async () => {
    await using rig = await Rig.create();
    plainServer(rig);
    const { code, stdout, stderr } = await rig.run(['new']);
    expect(stdout, stderr).toMatch(
      /trying {4}npm start\nsaw {7}ready after .* on port \d+; GET \/ answered 404, GET \/hello answered 200/,
    );
    expect(stdout).toContain('wrote     shakedown.config.ts');
    expect(code).toBe(0);
    expect(rig.read(CONFIG)).toContain("ready: { http: '/hello' }");
    expect(rig.read(CONFIG)).toContain("load({ path: '/hello', requests: 1000, expect: { status: 200 } })");
  });

  test.runIf(isThorough)('one that listens where no source says it gets that port', async () => {
    await using rig = await Rig.create();
    const port = await rig.freePort();
    plainServer(rig, `Number('${port}')`);
    rig.write('server.js', serving("Number(require('node:fs').readFileSync('where'))"));
    rig.write('where', String(port));
    const { code, stdout } = await rig.run(['new']);
    expect(stdout).toContain(`it listens on port ${port}, whatever PORT says; trying again`);
    expect(stdout).toMatch(new RegExp(`ready after .* on port ${port};`));
    expect(code).toBe(0);
    expect(rig.read(CONFIG)).toContain(`port: ${port}`);
  });

  test('one that dies is told with its own words, and the config says so', async () => {
    await using rig = await Rig.create();
    packageJson(rig, { scripts: { start: 'node server.js' } });
    rig.write('server.js', `throw new Error('no database');\n${serving('process.env.PORT')}`);
    const { code, stdout } = await rig.run(['new']);
    expect(stdout).toMatch(/failed {4}server .*: Error: no database\n/);
    expect(stdout).toContain('wrote     shakedown.config.ts, but http does not work yet');
    expect(code).toBe(1);
    expect(rig.read(CONFIG)).toContain('// the server of "http" did not work when it was tried: server');
  });

  test('one whose port is taken cannot be tried: that is no fault of its own', async () => {
    await using rig = await Rig.create();
    const port = await rig.freePort();
    plainServer(rig, String(port));
    await using _held = await holdPort(port);
    const { code, stdout } = await rig.run(['new']);
    expect(stdout).toContain(`not tried yet: port ${port} is already in use`);
    expect(code).toBe(0);
    expect(rig.read(CONFIG)).toContain(`port: ${port}`);
  });

  test.runIf(isThorough)('one that ignores the signal to stop is killed, and that is said', async () => {
    await using rig = await Rig.create();
    packageJson(rig, { scripts: { start: 'exec node server.js' } });
    const deaf = "process.on('SIGTERM', () => {}); process.on('SIGINT', () => {});\n";
    rig.write('server.js', deaf + serving('process.env.PORT'));
    const { code, stdout } = await rig.run(['new']);
    expect(stdout).toContain('ignored the signal to stop, and was killed');
    expect(code).toBe(0);
  });

  test.runIf(isThorough)('one whose log is endless and no text is tried like any other', async () => {
    await using rig = await Rig.create();
    packageJson(rig, { scripts: { start: 'node server.js' } });
    const noise =
      "const { writeSync } = require('node:fs'); const line = Buffer.alloc(65536, 0xff); line[9] = 10;\n";
    const loop = 'for (let i = 0; i < 1600; i++) writeSync(1, line);\n';
    rig.write('server.js', noise + loop + serving('process.env.PORT'));
    const { code, stdout } = await rig.run(['new']);
    expect(stdout).toContain('GET /hello answered 200; stopped cleanly');
    expect(code).toBe(0);
  });

  test('Ctrl-C on a terminal ends it; nothing is left, and nothing is written', async () => {
    await using rig = await Rig.create();
    const server = rig.command();
    packageJson(rig, { scripts: { start: `node ${argvOf(server).slice(1).join(' ')}` }, main: 'server.js' });
    rig.write('server.js', serving('process.env.PORT'));
    const run = rig.startInTerminal(['new']);
    const started = await server.invocation();
    run.type(CTRL_C);
    await started.gone;
    expect((await run.exit()).code).toBe(130);
    expect(rig.exists(CONFIG)).toBe(false);
    expect(rig.alive()).toEqual([]);
  });

  test('nothing of it is left, also when a person interrupts', async () => {
    await using rig = await Rig.create();
    const server = rig.command();
    packageJson(rig, { scripts: { start: `node ${argvOf(server).slice(1).join(' ')}` }, main: 'server.js' });
    rig.write('server.js', serving('process.env.PORT'));
    const run = rig.start(['new']);
    const started = await server.invocation();
    run.kill('SIGINT');
    await started.gone;
    const { code, signal } = await run.exit();
    expect([code, signal]).toEqual([null, 'SIGINT']);
    expect(rig.exists(CONFIG)).toBe(false);
    expect(rig.alive()).toEqual([]);
  });
});

describe('what will be run is run once before it is written:', () => {
  const KEPT = 'await fetch(`http://localhost:${process.env.PORT}`)';

  function withTest(rig: Rig, body: string): void {
    packageJson(rig, { scripts: { start: 'node server.js', test: 'node check.test.js' } });
    rig.write('server.js', serving('process.env.PORT'));
    rig.write('check.test.js', body);
  }

  test.runIf(isThorough)('a client that passes', async () => {
    await using rig = await Rig.create();
    withTest(rig, `(async () => { ${KEPT}; })();`);
    const { code, stdout } = await rig.run(['new']);
    expect(stdout).toMatch(/trying {4}npm test, with npm start\nsaw {7}http passed in /);
    expect(code).toBe(0);
  });

  test.runIf(isThorough)('a client that fails is told, and the config says so', async () => {
    await using rig = await Rig.create();
    withTest(rig, `(async () => { ${KEPT}; throw new Error('no such item'); })();`);
    const { code, stdout } = await rig.run(['new']);
    expect(stdout).toMatch(/failed {4}client .*: Error: no such item\n/);
    expect(stdout).toContain('but http does not work yet');
    expect(code).toBe(1);
    expect(rig.read(CONFIG)).toMatch(/\/\/ "http" failed when it was tried: client .*no such item/);
  });

  test('what fails is listed, and several are several', async () => {
    await using rig = await Rig.create();
    packageJson(rig, { scripts: { smoke: 'exit 3', 'test:integration': 'exit 4', test: 'exit 5' } });
    const { stdout } = await rig.run(['new']);
    expect(stdout).toContain('but integration, smoke and test do not work yet: fix them first\n');
  });

  test('where nothing was tried the last line says the one thing to do next', async () => {
    await using rig = await Rig.create();
    packageJson(rig, { scripts: { test: 'node --test' }, dependencies: { 'left-over': '1.0.0' } });
    const { code, stdout } = await rig.run(['new']);
    expect(stdout).toMatch(/note {6}not tried yet: test needs npm install \(installs packages\) first\n/);
    expect(stdout).toMatch(
      /wrote {5}shakedown\.config\.ts; next: rm shakedown\.config\.ts && shakedown new --yes, which does that and tries it\n$/,
    );
    expect(code).toBe(0);
  });

  test('a command that fails, where there is no server', async () => {
    await using rig = await Rig.create();
    packageJson(rig, { scripts: { test: 'node check.test.js' } });
    rig.write('check.test.js', "throw new Error('broken');");
    const { code, stdout } = await rig.run(['new']);
    expect(stdout).toMatch(/trying {4}npm test\n[\s\S]*failed {4}test .*: Error: broken\n/);
    expect(code).toBe(1);
  });

  test.runIf(isThorough)('Ctrl-C leaves nothing running and writes nothing', async () => {
    await using rig = await Rig.create();
    const client = rig.command();
    packageJson(rig, { scripts: { test: client.line } });
    const run = rig.startInTerminal(['new']);
    const started = await client.invocation();
    run.type(CTRL_C);
    await started.gone;
    expect((await run.exit()).code).toBe(130);
    expect(rig.exists(CONFIG)).toBe(false);
    expect(rig.alive()).toEqual([]);
  });
});

describe('modules', () => {
  /** A package in a folder of the project: npm needs no network for it. */
  function withDependency(rig: Rig): void {
    packageJson(rig, {
      scripts: { start: 'node server.js' },
      dependencies: { dependency: 'file:dependency' },
    });
    rig.write(
      'dependency/package.json',
      JSON.stringify({ name: 'dependency', version: '1.0.0', main: 'index.js' }),
    );
    rig.write('dependency/index.js', '');
    rig.write('server.js', `require('dependency');\n${serving('process.env.PORT')}`);
  }

  const npm = async (rig: Rig): Promise<void> => {
    execFileSync('npm', ['install', '--offline'], { cwd: rig.dir, stdio: 'ignore' });
  };

  test.runIf(isThorough)('that are there and match are no step of the setup', async () => {
    await using rig = await Rig.create();
    withDependency(rig);
    await npm(rig);
    const { code, stdout } = await rig.run(['new']);
    expect(stdout).toContain('packages are installed');
    expect(code).toBe(0);
    expect(rig.read(CONFIG)).not.toContain('setup');
  });

  test.runIf(isThorough)(
    'that are not there are not installed unasked; the step that does it later destroys nothing that fits',
    async () => {
      await using rig = await Rig.create();
      withDependency(rig);
      await npm(rig);
      rmSync(join(rig.dir, 'node_modules'), { recursive: true });
      const { code, stdout } = await rig.run(['new']);
      expect(stdout).toMatch(
        /not tried yet: the server needs npm ls .* \|\| npm ci \(installs packages\) first/,
      );
      expect(code).toBe(0);
      expect(rig.exists('node_modules')).toBe(false);
      await npm(rig);
      rig.write('node_modules/.kept', '');
      const run = await rig.run([]);
      // What it should answer is not known yet: that it answers at all is enough.
      expect(run.stdout).toContain('PASSED');
      expect(rig.exists('node_modules/.kept')).toBe(true);
    },
  );

  test.runIf(isThorough)(
    'that are not there are installed with --yes, and the server is seen to start',
    async () => {
      await using rig = await Rig.create();
      withDependency(rig);
      await npm(rig);
      rmSync(join(rig.dir, 'node_modules'), { recursive: true });
      const { code, stdout } = await rig.run(['new', '--yes']);
      expect(stdout).toMatch(/setup {5}install[\s\S]*saw {7}ready/);
      expect(code).toBe(0);
    },
  );
});

describe('on a terminal', () => {
  const scripts = { start: 'node server.js', dev: 'node --watch server.js' };
  const inTerminal = (rig: Rig) => rig.startInTerminal(['new'], { NO_COLOR: '1' });

  test.runIf(isThorough)('it asks where there is a choice', async () => {
    await using rig = await Rig.create();
    packageJson(rig, { scripts });
    rig.write('server.js', serving('process.env.PORT'));
    const run = inTerminal(rig);
    await run.output(/What starts the server\?[\s\S]*1 {2}npm start[\s\S]*2 {2}npm run dev[\s\S]*\[1\] /);
    run.type('7\n');
    await run.output(/7[\s\S]*\[1\] /);
    run.type('2\n');
    const { code, stdout } = await run.exit();
    expect(stdout).toContain('trying    npm run dev');
    expect(code).toBe(0);
    expect(rig.read(CONFIG)).toContain("run: 'npm run dev'");
  });

  test('it asks before it changes a database, and takes a no', async () => {
    await using rig = await Rig.create();
    const migrate = rig.command();
    packageJson(rig, { scripts: { start: 'node server.js', migrate: migrate.line } });
    rig.write('server.js', serving('process.env.PORT'));
    const run = inTerminal(rig);
    await run.output(/npm run migrate {2}\(changes a database\)[\s\S]*Run them now\? \[Y\/n\] /);
    run.type('n\n');
    const { code, stdout } = await run.exit();
    expect(stdout).toContain('not tried yet: the server needs npm run migrate');
    expect(code).toBe(0);
    expect(migrate.unasked).toBe(0);
    expect(rig.read(CONFIG)).toContain("{ run: 'npm run migrate', name: 'migrate' }");
  });

  test('it asks what to run where nothing was found', async () => {
    await using rig = await Rig.create();
    const run = inTerminal(rig);
    await run.output(/Which command tests this project\? /);
    rig.write('try-it', '#!/bin/sh\necho tried\n', 0o755);
    run.type('./try-it --all\n');
    expect((await run.exit()).code).toBe(0);
    expect(rig.read(CONFIG)).toContain("test: command('./try-it --all')");
  });

  test.runIf(isThorough)('it asks whether to write what did not work', async () => {
    await using rig = await Rig.create();
    packageJson(rig, { scripts: { start: 'node server.js' } });
    rig.write('server.js', `throw new Error('no database');\n${serving('process.env.PORT')}`);
    const run = inTerminal(rig);
    await run.output(/Write the config anyway\? \[y\/N\] /);
    run.type('\n');
    expect((await run.exit()).code).toBe(1);
    expect(rig.exists(CONFIG)).toBe(false);
  });

  test('Ctrl-C at a question ends it, and nothing is written', async () => {
    await using rig = await Rig.create();
    packageJson(rig, { scripts });
    rig.write('server.js', serving('process.env.PORT'));
    const run = inTerminal(rig);
    await run.output(/\[1\] /);
    run.type(CTRL_C);
    expect((await run.exit()).code).toBe(130);
    expect(rig.exists(CONFIG)).toBe(false);
  });

  test.runIf(isThorough)('--yes asks nothing', async () => {
    await using rig = await Rig.create();
    packageJson(rig, { scripts });
    rig.write('server.js', serving('process.env.PORT'));
    const { code, stdout } = await rig.startInTerminal(['new', '--yes'], { NO_COLOR: '1' }).exit();
    expect(stdout).toContain(
      'choice    What starts the server? Took npm start; you could also use npm run dev',
    );
    expect(code).toBe(0);
  });
});

describe('a folder of scripts', () => {
  /** What of an invocation the convention decides. */
  const seen = ({ args, cwd, env }: Invocation) => ({
    args,
    cwd,
    memory: env.PYTHONMALLOC,
    port: env.PORT,
    named: env.HTTP_PORT,
  });

  /** Runs the suite, and lets each of its scripts do its part. */
  async function course(
    rig: Rig,
    scripts: Record<string, ReturnType<Rig['command']>>,
    port: number,
    args: string[],
  ) {
    const run = rig.start([...args, ...JSON_REPORT]);
    const found: Record<string, object> = {};
    const next = async (name: string): Promise<Invocation> => {
      const invocation = await (scripts[name] ?? rig.command()).invocation();
      found[name] = seen(invocation);
      return invocation;
    };
    await (await next('setup')).exit(0);
    await (await next('thread')).exit(0);
    const http = await next('http');
    const served = rig.command();
    await http.daemon(served);
    await http.exit(0);
    await (await served.invocation()).listen(port, { status: 500 });
    await (await next('client')).exit(0);
    await (await next('init')).exit(0);
    const { code, stdout } = await run.exit();
    return { code, stdout, found };
  }

  test.runIf(isThorough)('is called by its config as it was called without', async () => {
    await using rig = await Rig.create();
    const names = ['setup', 'thread', 'http', 'client', 'init'];
    const scripts = Object.fromEntries(names.map((name) => [name, rig.executable(`integration/${name}`)]));
    const port = await rig.freePort();
    const byFolder = await course(rig, scripts, port, ['--port', String(port)]);
    expect(byFolder.code, byFolder.stdout).toBe(0);
    const { stdout: config } = await rig.run(['new', '--dry-run']);
    expect(config).toContain("client: ['./client', '8001']");
    expect(config).toContain('port: 8001');
    // The port of the convention may be somebody else's at this moment.
    rig.write(CONFIG, config.replaceAll('8001', String(port)));
    const byConfig = await course(rig, scripts, port, []);
    expect(byConfig.code, byConfig.stdout).toBe(0);
    expect(byConfig.found).toEqual(byFolder.found);
    expect(byConfig.found.http).toMatchObject({
      args: ['--daemon'],
      cwd: join(rig.dir, 'integration'),
      memory: 'debug',
    });
  });

  test.runIf(isThorough)(
    'stays green when the tests of the project itself fail: these only run when named',
    async () => {
      await using rig = await Rig.create();
      packageJson(rig, { scripts: { test: 'node --test' } });
      rig.write('words.test.js', "throw new Error('broken');");
      rig.write('integration/thread', '#!/bin/sh\ntrue\n', 0o755);
      const { code, stdout } = await rig.run(['new']);
      expect(stdout).toContain('test only runs when named');
      expect(code).toBe(0);
      expect(rig.read(CONFIG)).toContain("test: command({ run: 'npm test', onlyWhenNamed: true })");
      const run = await rig.run([]);
      expect(run.stdout).toContain('PASSED  1 passed');
      expect((await rig.run(['test'])).code).toBe(1);
    },
  );

  const EXAMPLES = ['http-server', ...(isThorough ? ['orjson'] : [])];
  test.runIf(isThorough).each(EXAMPLES)(
    'the example %s passes by its folder, and then by its config',
    async (name) => {
      await using rig = await Rig.create();
      cpSync(join(ROOT, 'examples', name), rig.dir, {
        recursive: true,
        filter: (path) => !/shakedown\.config|\/\.venv|\/\.shakedown/.test(path),
      });
      rig.link('node_modules', join(ROOT, 'node_modules'));
      const port = await rig.freePort();
      const byFolder = await rig.run(['--port', String(port)]);
      expect(byFolder.stdout).toMatch(/PASSED {2}3 passed/);
      const { stdout: config } = await rig.run(['new', '--dry-run']);
      rig.write(CONFIG, config.replaceAll('8001', String(port)));
      const byConfig = await rig.run([]);
      expect(byConfig.stdout).toMatch(/PASSED {2}3 passed/);
      expect(byConfig.code).toBe(0);
    },
  );
});
