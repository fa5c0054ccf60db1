/**
 * What a person may get wrong. Each is told before anything runs, with the culprit, the cause and the next step,
 * and ends with exit code 2; a selection that comes to nothing, with 4.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FakeCommand, Rig } from '../rig/rig.ts';
import { inTurn, isThorough } from '../rig/thorough.ts';

/** Runs the program, which must refuse, say all of these things, and run nothing. */
async function refused(
  rig: Rig,
  args: readonly string[],
  ...says: readonly (string | RegExp)[]
): Promise<string> {
  const { code, stdout, stderr } = await rig.run(args);
  expect(stdout).toBe('');
  for (const words of says) {
    if (typeof words === 'string') expect(stderr).toContain(words);
    else expect(stderr).toMatch(words);
  }
  expect(code).toBe(2);
  expect(rig.exists('.shakedown')).toBe(false);
  expectNoStack(stderr);
  return stderr;
}

/** Mistakes of a person's are told in words, not as a crash of ours. */
const expectNoStack = (text: string): void => expect(text).not.toMatch(/^\s+at /m);

const scripts = (rig: Rig, ...names: string[]): FakeCommand[] =>
  names.map((name) => rig.executable(`integration/${name}`));

const unasked = (commands: readonly FakeCommand[]): number =>
  commands.reduce((sum, command) => sum + command.unasked, 0);

const component = { kind: 'command', run: 'echo ran > ran' };

/** Goes wrong where one of its neighbours does, and is tried by `npm run test:all`. */
const seldom = test.runIf(isThorough);

describe('nothing found to run', () => {
  test('neither a config nor a folder: what was looked for, where, and the ways on', async () => {
    await using rig = await Rig.create();
    await refused(
      rig,
      [],
      'nothing to run here',
      'shakedown.config.{ts,mts,js,mjs,json}',
      'integration',
      rig.dir,
      '--dir',
      '--config',
      'shakedown new',
    );
  });

  test('a folder that does not exist', async () => {
    await using rig = await Rig.create();
    await refused(rig, ['--dir', 'intergation'], 'there is no folder intergation', '--dir', 'shakedown new');
  });

  seldom('a folder that is a file', async () => {
    await using rig = await Rig.create();
    rig.write('thing', 'x');
    await refused(rig, ['--dir', 'thing'], 'thing is not a folder', '--dir', 'shakedown new');
  });

  test('a folder that holds none of it', async () => {
    await using rig = await Rig.create();
    rig.write('integration/README', 'x');
    await refused(
      rig,
      [],
      'there is nothing to run in integration',
      'thread, http (with client) and init',
      'typestubs.py or typestubs.ts',
      '--dir',
      'shakedown new',
    );
  });

  test('a config that does not exist', async () => {
    await using rig = await Rig.create();
    await refused(
      rig,
      ['--config', 'elsewhere.ts'],
      'the config elsewhere.ts does not exist',
      'check the path',
    );
  });

  seldom('a config that is a folder', async () => {
    await using rig = await Rig.create();
    mkdirSync(join(rig.dir, 'suite.ts'));
    await refused(rig, ['--config', 'suite.ts'], 'the config suite.ts is a folder');
  });

  test('a config of a kind that is not read', async () => {
    await using rig = await Rig.create();
    rig.write('suite.yaml', 'components: {}');
    await refused(
      rig,
      ['--config', 'suite.yaml'],
      'suite.yaml cannot be a config',
      '.ts, .mts, .js, .mjs, .json',
    );
  });
});

describe('names', () => {
  test('one that does not exist: those that do, and what was probably meant', async () => {
    await using rig = await Rig.create();
    const all = scripts(rig, 'thread', 'http', 'client', 'init');
    await refused(
      rig,
      ['thread', 'htpt'],
      'there is no component "htpt"',
      'did you mean "http"?',
      'integration has thread, http, init, typestubs',
    );
    expect(unasked(all)).toBe(0);
  });

  seldom('one that holds the name of another is not that other', async () => {
    await using rig = await Rig.create();
    const all = scripts(rig, 'thread', 'http', 'client', 'init');
    await refused(rig, ['http-old'], 'there is no component "http-old"', 'integration has thread, http');
    expect(unasked(all)).toBe(0);
  });

  seldom('one that is like a command', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { first: component, second: component } });
    await refused(rig, ['sweeep'], 'there is no component "sweeep"', 'the command `shakedown sweep`?');
  });

  test('one that is like none gets no suggestion', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { first: component, second: component } });
    const stderr = await refused(
      rig,
      ['benchmark'],
      'there is no component "benchmark"',
      'has first, second',
    );
    expect(stderr).not.toContain('did you mean');
  });

  seldom('every wrong one is told', async () => {
    await using rig = await Rig.create();
    const all = scripts(rig, 'thread');
    await refused(rig, ['thraed', 'thread', 'unit'], '"thraed"', 'did you mean "thread"?', '"unit"');
    expect(unasked(all)).toBe(0);
  });
});

