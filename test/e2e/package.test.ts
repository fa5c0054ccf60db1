/** `shakedown package`: what is found in a package that nobody prepared, and what is said when there is none. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/core/finding.ts';
import { type Files, publish, tryPackage as start, writePackage } from '../rig/packages.ts';
import { Registry } from '../rig/registry.ts';
import { type JsonReport, Rig } from '../rig/rig.ts';
import { cellOutcomes, componentOf } from '../rig/services.ts';
import { isThorough } from '../rig/thorough.ts';

const findings = (rig: Rig, component: string): readonly Finding[] =>
  rig.report().components.find(({ name }) => name === component)?.findings ?? [];

const PROGRAM = '#!/usr/bin/env node\n';

const MANIFEST = {
  type: 'module',
  exports: {
    '.': { import: './index.js', require: './index.cjs' },
    './parts/*': './parts/*.js',
    './late': './late.js',
    './package.json': './package.json',
  },
  bin: { plain: './plain.js', picky: './picky.js' },
};

const SOUND: Files = {
  'index.js': "export const answer = 42;\nexport { part } from './parts/one.js';\n",
  'index.cjs': 'exports.answer = 42;\n',
  'parts/one.js': 'export const part = 1;\n',
  'late.js': "export const later = () => import('not-installed');\n",
  'plain.js': `${PROGRAM}console.log('plain, as you asked');\n`,
  // Refuses what it does not know, and waits for its input to end.
  'picky.js': `${PROGRAM}process.stdin.resume().on('end', () => { console.error('what do you mean?'); process.exit(2); });\n`,
};

/** Runs the real program, which must pass. */
async function passes(rig: Rig, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<JsonReport> {
  const { code, stdout } = await start(rig, args, env).exit();
  expect(code, stdout).toBe(0);
  expect(rig.report().suite).toBe('sound@1.0.0');
  return rig.report();
}

test('a sound package passes in all that applies to it', async () => {
  await using rig = await Rig.create();
  writePackage(rig, 'sound', MANIFEST, SOUND);
  const { components } = await passes(rig, ['./sound']);
  expect(components.map(({ name, verdict }) => `${name}: ${verdict}`)).toEqual([
    'entries: passed',
    'init: passed',
    'threads: passed',
    'bin:plain: passed',
    'bin:picky: passed',
    'api: passed',
  ]);
  // Also a run that passes says what was tried.
  expect(components.slice(0, 3).map(cellOutcomes)).toEqual([['passed'], ['passed'], ['passed']]);
});

test.runIf(isThorough)(
  'a folder, its tarball and its name in a registry are one content, which is installed once',
  async () => {
    await using rig = await Rig.create();
    const published = publish(rig, 'sound', MANIFEST, SOUND);
    await using registry = await Registry.start([published]);
    const env = { npm_config_registry: registry.url };
    const outcomeOf = async (spec: string): Promise<string | undefined> => {
      const { components, setup } = await passes(rig, [spec, 'entries'], env);
      expect(components.map(({ name }) => name)).toEqual(['entries']);
      return setup[0]?.outcome;
    };
    expect(await outcomeOf('./sound')).toBe('done');
    for (const spec of [published.tarball, 'sound', 'sound@^1.0.0', 'sound@1.0.0'])
      expect(await outcomeOf(spec), spec).toBe('cached');
    const asked = registry.asked.length;
    expect(await outcomeOf('sound@1.0.0')).toBe('cached');
    expect(registry.asked.length, 'a warm run of an exact version asks nobody').toBe(asked);
  },
);

test('what is broken is found, each with its culprit', async () => {
  await using rig = await Rig.create();
  writePackage(
    rig,
    'broken',
    {
      ...MANIFEST,
      exports: {
        ...MANIFEST.exports,
        './gone': './gone.js',
        './abort': './abort.cjs',
        './mixed': './mixed.cjs',
      },
      bin: { ...MANIFEST.bin, crashing: './crashing.js', bare: './bare.js', nowhere: './nowhere.js' },
    },
    {
      ...SOUND,
      'index.cjs': "exports.answer = require('undeclared');\n",
      'parts/one.js': "export { part } from './two.js';\n",
      'abort.cjs': 'process.abort();\n',
      'mixed.cjs': 'export const mixed = true;\n',
      'crashing.js': `${PROGRAM}require('fs').readFileSync('config.json');\n`,
      'bare.js': "console.log('hello');\n",
    },
  );
  const { code, stdout } = await start(rig, ['./broken']).exit();
  expect(code, stdout).toBe(1);
  expect(findings(rig, 'entries').map(({ code, message }) => `${code}: ${message}`)).toEqual([
    'missing-file: exports["./gone"] names gone.js, which is not in the package',
    'unloadable-entry: import "broken" fails: parts/one.js loads parts/two.js, which is not in the package',
    'unloadable-entry: require("broken") fails: index.cjs loads undeclared, which its package.json does not declare',
    'unloadable-entry: import "broken/abort" ends the process: it was killed by SIGABRT (abort)',
    'unloadable-entry: import "broken/mixed" fails: SyntaxError: Unexpected token \'export\'',
  ]);
  const [entries] = componentOf(rig.report(), 'entries').grids ?? [];
  const red = entries?.cells.filter(({ outcome }) => outcome === 'failed');
  expect(red?.map(({ row, column }) => `${column} ${row}`)).toEqual([
    'import broken',
    'require broken',
    'import broken/parts/one',
    'import broken/abort',
    'require broken/abort',
    'import broken/mixed',
    'require broken/mixed',
  ]);
  expect(findings(rig, 'bin:plain')).toEqual([]);
  expect(findings(rig, 'bin:picky')).toEqual([]);
  expect(findings(rig, 'bin:crashing')).toMatchObject([
    {
      code: 'forbidden-output',
      pattern: 'Node.js uncaught error',
      message: expect.stringContaining('exited with code 1'),
    },
  ]);
  expect(findings(rig, 'bin:bare')).toMatchObject([
    { code: 'cannot-start', message: expect.stringContaining('has no shebang') },
  ]);
  expect(findings(rig, 'bin:nowhere')).toMatchObject([{ code: 'missing-file', file: 'nowhere.js' }]);
});

test.runIf(isThorough)(
  'what another runtime brings along fails nothing, and a package that was forgotten does',
  async () => {
    await using rig = await Rig.create();
    const files = {
      'index.js': 'export const answer = 42;\n',
      'bun.js': "import { Database } from 'bun:sqlite';\nexport { Database };\n",
      'sql.cjs': "exports.SQL = require('bun').SQL;\n",
      'workers.js': "export { env } from 'cloudflare:workers';\n",
      'window.cjs': "exports.window = require('electron/main');\n",
      'next.js': "export * from 'node:not-yet';\n",
    };
    const entries = (...names: readonly string[]): object => ({
      type: 'module',
      exports: Object.fromEntries(names.map((name) => [`./${name}`.replace('./index.js', '.'), `./${name}`])),
    });
    writePackage(rig, 'sound', entries(...Object.keys(files)), files);
    const [note, ...others] = (await passes(rig, ['./sound', 'entries'])).components[0]?.findings ?? [];
    expect(others).toEqual([]);
    // An import of CommonJS is a require as well.
    expect(note).toMatchObject({ code: 'entries-left-out', count: 5 });
    expect(note?.evidence?.map((line) => line.split(': ').slice(1).join(': '))).toEqual([
      'it is for another runtime: bun: belongs to Bun',
      'it is for another runtime: bun belongs to Bun',
      'it is for another runtime: cloudflare: belongs to Cloudflare Workers',
      'it is for another runtime: electron/main belongs to Electron',
      'it needs node:not-yet, which this Node.js does not have',
    ]);
    const forgotten = { ...files, 'log.js': "import 'bunyan';\n" };
    writePackage(rig, 'forgetful', entries(...Object.keys(forgotten)), forgotten);
    const { code } = await start(rig, ['./forgetful', 'entries']).exit();
    expect(code).toBe(1);
    expect(findings(rig, 'entries').map(({ message }) => message)).toContain(
      'import "forgetful/log.js" fails: log.js loads bunyan, which its package.json does not declare',
    );
  },
);

test.runIf(isThorough)(
  'a package that is for another runtime alone has neither failed nor passed',
  async () => {
    await using rig = await Rig.create();
    writePackage(
      rig,
      'bunny',
      { type: 'module', exports: { '.': './index.js', './cf': './cf.js', './web': './web.js' } },
      {
        'index.js': "import { Database } from 'bun:sqlite';\nexport { Database };\n",
        'cf.js': "export { env } from 'cloudflare:workers';\n",
        'web.js': 'export const title = document.title;\n',
      },
    );
    const { code, stdout } = await start(rig, ['./bunny', 'entries', 'init', 'threads']).exit();
    expect(code, stdout).toBe(3);
    const need = 'it is for another runtime: bun: belongs to Bun';
    for (const [component, message] of [
      ['entries', 'bunny cannot be tried in Node.js: all its entry points are for another runtime'],
      ['init', `bunny cannot be tried in Node.js: ${need} (and 3 more processes alike)`],
      ['threads', `bunny cannot be tried in Node.js: ${need}`],
    ] as const) {
      const told = findings(rig, component).filter((finding) => finding.code !== 'entries-left-out');
      expect(told).toMatchObject([{ code: 'other-runtime', message }]);
    }
  },
);

test.runIf(isThorough)(
  'entry points that were not reached are counted, and make it inconclusive',
  async () => {
    await using rig = await Rig.create();
    const ending = Array.from({ length: 22 }, (_, index) => `p${10 + index}.js`);
    writePackage(
      rig,
      'weary',
      { type: 'module', exports: { '.': './index.js', './parts/*': './parts/*' } },
      {
        'index.js': 'export const answer = 42;\n',
        ...Object.fromEntries(ending.map((file) => [`parts/${file}`, 'process.exit(0);\n'])),
        'parts/z.js': "import 'not-declared';\n",
      },
    );
    const { code, stdout } = await start(rig, ['./weary', 'entries']).exit();
    expect(code, stdout).toBe(3);
    expect(findings(rig, 'entries').find((each) => each.code === 'entries-untried')).toMatchObject({
      message:
        'of 24 ways to load it 2 were not tried: import "weary/parts/p31.js", import "weary/parts/z.js"',
      count: 2,
    });
  },
);

test.runIf(isThorough)('a program that never answers is ended at its time limit', async () => {
  await using rig = await Rig.create();
  const server = rig.command();
  const [node = '', ...words] = server.line.replace(/^exec /, '').split(' ');
  const line = `require('child_process').spawnSync(${JSON.stringify(node)}, ${JSON.stringify(words)}, { stdio: 'inherit' });\n`;
  writePackage(rig, 'hanging', { bin: './serve.js' }, { 'serve.js': `${PROGRAM}${line}` });
  // It is the limit of its installation as well, which must be enough on a busy machine.
  const { code } = await start(rig, ['./hanging', '--timeout', '15s']).exit();
  expect(code).toBe(1);
  expect(findings(rig, 'bin:hanging')).toMatchObject([{ code: 'timeout', step: 'hanging --help' }]);
  expect(rig.alive()).toEqual([]);
});

describe('what names no package is refused with its culprit', () => {
  test.each([
    ['./nowhere', './nowhere does not exist'],
    ['./nowhere-1.0.0.tgz', './nowhere-1.0.0.tgz does not exist'],
    ['no such', '"no such" is not the name of a package'],
    ['nobody-has-this', 'nobody-has-this@latest cannot be fetched: there is no such package'],
    ['some@9.9.9', 'some@9.9.9 cannot be fetched: there is no such version'],
  ])('%s', async (spec, message) => {
    await using rig = await Rig.create();
    const tarball = rig.write('some-1.0.0.tgz', '');
    await using registry = await Registry.start([{ name: 'some', version: '1.0.0', tarball }]);
    const { code, stdout, stderr } = await start(rig, [spec], { npm_config_registry: registry.url }).exit();
    expect(code).toBe(2);
    expect(stderr).toContain(`shakedown: ${message}`);
    expect(stdout).toBe('');
    const { hint } = rig.report().diagnostics?.[0] ?? {};
    expect(rig.report()).toMatchObject({ exitCode: 2, components: [] });
    expect(rig.report().diagnostics).toEqual([{ message: expect.stringContaining(message), hint }]);
  });

  test('a registry that cannot be reached', async () => {
    await using rig = await Rig.create();
    const env = {
      npm_config_registry: `http://127.0.0.1:${await rig.freePort()}/`,
      npm_config_fetch_retries: '0',
    };
    const { code, stderr } = await start(rig, ['some'], env).exit();
    expect(code).toBe(2);
    expect(stderr).toContain('shakedown: some@latest cannot be fetched: the registry cannot be reached');
  });

  test('no npm', async () => {
    await using rig = await Rig.create();
    writePackage(rig, 'some', {}, {});
    const { code, stderr } = await start(rig, ['./some'], { PATH: join(rig.dir, 'bin') }).exit();
    expect(code).toBe(2);
    expect(stderr).toContain('npm is not installed, or not on the PATH');
  });
});

test('a package that cannot be packed has failed, and the reports say why', async () => {
  await using rig = await Rig.create();
  const scripts = { prepack: 'echo making; echo "error: no compiler" >&2; exit 3' };
  writePackage(rig, 'unmade', { scripts }, { 'index.js': '' });
  const { code, stdout } = await start(rig, ['./unmade', '--report', 'junit=junit.xml']).exit();
  expect(code).toBe(1);
  expect(stdout).toContain('cannot be packed: npm exited with code 3: error: no compiler');
  expect(rig.report()).toMatchObject({
    verdict: 'failed',
    components: [],
    setup: [{ name: 'install', outcome: 'failed', findings: [{ code: 'setup-failed' }] }],
  });
  expect(rig.read('junit.xml')).toContain('<failure');
});

test.runIf(isThorough)(
  'a package that needs another Node is not tried, however much else its `engines` say',
  async () => {
    await using rig = await Rig.create();
    // npm warns of engines such as these in several lines.
    const engines = { npm: '>=8.19.4 || ^9.8.1 || >=11.0.0', yarn: 'please use npm instead', node: '>=99' };
    writePackage(rig, 'modern', { engines }, { 'index.js': '' });
    const { code, stdout } = await start(rig, ['./modern']).exit();
    expect(code).toBe(3);
    expect(stdout).toContain(`modern@1.0.0 needs Node.js >=99, and this is ${process.versions.node}`);
  },
);

test.runIf(isThorough)('a package with nothing to run says so', async () => {
  await using rig = await Rig.create();
  writePackage(rig, 'words', { types: 'index.d.ts' }, { 'index.d.ts': 'export {};\n' });
  const { code, stderr } = await start(rig, ['./words']).exit();
  expect(code).toBe(4);
  expect(stderr).toContain('words@1.0.0 has nothing to try');
});

test.runIf(isThorough)(
  'a signal while it is being packed ends npm and all that its scripts have started',
  async () => {
    await using rig = await Rig.create();
    const script = rig.command();
    writePackage(rig, 'slow', { scripts: { prepack: script.line } }, { 'index.js': '' });
    const run = start(rig, ['./slow']);
    await script.invocation();
    run.kill('SIGINT');
    expect(await run.exit()).toMatchObject({ signal: 'SIGINT' });
    expect(rig.alive()).toEqual([]);
  },
);

test('an installation has a time limit', async () => {
  await using rig = await Rig.create();
  const { tarball } = publish(rig, 'plain', {}, { 'index.js': '' });
  const { code, stdout } = await start(rig, [tarball, '--timeout', '1ms']).exit();
  expect(code, stdout).toBe(1);
  expect(rig.report().setup[0]?.findings).toMatchObject([
    {
      code: 'setup-failed',
      message: 'it cannot be installed in an empty folder: it did not finish within 1 ms',
    },
  ]);
});

test.runIf(isThorough)(
  'an installation that hangs is ended at its time limit, and told with what it waits for',
  async () => {
    await using rig = await Rig.create();
    const stuck = publish(rig, 'stuck', {}, { 'index.js': '' });
    const script = rig.command();
    const slow = publish(rig, 'slow', { scripts: { postinstall: script.line } }, { 'index.js': '' });
    await using registry = await Registry.start([stuck, slow], [stuck.tarball]);
    const told = async (dependency: string): Promise<string | undefined> => {
      const { tarball } = publish(
        rig,
        `on-${dependency}`,
        { dependencies: { [dependency]: '1' } },
        { 'index.js': '' },
      );
      // What npm has packed is in its cache, by its content.
      const env = { npm_config_registry: registry.url, npm_config_cache: join(rig.dir, 'other') };
      const { code } = await start(rig, [tarball, '--timeout', '10s'], env).exit();
      expect(code).toBe(1);
      expect(rig.alive()).toEqual([]);
      return rig.report().setup[0]?.findings[0]?.message;
    };
    const within = 'it cannot be installed in an empty folder: it did not finish within 10.00 s';
    expect(await told('slow')).toBe(`${within}: the postinstall script of slow had not ended`);
    expect(await told('stuck')).toBe(`${within}: npm was waiting for stuck@1.0.0`);
  },
);

test('a package sees no credentials: neither its scripts on installing nor what is tried of it', async () => {
  await using rig = await Rig.create();
  const seen = join(rig.dir, 'seen.txt');
  const look = (who: string): string =>
    `require('node:fs').appendFileSync(${JSON.stringify(seen)}, '${who}: ' + JSON.stringify(process.env) + '\\n');`;
  writePackage(
    rig,
    'curious',
    { main: './index.js', bin: './cli.js', scripts: { postinstall: 'node look.js' } },
    {
      'look.js': look('install'),
      'index.js': look('load'),
      'cli.js': `${PROGRAM}${look('program')} console.log('hello');\n`,
    },
  );
  const { code, stdout } = await start(rig, ['./curious', 'entries', 'bin:curious'], {
    MY_DEPLOY_KEY: 'canary-1',
    DATABASE_URL: 'postgres://me:canary-2@localhost/',
    npm_config__auth: 'canary-3',
    "ODD'NAME": 'canary-4',
    LC_TIME: 'C',
  }).exit();
  expect(code, stdout).toBe(0);
  const text = rig.read('seen.txt');
  for (const who of ['install', 'load', 'program'])
    expect(text).toMatch(new RegExp(`^${who}: .*"LC_TIME":"C"`, 'm'));
  expect(text).not.toContain('canary');
});