describe('help', () => {
  test.each([
    ['foo', /^shakedown: there is no command "foo"\n {2}the commands are run, list, .*load/],
    ['lod', /^shakedown: there is no command "lod"\n {2}did you mean "load"\?/],
  ])('for %s, which is no command', async (name, message) => {
    await using rig = await Rig.create();
    const { code, stdout, stderr } = await rig.run(['help', name]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test('for one that is, and for the whole', async () => {
    await using rig = await Rig.create();
    expect(await rig.run(['help', 'load'])).toMatchObject({
      ...{ code: 0, stderr: '' },
      stdout: expect.stringMatching(/^Usage: shakedown load <url>/),
    });
    expect((await rig.run(['help'])).stdout).toBe((await rig.run(['--help'])).stdout);
  });
});

describe('an empty selection is never green', () => {
  test('a config whose components all want to be named', async () => {
    await using rig = await Rig.create();
    const command = rig.command();
    rig.config({
      components: {
        slow: { kind: 'command', run: command.line, onlyWhenNamed: true },
        slower: { kind: 'command', run: command.line, onlyWhenNamed: true },
      },
    });
    const { code, stderr } = await rig.run([]);
    expect(code).toBe(4);
    expect(stderr).toContain('nothing was selected, so nothing ran');
    expect(stderr).toContain('run by name: slow, slower');
    expect(command.unasked).toBe(0);
  });

  seldom('a folder that has nothing of the default selection', async () => {
    await using rig = await Rig.create();
    rig.write('integration/typestubs.py', 'print(1)\n');
    const { code, stderr } = await rig.run([]);
    expect(code).toBe(4);
    expect(stderr).toContain('nothing was selected, so nothing ran');
    expect(stderr).toContain('thread: there is no executable thread in integration');
    expect(stderr).toContain('run by name: typestubs');
  });
});

describe('scripts that cannot be run', () => {
  test('not executable', async () => {
    await using rig = await Rig.create();
    const all = scripts(rig, 'init');
    rig.write('integration/thread', '#!/bin/sh\necho ran > ran\n', 0o644);
    await refused(rig, [], 'integration/thread is not executable', 'chmod +x integration/thread');
    expect(unasked(all)).toBe(0);
  });

  seldom('no shebang', async () => {
    await using rig = await Rig.create();
    rig.write('integration/thread', 'echo ran > ran\n', 0o755);
    await refused(rig, [], 'integration/thread has no shebang', '#!/bin/sh');
  });

  test('empty, which a shell would call a success', async () => {
    await using rig = await Rig.create();
    rig.write('integration/thread', '', 0o755);
    await refused(rig, [], 'integration/thread is empty, so it would pass without doing anything');
  });

  test('Windows line ends, which make an interpreter that does not exist', async () => {
    await using rig = await Rig.create();
    rig.write('integration/thread', '#!/bin/sh\r\necho ran > ran\r\n', 0o755);
    await refused(rig, [], 'integration/thread has Windows line endings', 'sed -i');
  });

  seldom('a client that is not executable', async () => {
    await using rig = await Rig.create();
    const all = scripts(rig, 'http');
    rig.write('integration/client', '#!/bin/sh\n', 0o644);
    await refused(rig, ['http'], 'integration/client is not executable', 'chmod +x integration/client');
    expect(unasked(all)).toBe(0);
  });

  test('all of them at once', async () => {
    await using rig = await Rig.create();
    rig.write('integration/thread', '#!/bin/sh\n', 0o644);
    rig.write('integration/init', 'echo ran > ran\n', 0o755);
    await refused(rig, [], 'integration/thread is not executable', 'integration/init has no shebang');
  });

  seldom('matter only when they are selected', async () => {
    await using rig = await Rig.create();
    const init = rig.executable('integration/init');
    rig.write('integration/thread', '#!/bin/sh\n', 0o644);
    const run = rig.start(['init']);
    await (await init.invocation()).exit(0);
    expect((await run.exit()).code).toBe(0);
  });

  test('an interpreter that is not installed is found out at the start, and named', async () => {
    await using rig = await Rig.create();
    rig.write('integration/thread', '#!/usr/bin/no-such-interpreter\n', 0o755);
    const { code, stdout } = await rig.run(['thread']);
    expect(code).toBe(1);
    expect(stdout).toContain(
      'needs /usr/bin/no-such-interpreter (see its first line), which is not installed',
    );
    expect(stdout).toContain('install /usr/bin/no-such-interpreter, or change the first line');
  });

  seldom('an interpreter that env does not find is named as well', async () => {
    await using rig = await Rig.create();
    rig.write('integration/thread', '#!/usr/bin/env no-such-interpreter\n', 0o755);
    const { code, stdout } = await rig.run(['thread']);
    expect(code).toBe(1);
    expect(stdout).toContain('thread needs no-such-interpreter (see its first line), which is not installed');
    expect(stdout).toContain('install no-such-interpreter, or change the first line');
  });
});

describe('a config that cannot be read', () => {
  const broken = Buffer.concat([
    Buffer.from('export default {\n  // caf'),
    Buffer.from([0xe9]),
    Buffer.from('\n};\n'),
  ]);

  test.each(inTurn(['shakedown.config.ts', 'shakedown.config.json'], 2))('%s: not UTF-8', async (name) => {
    await using rig = await Rig.create();
    rig.write(name, broken);
    await refused(rig, [], `the config ${name} is not UTF-8: see line 2`, 'save it as UTF-8');
  });

  test('throws: with the line that it throws at', async () => {
    await using rig = await Rig.create();
    rig.write(
      'shakedown.config.ts',
      [
        "import { defineSuite } from 'shakedown';",
        'const must = (name: string): string => {',
        '  throw new TypeError(`set ${name} first`);',
        '};',
        "export default defineSuite({ components: { a: { kind: 'command', run: must('DATABASE_URL') } } });",
        '',
      ].join('\n'),
    );
    await refused(
      rig,
      [],
      /shakedown\.config\.ts:3:\d+: the config throws: TypeError: set DATABASE_URL first/,
      /3 \| {3}throw new TypeError/,
    );
  });

  seldom('throws something that is no error', async () => {
    await using rig = await Rig.create();
    rig.write('shakedown.config.mjs', "throw 'just a text';\n");
    await refused(rig, [], 'the config shakedown.config.mjs throws: just a text');
  });

  test('imports what is not there', async () => {
    await using rig = await Rig.create();
    rig.write('shakedown.config.ts', "import x from './no-such-file.ts';\nexport default x;\n");
    await refused(rig, [], 'shakedown.config.ts', 'no-such-file.ts');
  });

  test('no TypeScript: with file, line and a pointer', async () => {
    await using rig = await Rig.create();
    rig.write('shakedown.config.ts', 'export default {\n  components: {{\n};\n');
    await refused(rig, [], /shakedown\.config\.ts:2:16: /, /2 \| {3}components: \{\{\n +\| {16}\^/);
  });

  seldom('no JSON: with file, line and a pointer', async () => {
    await using rig = await Rig.create();
    rig.write('shakedown.config.json', '{\n  "components": {\n    "a": }\n}\n');
    await refused(rig, [], /shakedown\.config\.json:3:10: not JSON/, /3 \| {5}"a": \}\n +\| {10}\^/);
  });

  const exported = [
    { what: 'no default export', text: 'export const suite = {};\n', says: 'has no default export' },
    { what: 'a number', text: 'export default 7;\n', says: 'a config must export a suite, not 7' },
    { what: 'no components', text: 'export default {};\n', says: '"components" is missing' },
    { what: 'none in it', text: 'export default { components: {} };\n', says: 'there is no component' },
  ];
  test.each(inTurn(exported, 3))('exports $what', async ({ text, says }) => {
    await using rig = await Rig.create();
    rig.write('shakedown.config.ts', text);
    await refused(rig, [], says);
  });
});

describe('mistakes in a config', () => {
  /** A config of one `http` component with this server, and services beside it. */
  const withServices = (services: object): object => ({
    components: { http: { kind: 'http', services, client: 'true' } },
  });

  test('a circle of needs among components', async () => {
    await using rig = await Rig.create();
    rig.config({
      components: {
        a: { ...component, needs: ['b'] },
        b: { ...component, needs: ['c'] },
        c: { ...component, needs: ['a'] },
      },
    });
    await refused(
      rig,
      [],
      /shakedown\.config\.json:\d+:\d+: these components need each other in a circle: a → b → c → a/,
      'remove one of these needs',
    );
    expect(rig.exists('ran')).toBe(false);
  });

  seldom('a component that needs itself', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { a: { ...component, needs: ['a'] } } });
    await refused(rig, [], 'in a circle: a → a');
  });

  seldom('a circle of needs among services', async () => {
    await using rig = await Rig.create();
    rig.config(
      withServices({
        web: { run: 'true', port: 0, needs: ['db'] },
        db: { run: 'true', port: 0, needs: ['web'] },
      }),
    );
    await refused(rig, [], /:\d+:\d+: these services need each other in a circle: web → db → web/);
  });

  test('a need that does not exist', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { thread: component, b: { ...component, needs: ['thraed'] } } });
    await refused(
      rig,
      [],
      'component "b" needs "thraed", which does not exist',
      'did you mean "thread"?',
      /\d+ \| +"thraed"\n +\| +\^{8}\n/,
    );
  });

  test('two services on one port', async () => {
    await using rig = await Rig.create();
    rig.config(withServices({ web: { run: 'true', port: 4444 }, db: { run: 'true', port: 4444 } }));
    await refused(
      rig,
      [],
      /:\d+:\d+: the services "web" and "db" have the same port 4444/,
      /"port": 4444\n +\| +\^{4}\n/,
      'or use 0 for a free one',
    );
  });

  test.each(inTurn([70_000, -1, 80.5, '8001'], 3))('the port %j', async (port) => {
    await using rig = await Rig.create();
    rig.config({
      components: { http: { kind: 'http', server: { run: 'true', port }, client: 'true' } },
    });
    await refused(rig, [], /:\d+:\d+: "port" must be a port: a whole number from 1 to 65535/, String(port));
  });

  test('are told all at once, in the order of the file, each with a pointer to the culprit', async () => {
    await using rig = await Rig.create();
    const lines = [
      "import { command, defineSuite, http, load, types } from 'shakedown';",
      '',
      'export default defineSuite({',
      "  memory: 'on',",
      '  components: {',
      "    thread: command({ run: './thread', timout: '5s' }),",
      '    http: http({',
      "      server: { run: './server', port: 99999 },",
      '      client: load({ connections: 0 }),',
      '    }),',
      "    stubs: types({ sample: './no-such.ts' }),",
      "    later: command({ run: 'true', needs: ['thred'], retries: -1 }),",
      "    odd: { kind: 'comand', run: 'true' },",
      '  },',
      '});',
      '',
    ];
    rig.write('shakedown.config.ts', lines.join('\n'));
    const stderr = await refused(rig, []);
    const told = [...stderr.matchAll(/shakedown\.config\.ts:(\d+):(\d+): (.*)/g)].map(
      ([, line, column, message]) => ({ at: `${line}:${column}`, message }),
    );
    expect(told).toEqual([
      { at: '4:11', message: expect.stringContaining('"memory" must be "debug" or "off"') },
      { at: '6:40', message: 'there is no option "timout" here' },
      { at: '8:40', message: expect.stringContaining('"port" must be a port') },
      {
        at: '9:35',
        message: expect.stringContaining('"connections" must be a whole number from 1 to 1000000'),
      },
      { at: '11:28', message: expect.stringContaining('no-such.ts does not exist') },
      { at: '12:43', message: 'component "later" needs "thred", which does not exist' },
      { at: '12:62', message: expect.stringContaining('"retries" must be a whole number of at least 0') },
      { at: '13:18', message: expect.stringContaining('unknown kind: "comand"') },
    ]);
    expect(stderr).toContain('did you mean "timeout"?');
    expect(stderr).toContain('did you mean "command"?');
    expect(stderr).toContain(`  6 | ${lines[5]}\n    | ${' '.repeat(39)}^^^^^^\n`);
    expect(stderr).toContain(`  8 | ${lines[7]}\n    | ${' '.repeat(39)}^^^^^\n`);
  });

  test('mistakes that only a look around finds are told together with those of the form', async () => {
    await using rig = await Rig.create();
    rig.config({
      components: {
        a: { ...component, cwd: 'no-such-folder' },
        b: { ...component, expect: { output: { regex: '(' } } },
        c: { kind: 'http', server: { run: 'true' }, client: { kind: 'load' } },
        d: { kind: 'types', sample: 'sample.rb' },
        'a b': component,
        e: { ...component, timeout: '5 parsecs' },
        f: { kind: 'http', client: 'true' },
      },
    });
    await refused(
      rig,
      [],
      'the folder no-such-folder does not exist',
      'Invalid regular expression',
      'service "server" has neither a port nor `ready`',
      'sample.rb is not a sample that can be type-checked',
      '"a b" cannot be the name of a component',
      '"5 parsecs" is not a duration',
      'an http component needs a `server`, `services`, or a service of the suite to `use`',
    );
  });
});

describe('the command line', () => {
  const mistaken = [
    { args: ['--prot', '1'], says: ["unknown option '--prot'", 'Did you mean --port?'] },
    { args: ['--port', '65536'], says: ["'65536' is invalid", 'from 0 to 65535'] },
    { args: ['--port', '-1'], says: ['--port', 'from 0 to 65535'] },
    { args: ['--port', '80x'], says: ["'80x' is invalid", 'from 0 to 65535'] },
    { args: ['--port'], says: ["option '--port <n>' argument missing"] },
    { args: ['--jobs', '0'], says: ["'0' is invalid", 'from 1 to'] },
    { args: ['--repeat', '0'], says: ["'0' is invalid", 'from 1 to'] },
    { args: ['--timeout', 'soon'], says: ['"soon" is not a duration', '500ms, 5s, 1m or 1h'] },
    { args: ['--timeout', '5'], says: ['"5" is not a duration'] },
    { args: ['--timeout', '0s'], says: ['longer than zero'] },
    { args: ['--memory', 'full'], says: ["'full' is invalid", 'debug, off'] },
    { args: ['--daemon', '--foreground'], says: ["'--foreground' cannot be used with option '--daemon'"] },
    { args: ['--report', 'xml'], says: ['there is no report format "xml"', 'terminal, ndjson, json, junit'] },
    { args: ['--report', 'jsn=a'], says: ['there is no report format "jsn"', 'did you mean "json"?'] },
    { args: ['--report', 'json='], says: ['--report json= names no file', '--report json=FILE'] },
    {
      args: ['--report', 'terminal=x'],
      says: ['the terminal report goes to the terminal', 'redirect standard output'],
    },
  ];
  test.each(inTurn(mistaken, 5))('$args', async ({ args, says }) => {
    await using rig = await Rig.create();
    const all = scripts(rig, 'thread');
    await refused(rig, args, ...says);
    expect(unasked(all)).toBe(0);
  });

  test('--dir and --config exclude each other', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { a: component } });
    const all = scripts(rig, 'thread');
    const args = ['--dir', 'integration', '--config', 'shakedown.config.json'];
    await refused(rig, args, 'use either --dir or --config');
    expect(unasked(all)).toBe(0);
  });

  test('--port, --daemon and --raw say nothing to a config', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { a: component } });
    await refused(
      rig,
      ['--port', '1', '--daemon', '--raw'],
      '--port can only be used with a folder of scripts',
      'in a config, set `port` of the service instead',
      '--daemon can only be used with a folder of scripts',
      'in a config, set `daemon: true` of the service instead',
      '--raw can only be used with a folder of scripts',
    );
    expect(rig.exists('ran')).toBe(false);
  });
});

describe('a report that cannot be written', () => {
  const places = [
    { what: 'into a folder that is a file', path: 'file/report.json' },
    { what: 'over a folder', path: 'folder' },
    { what: 'into a folder that the system makes no folder in', path: '/proc/none/report.json' },
  ];
  test.each(inTurn(places, 2))('$what is refused before anything runs', async ({ path }) => {
    await using rig = await Rig.create();
    const all = scripts(rig, 'thread');
    rig.write('file', 'x');
    mkdirSync(join(rig.dir, 'folder'));
    await refused(
      rig,
      ['--report', `json=${path}`],
      `the json report cannot be written to ${resolve(rig.dir, path)}`,
      'choose a file',
    );
    expect(unasked(all)).toBe(0);
  });
});
