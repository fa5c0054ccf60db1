/**
 * Configs with mistakes in them, as files. The culprits are marked in the source, ⟦so⟧; the marks are taken out before
 * the file is written, and each mistake must be told with exactly the place where its mark stood.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../../src/config/load-config.ts';
import type { Diagnostic, Location } from '../../../src/core/diagnostic.ts';
import { showDiagnostic } from '../../../src/core/diagnostic.ts';
import { secrets } from '../../../src/core/secrets.ts';
import type { Suite } from '../../../src/core/suite.ts';

const LIBRARY = resolve(import.meta.dirname, '../../../src/index.ts');

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'config-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

function write(name: string, content: string | Uint8Array): string {
  const path = join(dir, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const load = (name: string) => loadConfig(join(dir, name), { cwd: dir, library: LIBRARY });

async function mistakes(name: string, content: string | Uint8Array): Promise<readonly Diagnostic[]> {
  write(name, content);
  const loaded = await load(name);
  if (loaded.ok) throw new Error(`${name} was taken`);
  return loaded.error;
}

async function suiteOf(name: string, content: string): Promise<Suite> {
  write(name, content);
  const loaded = await load(name);
  if (!loaded.ok) throw new Error(loaded.error.map(showDiagnostic).join('\n'));
  return loaded.value;
}

/** A source without its marks, and where they stood. */
function unmark(name: string, marked: string): { source: string; places: Location[] } {
  const places: Location[] = [];
  const lines = marked.split('\n').map((line, index) => {
    const text = line.replace(/[⟦⟧]/g, '');
    let taken = 0;
    for (const { index: at = 0, 1: culprit = '' } of line.matchAll(/⟦(.*?)⟧/g)) {
      places.push({ file: name, line: index + 1, column: at - taken + 1, length: culprit.length, text });
      taken += 2;
    }
    return text;
  });
  return { source: lines.join('\n'), places };
}

/** Loads a marked source; each mark must be told, in order, and with it each message. */
async function expectMistakes(
  name: string,
  marked: string,
  told: readonly (readonly [message: RegExp, hint?: RegExp | undefined])[],
): Promise<void> {
  const { source, places } = unmark(name, marked);
  const found = await mistakes(name, source);
  const text = found.map(showDiagnostic).join('\n');
  expect(
    found.map(({ location }) => location),
    text,
  ).toEqual(places);
  expect(found.length, text).toBe(told.length);
  for (const [index, [message, hint]] of told.entries()) {
    expect(found[index]?.message).toMatch(message);
    if (hint !== undefined) expect(found[index]?.hint).toMatch(hint);
  }
}

const TEN = [
  [/there is no option "memroy" here/, /did you mean "memory"\?/],
  [/"5" is not a duration; write it as 500ms/],
  [/there is no option "tiemout" here/, /did you mean "timeout"\?/],
  [/"retries" must be a whole number of at least 0, not -1/],
  [/the sample \.\/typestubs\.py does not exist/],
  [/the services "db" and "api" have the same port 8001/, /or use 0 for a free one/],
  [/`duration` and `requests` contradict each other/],
  [/"port" must be a port: a whole number from 1 to 65535, or 0/],
  [/component "odd" has an unknown kind: "htttp"/, /did you mean "http"\?/],
  [/these components need each other in a circle: one → two → one/],
  [/component "lost" needs "thraed", which does not exist/, /did you mean "thread"\?/],
] as const;

describe('a config with eleven mistakes tells all of them, each where it stands', () => {
  test('in TypeScript, with the builders', async () => {
    await expectMistakes(
      'shakedown.config.ts',
      `import { command, defineSuite, http, load, types } from 'shakedown';

const RETRIES: number = -1;

export default defineSuite({
  ⟦memroy⟧: 'debug',
  components: {
    thread: command({ run: './thread', timeout: ⟦'5'⟧, ⟦tiemout⟧: '5s', retries: ⟦RETRIES⟧ }),
    typestubs: types({ sample: ⟦'./typestubs.py'⟧, onlyWhenNamed: true }),
    http: http({
      services: {
        db: { run: './db', port: 8001 },
        api: { run: './api', needs: ['db'], port: ⟦8001⟧ },
      },
      client: load({ requests: 10, duration: ⟦'5s'⟧ }),
    }),
\tweb: http({ server: { run: './web', port: ⟦70_000⟧ }, client: './client $PORT' }),
    odd: { kind: ⟦'htttp'⟧, run: './odd' } as never,
    one: command({ run: './one', needs: ⟦['two']⟧ }),
    two: command({ run: './two', needs: ['one'] }),
    lost: command({ run: ['./lost', 'a b'], needs: ['web', ⟦'thraed'⟧] }),
  },
});
`,
      TEN,
    );
  });

  test('in JavaScript, as plain objects and by the names of constants', async () => {
    await expectMistakes(
      'shakedown.config.mjs',
      `const thread = {
  kind: 'command', run: './thread', timeout: ⟦"5"⟧, ⟦tiemout⟧: '5s',
  retries: ⟦-1⟧,
};

export const components = {
  thread,
  typestubs: { kind: 'types', sample: ⟦\`./typestubs.py\`⟧ },
  http: {
    kind: 'http',
    services: { db: { run: './db', port: 8001 }, 'api': { run: './api', 'port': ⟦8001⟧ } },
    client: { kind: 'load', requests: 10, duration: ⟦'5s'⟧ },
  },
  web: { kind: 'http', server: { run: './web', port: ⟦70000⟧ }, client: './client $PORT' },
  odd: { kind: ⟦'htttp'⟧, run: './odd' },
  one: { kind: 'command', run: './one', needs: ⟦['two']⟧ },
  two: { kind: 'command', run: './two', needs: ['one'] },
  lost: { kind: 'command', run: './lost', needs: ['web', ⟦'thraed'⟧] },
};

const suite = { ⟦memroy⟧: 'debug', components };

export default suite;
`,
      [...TEN.slice(1), TEN[0]],
    );
  });

  test('in JSON', async () => {
    await expectMistakes(
      'shakedown.config.json',
      `{
  ⟦"memroy"⟧: "debug",
  "components": {
    "thread": { "kind": "command", "run": "./thread", "timeout": ⟦"5"⟧, ⟦"tiemout"⟧: "5s", "retries": ⟦-1⟧ },
    "typestubs": { "kind": "types", "sample": ⟦"./typestubs.py"⟧ },
    "http": {
      "kind": "http",
      "services": { "db": { "run": "./db", "port": 8001 }, "api": { "run": "./api", "port": ⟦8001⟧ } },
      "client": { "kind": "load", "requests": 10, "duration": ⟦"5s"⟧ }
    },
    "web": { "kind": "http", "server": { "run": "./web", "port": ⟦70000⟧ }, "client": "./client $PORT" },
    "odd": { "kind": ⟦"htttp"⟧, "run": "./odd" },
    "one": { "kind": "command", "run": "./one", "needs": ⟦["two"]⟧ },
    "two": { "kind": "command", "run": "./two", "needs": ["one"] },
    "lost": { "kind": "command", "run": "./lost", "needs": ["web", ⟦"thraed"⟧] }
  }
}
`,
      TEN,
    );
  });
});

describe('each mistake', () => {
  const component = (text: string): string => `export default { components: { a: ${text} } };\n`;

  const ROWS: readonly (readonly [string, string, RegExp, RegExp?])[] = [
    ['an option that is missing', "⟦a⟧: { kind: 'command' }", /"run" is missing/],
    [
      'a service without a command',
      "a: { kind: 'http', client: 'x', ⟦server⟧: { port: 1 } }",
      /"run" is missing/,
    ],
    [
      'no kind',
      "a: ⟦{ run: './x' }⟧",
      /component "a" has no kind/,
      /the kinds are command, http, threads, types/,
    ],
    ['a kind like no other', "a: { kind: ⟦'unlike'⟧ }", /unknown kind: "unlike"/, /the kinds are/],
    [
      'a component that is no object',
      'a: ⟦42⟧',
      /component "a" must be an object, not 42/,
      /command\(…\), http\(…\), threads\(…\)/,
    ],
    [
      'a name that cannot be',
      "⟦'setup:a'⟧: { kind: 'command', run: 'x' }",
      /cannot be the name of a component/,
    ],
    ['an empty command', "a: { kind: 'command', run: ⟦''⟧ }", /"run" must be a command/],
    ['an empty list', "a: { kind: 'command', run: ⟦[]⟧ }", /"run" must be a command/],
    [
      'a line that is written as a list of one word',
      "a: { kind: 'command', run: ⟦['npm test']⟧ }",
      /"run" is a list of one word, .*: write "npm test" for the shell, or \["npm", "test"\]/,
    ],
    [
      'a number for a text',
      "a: { kind: 'command', run: 'x', env: { A: ⟦1⟧ } }",
      /"A" must be a text: an environment/,
    ],
    ['a bad exit code', "a: { kind: 'command', run: 'x', expect: { exitCode: ⟦256⟧ } }", /from 0 to 255/],
    [
      'a bad regular expression',
      "a: { kind: 'command', run: 'x', expect: { forbid: ⟦{ regex: '(' }⟧ } }",
      /Invalid regular expression: \/\(\//,
    ],
    [
      'an unknown flag of one',
      "a: { kind: 'command', run: 'x', expect: { output: ⟦{ regex: 'a', flags: 'q' }⟧ } }",
      /Invalid flags/,
    ],
    [
      'a folder that is not there',
      "a: { kind: 'command', run: 'x', cwd: ⟦'./nope'⟧ }",
      /the folder \.\/nope does not exist/,
      /`outputs` of that step/,
    ],
    ['a time that is none', "a: { kind: 'command', run: 'x', timeout: ⟦'0s'⟧ }", /must be longer than zero/],
    [
      'a time that is too long',
      "a: { kind: 'command', run: 'x', timeout: ⟦'25h600h'⟧ }",
      /longest duration is 24 days/,
    ],
    [
      'a sample of no language',
      "a: { kind: 'types', sample: ⟦'./a.rb'⟧ }",
      /not a sample that can be type-checked/,
    ],
    [
      'nothing to load',
      "a: ⟦{ kind: 'init' }⟧",
      /an init component needs either a `module` or a `python` module/,
    ],
    [
      'a module of two languages',
      "a: ⟦{ kind: 'init', module: 'x', python: 'x' }⟧",
      /an init component needs either a `module` or a `python` module/,
    ],
    [
      'a module that is not there',
      "a: { kind: 'init', module: ⟦'./nowhere.js'⟧ }",
      /the file \.\/nowhere\.js does not exist/,
    ],
    [
      'a first use that is not there',
      "a: { kind: 'init', module: 'x', use: ⟦'./nowhere.js:run'⟧ }",
      /the file \.\/nowhere\.js does not exist/,
    ],
    [
      'a budget that is no ratio',
      "a: { kind: 'init', module: 'x', coldStart: ⟦'50ms'⟧ }",
      /must be how much longer than the bare interpreter it may take, such as "< 1\.5x"/,
    ],
    ['no service', "a: ⟦{ kind: 'http', client: 'x' }⟧", /an http component needs a `server`/],
    [
      'a service that is never ready',
      "a: { kind: 'http', server: ⟦{ run: 'x' }⟧, client: 'x' }",
      /neither a port nor `ready`/,
    ],
    [
      'a port in a line that nothing marks',
      "a: { kind: 'http', server: { run: 'x', port: { log: ⟦/listening on \\d+/⟧ } }, client: 'x' }",
      /\/listening on \\d\+\/ has no group, so it does not tell which part of the line is the port/,
      /put the port in parentheses/,
    ],
    [
      'a port in a text',
      "a: { kind: 'http', server: { run: 'x', port: { log: ⟦'listening'⟧ } }, client: 'x' }",
      /"listening" has no group/,
      /write a regular expression with the port in parentheses/,
    ],
    [
      'a port that is none of the three',
      "a: { kind: 'http', server: { run: 'x', port: ⟦'auto'⟧ }, client: 'x' }",
      /"port" must be a port: .* or \{ log: /,
    ],
    [
      'an address that is a name',
      "a: { kind: 'http', server: { run: 'x', port: 0, ready: { http: '/', host: ⟦'staging'⟧ } }, client: 'x' }",
      /must be an IP address of this machine/,
    ],
    [
      'a socket and a port to ask at',
      "a: { kind: 'http', server: { run: 'x', port: 0, ready: { http: '/', port: 1, unix: ⟦'x.sock'⟧ } }, client: 'x' }",
      /it is asked either at a socket in the file system, or at a port/,
    ],
    [
      'certificates that are not there',
      "a: { kind: 'http', server: { run: 'x', port: 0, ready: { https: '/', ca: ⟦'no.pem'⟧ } }, client: 'x' }",
      /the file no\.pem cannot be read \(ENOENT\)/,
    ],
    [
      'certificates for gRPC that are not there',
      "a: { kind: 'http', server: { run: 'x', port: 0, ready: { grpc: true, tls: { ca: ⟦'no.pem'⟧ } } }, client: 'x' }",
      /the file no\.pem cannot be read \(ENOENT\)/,
    ],
    [
      'a header that is none',
      "a: { kind: 'http', server: { run: 'x', port: 0, ready: { http: '/', headers: ⟦{ 'a b': 'c' }⟧ } }, client: 'x' }",
      /must be headers/,
    ],
    [
      'two graces',
      "a: { kind: 'http', server: { run: 'x', port: 0, grace: '1s', stop: { grace: ⟦'2s'⟧ } }, client: 'x' }",
      /the grace is given twice: 2s here, and 1s beside `stop`/,
      /keep one of them/,
    ],
    [
      'an input that a daemon would leave behind',
      "a: { kind: 'http', server: { run: 'x', port: 0, daemon: true, stdin: ⟦'open'⟧ }, client: 'x' }",
      /a daemon leaves its input behind/,
    ],
    [
      'a port to look at that is not there',
      "a: { kind: 'http', server: { run: 'x', ready: ⟦{ http: '/' }⟧ }, client: 'x' }",
      /the service has no port to check/,
    ],
    [
      'an unknown fault',
      "a: { kind: 'http', server: { run: 'x', port: 0 }, client: 'x', via: ⟦{ teapot: true }⟧ }",
      /must be one of \{ status \}, \{ latency \}, \{ bandwidth \}, \{ reset \}, \{ hang \} or \{ change \}/,
    ],
    [
      'an unknown change',
      "a: { kind: 'http', server: { run: 'x', port: 0 }, client: 'x', via: [{ change: ⟦'wrong'⟧ }] }",
      /must be one of empty-body, truncated-body, wrong-value,/,
    ],
    [
      'a drain seen by a command',
      "a: { kind: 'http', server: { run: 'x', port: 0 }, client: 'x', drain: ⟦{}⟧ }",
      /the built-in client is needed to see what becomes of each request, but the client is a command/,
      /client: load/,
    ],
    [
      'a drain with an end of its own',
      "a: { kind: 'http', server: { run: 'x', port: 0 }, client: { kind: 'load', duration: ⟦'5s'⟧ }, drain: {} }",
      /with `drain` the load lasts until the server is gone/,
      /remove `duration`/,
    ],
    [
      'a drain behind a fault',
      "a: { kind: 'http', server: { run: 'x', port: 0 }, client: { kind: 'load' }, via: { hang: true }, drain: ⟦{}⟧ }",
      /with `via` the client is connected to a proxy/,
      /two components/,
    ],
    [
      'a status of no final answer',
      "a: { kind: 'http', server: { run: 'x', port: 0 }, client: 'x', via: { status: ⟦101⟧ } }",
      /must be a status from 200 to 599/,
    ],
    [
      'a fault before no port',
      "a: { kind: 'http', server: { run: 'x', ready: { log: 'up' } }, client: 'x', via: ⟦{ hang: true }⟧ }",
      /a fault stands before a port, and service "server" has none/,
    ],
    [
      'a fault that nobody would meet',
      "a: { kind: 'http', server: { run: 'x', port: 0, via: ⟦{ hang: true }⟧ }, client: 'x' }",
      /no service needs "server", so nobody would meet its faults/,
      /for the client write it beside `client`/,
    ],
    [
      'the same deep within',
      "a: { kind: 'http', server: { run: 'x', ready: { all: [{ log: 'up' }, { any: [⟦{ port: true }⟧] }] } }, client: 'x' }",
      /the service has no port to check/,
    ],
    [
      'a condition that does not exist',
      "a: { kind: 'http', server: { run: 'x', port: 1, ready: ⟦{ htpt: '/' }⟧ }, client: 'x' }",
      /"ready" must be one of \{ port \}, \{ http \}/,
    ],
    [
      'a foreground for what is no daemon',
      "a: { kind: 'http', server: { run: 'x', port: 1, foreground: ⟦'y'⟧ }, client: 'x' }",
      /runs in the foreground already/,
    ],
    [
      'a load without a port',
      "a: { kind: 'http', server: { run: 'x', ready: { log: 'up' } }, client: ⟦{ kind: 'load' }⟧ }",
      /the built-in client needs a port/,
      /give "server" a port/,
    ],
    [
      'two services of one name',
      "a: { kind: 'http', server: { run: 'x', port: 1 }, services: { server: ⟦{ run: 'y', port: 2 }⟧ }, client: 'x' }",
      /two services named "server"/,
    ],
    [
      'several services, and none that the client is known to try',
      "a: { kind: 'http', services: ⟦{ b: { run: 'x', port: 1 }, c: { run: 'y', port: 2 } }⟧, client: 'x' }",
      /it is unclear which service the client tests: "b" or "c"/,
      /give that one as `server`/,
    ],
    [
      'services in a circle',
      "a: { kind: 'http', services: { b: { run: 'x', port: 1, needs: ⟦['c']⟧ }, c: { run: 'y', port: 2, needs: ['b'] } }, client: 'x' }",
      /these services need each other in a circle: b → c → b/,
    ],
    [
      'a service that needs nobody that exists',
      "a: { kind: 'http', services: { b: { run: 'x', port: 1, needs: [⟦'cc'⟧] }, c: { run: 'y', port: 2 } }, client: 'x' }",
      /service "b" needs "cc", which does not exist/,
      /did you mean "c"\?/,
    ],
    [
      'threads of nothing',
      "a: ⟦{ kind: 'threads', workers: 2 }⟧",
      /needs a `module`, a `python` function or script, or a program to `run`/,
    ],
    [
      'threads of two things',
      "a: ⟦{ kind: 'threads', module: 'x', run: 'y' }⟧",
      /has one of `module`, `python` and `run`, not module and run/,
    ],
    [
      'an option of another trial',
      "a: { kind: 'threads', run: 'x', exports: ⟦['y']⟧ }",
      /`exports` has no effect together with `run`/,
    ],
    [
      'a module for threads that does not exist',
      "a: { kind: 'threads', module: ⟦'./missing.js'⟧ }",
      /the module \.\/missing\.js does not exist/,
    ],
    [
      'neither a function nor a script of Python',
      "a: { kind: 'threads', python: ⟦'work'⟧ }",
      /work is neither a script that exists nor a function/,
      /package\.module:function/,
    ],
    [
      'arguments that JSON cannot hold',
      "a: { kind: 'threads', module: 'x', inputs: { parse: ⟦[[new Uint8Array(2)]]⟧ } }",
      /the arguments of parse cannot be written as JSON/,
    ],
    [
      'an oracle that nobody asks',
      "a: { kind: 'threads', module: 'x', oracle: ⟦'y'⟧ }",
      /nothing is called, so there is nothing to ask the oracle/,
    ],
    ['one that needs itself', "a: { kind: 'command', run: 'x', needs: ⟦['a']⟧ }", /in a circle: a → a/],
    [
      'a port below zero',
      "a: { kind: 'http', server: { run: 'x', port: ⟦-1⟧ }, client: 'x' }",
      /must be a port/,
    ],
    ['half a port', "a: { kind: 'http', server: { run: 'x', port: ⟦80.5⟧ }, client: 'x' }", /must be a port/],
    [
      'a port in words',
      "a: { kind: 'http', server: { run: 'x', port: ⟦'8001'⟧ }, client: 'x' }",
      /must be a port/,
    ],
  ];

  test.each(ROWS.map(([what, text, ...told]) => ({ what, text, told })))('$what', async ({ text, told }) => {
    const source = `export default { components: { ${text} } };\n`;
    await expectMistakes('shakedown.config.mjs', source, [told]);
  });

  test('a mistake in a setup step is told where it stands', async () => {
    await expectMistakes(
      'shakedown.config.mjs',
      `export default {
  setup: ['npm ci', { run: 'x', ⟦inptus⟧: ['a'] }],
  components: { a: { kind: 'command', run: 'x' } },
};
`,
      [[/there is no option "inptus" here/, /did you mean "inputs"\?/]],
    );
  });

  test('mistakes in what undoes a step, and in the teardown, are told where they stand', async () => {
    await expectMistakes(
      'shakedown.config.mjs',
      `export default {
  setup: [
    { run: 'a', undo: ⟦''⟧ },
    { run: 'b', undo: { run: ⟦[]⟧ } },
    { run: 'c', undo: { run: 'x', ⟦timout⟧: '5s' } },
  ],
  teardown: [{ run: 'x', timeout: ⟦5⟧ }, { run: 'y', ⟦undo⟧: 'z' }],
  components: { a: { kind: 'command', run: 'x' } },
};
`,
      [
        [/"undo" must be a command/],
        [/"run" must be a command/],
        [/there is no option "timout" here/, /did you mean "timeout"\?/],
        [/"timeout" must be a duration/],
        [/there is no option "undo" here/, /"undo" belongs in a step of `setup`/],
      ],
    );
  });

  test('a step that is undone cannot be kept, and a teardown runs in a folder that exists', async () => {
    await expectMistakes(
      'shakedown.config.mjs',
      `export default {
  setup: [{ run: 'a', inputs: ⟦['x']⟧, undo: 'b' }],
  teardown: [{ run: 'x', cwd: ⟦'nowhere'⟧ }],
  components: { a: { kind: 'command', run: 'x' } },
};
`,
      [[/a step with `undo` must run every time/, /remove `inputs`/], [/the folder nowhere does not exist/]],
    );
  });

  test('mistakes of form do not hide those of meaning in the same component, nor make any up', async () => {
    await expectMistakes(
      'shakedown.config.mjs',
      `export default { components: {
  a: { kind: 'command', run: 'x', timeout: ⟦5⟧, cwd: ⟦'nowhere'⟧ },
  t: { kind: 'types', sample: ⟦'nothing.ts'⟧, ⟦retires⟧: 2 },
  h: {
    kind: 'http',
    server: { run: 'x', port: ⟦99999⟧, ready: ⟦{ htp: '/' }⟧, cwd: ⟦'none'⟧ },
    client: { kind: 'load', requests: 1, duration: ⟦'1s'⟧ },
  },
  e: { kind: 'http', server: ⟦3⟧, client: 'x' },
} };
`,
      [
        [/"timeout" must be a duration such as "500ms", "5s" or "1m", not 5$/],
        [/the folder nowhere does not exist/],
        [/the sample nothing\.ts does not exist/],
        [/there is no option "retires" here/, /did you mean "retries"\?/],
        [/"port" must be a port/],
        [/"ready" must be one of/],
        [/the folder none does not exist/],
        [/`duration` and `requests` contradict each other/],
        [/"server" must be an object of options, not 3/],
      ],
    );
  });

  test('the options of the built-in client are suggested too', async () => {
    await expectMistakes(
      'shakedown.config.mjs',
      "export default { components: { a: { kind: 'http', server: { run: 'x', port: 1 }, client: { kind: 'load', ⟦requets⟧: 1 } } } };\n",
      [[/there is no option "requets" here/, /did you mean "requests"\?/]],
    );
  });

  test('a culprit that the source does not show is told at the nearest place that it shows', async () => {
    await expectMistakes(
      'shakedown.config.mjs',
      `const hidden = () => ({ timeout: 5 });
export default { components: { a: ⟦{ kind: 'command', run: 'x', ...hidden() }⟧ } };
`,
      [[/^components\.a\.timeout: "timeout" must be a duration/]],
    );
  });

  test('and without a place, by its path, where the source shows nothing', async () => {
    const source = "const make = () => ({ components: { a: { kind: 'command', run: 1 } } });\n";
    await expectMistakes('shakedown.config.mjs', `${source}export default ⟦make()⟧;\n`, [
      [/^components\.a\.run: "run" must be a command/],
    ]);
    const [mistake, ...others] = await mistakes(
      'shakedown.config.mjs',
      `${source}export { made as default };\nconst made = make();\n`,
    );
    expect(others).toEqual([]);
    expect(mistake?.location).toBeUndefined();
    expect(mistake?.message).toMatch(/^shakedown\.config\.mjs: components\.a\.run: "run" must be a command/);
  });

  test('without any component', async () => {
    expect(await mistakes('shakedown.config.mjs', component('').replace(' a: ', ''))).toMatchObject([
      { message: 'there is no component in this suite', location: { line: 1 } },
    ]);
  });
});

describe('a config that cannot be read as one', () => {
  test.each([
    ['shakedown.config.ts', 'export default {\n  components: { a: ⟦;⟧ },\n};\n', /Unexpected token/],
    ['shakedown.config.mjs', 'export default {\n  components: ⟦]⟧,\n};\n', /Unexpected token/],
    ['shakedown.config.json', '{\n  "components": ⟦}⟧\n', /not JSON: /],
    ['shakedown.config.json', '{\n  "components": {},\n⟦}⟧\n', /not JSON: /],
    ['shakedown.config.json', '{\n  ⟦/⟧/ to do\n  "components": {}\n}\n', /not JSON: /],
    ['shakedown.config.json', '{\n  "memory": "true", "env": ⟦u⟧ndefined\n}\n', /not JSON: /],
    ['shakedown.config.json', "{\n  ⟦'⟧components': {}\n}\n", /not JSON: /],
  ])('%s: %j', async (name, marked, message) => {
    await expectMistakes(name, marked, [[message]]);
  });

  test('one that throws is told with the line that throws', async () => {
    await expectMistakes(
      'shakedown.config.ts',
      `import { defineSuite } from 'shakedown';

interface Settings { readonly url?: string }
const settings: Settings = {};
⟦if (settings.url === undefined) throw new Error('DATABASE_URL is not set');⟧
export default defineSuite({ components: {} });
`,
      [[/the config throws: Error: DATABASE_URL is not set/]],
    );
  });

  test('one that throws in a function is told with the innermost line of the config', async () => {
    await expectMistakes(
      'shakedown.config.mjs',
      `const port = (name) => {
  ⟦return process.env[name].trim();⟧
};
export default { components: { a: { kind: 'command', run: port('NO_SUCH_VARIABLE') } } };
`,
      [[/the config throws: TypeError: Cannot read properties of undefined/]],
    );
  });

  test('one that calls what the library does not have', async () => {
    const suiteOf = (call: string): string =>
      `import { defineSuite, ${call.slice(1, call.indexOf('⟧'))} } from 'shakedown';\n
export default defineSuite({ components: { a: ${call}('./a') } });\n`;
    await expectMistakes('shakedown.config.ts', suiteOf('⟦comand⟧'), [
      [/^"shakedown" does not export `comand`$/, /did you mean `command`\?/],
    ]);
    await expectMistakes('shakedown.config.mjs', suiteOf('⟦database⟧'), [
      [
        /^"shakedown" does not export `database`$/,
        /it exports command, compose, container, defineSuite, .*, runLoad, service, startService, task, threads, types$/,
      ],
    ]);
  });

  test.each([
    [
      `⟦command⟧('./a', { timeout: '5s' })`,
      /^command\(\) takes one argument, not 2$/,
      /command\(\{ run: ".\/a", timeout: … \}\)/,
    ],
    [
      `⟦command⟧('npm', 'test')`,
      /^command\(\) takes one argument/,
      /is a list: command\(\['npm', 'test'\]\)/,
    ],
    [
      `⟦http⟧({ server: './s', client: './c' }, { timeout: '5s' })`,
      /^http\(\) takes one argument/,
      /http\(\{ … \}\)/,
    ],
    [`⟦http⟧('./server')`, /^http\(\) takes an object of options, not ".\/server"$/, /write http\(\{ … \}\)/],
    [`⟦threads⟧('./a.js', {})`, /^threads\(\) takes one argument/],
    [`⟦init⟧('./a.js')`, /^init\(\) takes an object of options/],
    [`⟦types⟧(['./a.ts'])`, /^types\(\) takes an object of options, not \["/],
    [`http({ server: './s', client: ⟦load⟧('http://127.0.0.1') })`, /^load\(\) takes an object of options/],
    [`⟦command⟧(7)`, /^command\(\) takes an object of options, not 7/],
  ] as const)(
    'one that calls a builder in no way that it takes: %s',
    async (call, message, hint?: RegExp) => {
      const source = `import { command, defineSuite, http, init, load, threads, types } from 'shakedown';
export default defineSuite({
  components: { a: ${call} },
});
`;
      await expectMistakes('shakedown.config.mjs', source, [[message, hint]]);
      await expectMistakes('shakedown.config.ts', source, [[message, hint]]);
    },
  );

  test('and not one that makes components of a list', async () => {
    const source = `import { command, defineSuite } from 'shakedown';
const [a, b] = ['true', 'false'].map(command);
export default defineSuite({ components: { a, b } });
`;
    expect((await suiteOf('shakedown.config.mjs', source)).components).toHaveLength(2);
  });

  test('one that throws in its first line', async () => {
    await expectMistakes('shakedown.config.ts', "⟦throw new Error('boom');⟧\n", [
      [/the config throws: Error: boom/],
    ]);
  });

  test('one that throws no error', async () => {
    expect(await mistakes('shakedown.config.mjs', "throw 'a text';\nexport default {};\n")).toMatchObject([
      { message: expect.stringContaining('throws: a text') },
    ]);
  });

  test('one that imports what is not there', async () => {
    const [mistake] = await mistakes(
      'shakedown.config.ts',
      "import { port } from './settings.ts';\nexport default { components: { a: port } };\n",
    );
    expect(mistake?.message).toMatch(/Cannot find module .*settings\.ts/);
  });

  test.each([
    ['nothing', 'export const suite = {};\n', /has no default export/],
    ['a list', 'export default [];\n', /must export a suite, not \[\]/],
    ['null', 'export default null;\n', /must export a suite, not null/],
    ['a function', 'export default () => ({});\n', /must export a suite, not a function/],
    ['a text', "export default 'thread';\n", /must export a suite, not "thread"/],
  ])('one that exports %s', async (_, content, message) => {
    const found = await mistakes('shakedown.config.mjs', content);
    expect(found).toHaveLength(1);
    expect(found[0]?.message).toMatch(message);
    expect(found[0]?.hint).toContain('export default defineSuite({ components: { … } })');
  });

  test('one that is not UTF-8 is told with the line', async () => {
    const bytes = Buffer.concat([
      Buffer.from('export default {\n  // gr'),
      Buffer.from([0xfc]),
      Buffer.from('n\n};\n'),
    ]);
    expect(await mistakes('shakedown.config.mjs', bytes)).toEqual([
      { message: 'the config shakedown.config.mjs is not UTF-8: see line 2', hint: 'save it as UTF-8' },
    ]);
  });

  test('one that is not there, is a folder, or has no ending that is known', async () => {
    const told = async (name: string): Promise<string | undefined> => {
      const loaded = await load(name);
      return loaded.ok ? undefined : loaded.error[0]?.message;
    };
    mkdirSync(join(dir, 'folder.ts'));
    write('config.yaml', 'components: {}\n');
    expect(await told('nope.ts')).toBe('the config nope.ts does not exist');
    expect(await told('folder.ts')).toBe('the config folder.ts is a folder');
    expect(await told('config.yaml')).toMatch(/config\.yaml cannot be a config: its name must end in \.ts/);
  });
});

describe('a config without mistakes', () => {
  const TYPESCRIPT = `import { command, defineSuite, http, load, types } from 'shakedown';

export default defineSuite({
  memory: 'debug',
  env: { MODE: 'trial' },
  setup: [
    'npm ci',
    { run: ['make', 'all'], inputs: ['Makefile'], outputs: ['out'], timeout: '1m' },
    { run: 'createdb test', undo: 'dropdb test' },
    { run: 'x', undo: { run: ['y', 'z'], timeout: '5m' } },
  ],
  teardown: ['npm run collect', { run: ['./report'], name: 'report', env: { A: '1' }, timeout: '2m' }],
  components: {
    late: command({ run: './late', needs: ['http'] }),
    thread: command('./thread'),
    http: http({
      server: { run: 'node server.js', port: 8001, ready: { http: '/health', status: 204 }, needs: ['db'] },
      services: { db: { run: ['./db'], ready: { any: [{ log: /up/i }, { file: './db.sock' }] }, daemon: true } },
      client: load({ connections: 64, duration: '5s', expect: { status: [200, 204], body: 'ok' } }),
    }),
    typestubs: types({ sample: './typestubs.ts', onlyWhenNamed: true, retries: 2 }),
  },
});
`;
  const JSON_FORM = JSON.stringify({
    memory: 'debug',
    env: { MODE: 'trial' },
    setup: [
      'npm ci',
      { run: ['make', 'all'], inputs: ['Makefile'], outputs: ['out'], timeout: '1m' },
      { run: 'createdb test', undo: 'dropdb test' },
      { run: 'x', undo: { run: ['y', 'z'], timeout: '5m' } },
    ],
    teardown: ['npm run collect', { run: ['./report'], name: 'report', env: { A: '1' }, timeout: '2m' }],
    components: {
      late: { kind: 'command', run: './late', needs: ['http'] },
      thread: { kind: 'command', run: './thread' },
      http: {
        kind: 'http',
        server: {
          run: 'node server.js',
          port: 8001,
          ready: { http: '/health', status: 204 },
          needs: ['db'],
        },
        services: {
          db: {
            run: ['./db'],
            ready: { any: [{ log: { regex: 'up', flags: 'i' } }, { file: './db.sock' }] },
            daemon: true,
          },
        },
        client: {
          kind: 'load',
          connections: 64,
          duration: '5s',
          expect: { status: [200, 204], body: 'ok' },
        },
      },
      typestubs: { kind: 'types', sample: './typestubs.ts', onlyWhenNamed: true, retries: 2 },
    },
  });
  const passing = { exitCodes: [0], output: [], forbid: [], allow: [] };

  test.each([
    ['shakedown.config.ts', TYPESCRIPT],
    ['shakedown.config.mts', TYPESCRIPT],
    ['shakedown.config.json', JSON_FORM],
  ])('%s means what it says, with defaults for the rest', async (name, content) => {
    write('typestubs.ts', '');
    const suite = await suiteOf(name, content);
    const base = {
      env: {},
      cwd: dir,
      timeout: 600_000,
      slow: 60_000,
      retries: 0,
      flaky: 'warn',
      needs: [],
      uses: [],
      onlyWhenNamed: false,
      leave: [],
      before: [],
      after: [],
      prove: { modules: [], demand: [], ignore: {} },
    };
    expect(suite).toEqual({
      name,
      root: dir,
      source: { type: 'config', file: join(dir, name) },
      memory: 'debug',
      env: { MODE: 'trial' },
      path: expect.any(Array),
      shared: [],
      setup: [
        {
          name: 'npm ci',
          command: { type: 'shell', line: 'npm ci' },
          cwd: dir,
          env: {},
          inputs: [],
          outputs: [],
          timeout: 1_800_000,
          undo: null,
        },
        {
          name: 'make all',
          command: { type: 'argv', argv: ['make', 'all'] },
          cwd: dir,
          env: {},
          inputs: ['Makefile'],
          outputs: ['out'],
          timeout: 60_000,
          undo: null,
        },
        {
          name: 'createdb test',
          command: { type: 'shell', line: 'createdb test' },
          ...{ cwd: dir, env: {}, inputs: [], outputs: [], timeout: 1_800_000 },
          undo: { command: { type: 'shell', line: 'dropdb test' }, timeout: 60_000 },
        },
        {
          name: 'x',
          command: { type: 'shell', line: 'x' },
          ...{ cwd: dir, env: {}, inputs: [], outputs: [], timeout: 1_800_000 },
          undo: { command: { type: 'argv', argv: ['y', 'z'] }, timeout: 300_000 },
        },
      ],
      teardown: [
        {
          name: 'npm run collect',
          command: { type: 'shell', line: 'npm run collect' },
          ...{ cwd: dir, env: {}, timeout: 60_000 },
        },
        {
          name: 'report',
          command: { type: 'argv', argv: ['./report'] },
          ...{ cwd: dir, env: { A: '1' }, timeout: 120_000 },
        },
      ],
      components: [
        {
          ...base,
          name: 'http',
          kind: 'http',
          services: [
            {
              name: 'db',
              command: { type: 'argv', argv: ['./db'] },
              port: null,
              stdin: 'ended',
              daemon: true,
              foreground: null,
              ready: {
                type: 'any',
                probes: [
                  { type: 'log', pattern: { type: 'regex', source: 'up', flags: 'i' } },
                  { type: 'file', path: './db.sock' },
                ],
              },
              readyTimeout: 30_000,
              stop: { signal: 'SIGTERM', command: null, to: null },
              grace: 5000,
              env: {},
              cwd: dir,
              needs: [],
              expect: passing,
              via: [],
            },
            {
              name: 'server',
              command: { type: 'shell', line: 'node server.js' },
              port: 8001,
              stdin: 'ended',
              daemon: false,
              foreground: null,
              ready: { type: 'http', path: '/health', status: { from: 204, to: 204 }, timeout: 1000 },
              readyTimeout: 30_000,
              stop: { signal: 'SIGTERM', command: null, to: null },
              grace: 5000,
              env: {},
              cwd: dir,
              needs: ['db'],
              expect: passing,
              via: [],
            },
          ],
          target: 'server',
          via: [],
          client: {
            type: 'load',
            load: expect.objectContaining({
              model: { type: 'closed', connections: 64, stages: [] },
              limit: { type: 'duration', duration: 5000 },
              timeouts: { connect: 5000, response: 10_000 },
              requests: [
                {
                  name: 'GET /',
                  weight: 1,
                  method: 'GET',
                  path: '/',
                  headers: [],
                  body: null,
                  checks: [
                    { type: 'status', ranges: [{ from: 200, to: 204 }] },
                    { type: 'body', match: { type: 'contains', text: 'ok' } },
                  ],
                },
              ],
            }),
          },
        },
        {
          ...base,
          name: 'late',
          kind: 'command',
          command: { type: 'shell', line: './late' },
          watched: null,
          expect: passing,
          needs: ['http'],
        },
        {
          ...base,
          name: 'thread',
          kind: 'command',
          command: { type: 'shell', line: './thread' },
          watched: null,
          expect: passing,
        },
        {
          ...base,
          name: 'typestubs',
          kind: 'types',
          sample: join(dir, 'typestubs.ts'),
          language: 'typescript',
          package: null,
          module: null,
          completeness: null,
          overlay: null,
          negative: [],
          expect: passing,
          onlyWhenNamed: true,
          retries: 2,
        },
      ],
      absent: [],
      unusable: [],
    });
  });

  test('may import its own modules, and may change between two looks', async () => {
    const content =
      "import { run } from './settings.ts';\nexport default { components: { a: { kind: 'command', run } } };\n";
    write('settings.ts', "export const run: string = './one';\n");
    expect((await suiteOf('shakedown.config.ts', content)).components[0]).toMatchObject({
      command: { line: './one' },
    });
    write('settings.ts', "export const run: string = './two';\n");
    expect((await suiteOf('shakedown.config.ts', content)).components[0]).toMatchObject({
      command: { line: './two' },
    });
  });

  test('may begin with a byte order mark', async () => {
    const suite = await suiteOf(
      'shakedown.config.json',
      `\ufeff${JSON_FORM.replace('./typestubs.ts', './t.ts')}`,
    ).catch((error: Error) => error.message);
    expect(suite).toMatch(/the sample \.\/t\.ts does not exist/);
  });
});

describe('an option that is not there', () => {
  test('is told with the others of its object, each with what was meant', async () => {
    await expectMistakes(
      'shakedown.config.mjs',
      `export default { ⟦memroy⟧: 'off', ⟦envv⟧: {}, components: {
  a: { kind: 'http', server: { run: 'x', port: 1, ⟦probe⟧: { port: true }, ⟦readyTimout⟧: '1s', grace: ⟦5⟧ },
    client: { kind: 'load', requests: 1, mix: [{ path: '/', ⟦wieght⟧: 1, ⟦metod⟧: 'GET' }] } },
} };
`,
      [
        [/there is no option "memroy" here/, /did you mean "memory"\?/],
        [/there is no option "envv" here/, /did you mean "env"\?/],
        [/there is no option "probe" here/],
        [/there is no option "readyTimout" here/, /did you mean "readyTimeout"\?/],
        [/"grace" must be a duration/],
        [/there is no option "wieght" here/, /did you mean "weight"\?/],
        [/there is no option "metod" here/, /did you mean "method"\?/],
      ],
    );
  });

  test('but elsewhere, is told where', async () => {
    await expectMistakes(
      'shakedown.config.mjs',
      `import { command, defineSuite, http, load } from 'shakedown';
export default defineSuite({ ⟦retries⟧: 1, ⟦grace⟧: '1s', components: {
  a: http({ server: { run: 'x', port: 1, ⟦readyTimeOut⟧: '1s', ⟦method⟧: 'GET' }, client: load({ requests: 1 }), ⟦strict⟧: true }),
  b: command({ run: 'x', ⟦stop⟧: 'SIGINT', ⟦secrets⟧: ['X'], ⟦exitCode⟧: 1 }),
} });
`,
      [
        [/there is no option "retries" here/],
        [
          /there is no option "grace" here/,
          /^"grace" belongs in stop: { … }, or in service\({ … }\), or in server: { … }$/,
        ],
        [/there is no option "readyTimeOut" here/, /did you mean "readyTimeout"\?/],
        [
          /there is no option "method" here/,
          /^"method" belongs in load\({ … }\), or in a request of `mix`, or in a step of `steps`, or in ready: { http: … }$/,
        ],
        [/there is no option "strict" here/, /^"strict" belongs in load\({ … }\)$/],
        [/there is no option "stop" here/, /^"stop" belongs in service\({ … }\), or in server: { … }$/],
        [/there is no option "secrets" here/, /^"secrets" belongs in defineSuite\({ … }\)$/],
        [/there is no option "exitCode" here/, /^"exitCode" belongs in `expect` of a command$/],
      ],
    );
  });
});

test('what is wrong within a list is told by its place there', async () => {
  // Tests share the list of what is secret, and of others a run would say that nobody has it.
  onTestFinished(() => secrets.learnEnvironment({ A: '' }));
  await expectMistakes(
    'shakedown.config.mjs',
    `export default { secrets: ['A', ⟦1⟧], components: {
  a: { kind: 'command', run: 'x', leave: [⟦''⟧, 'é', ⟦' '⟧, ⟦'/'⟧], needs: [⟦3⟧] },
} };
`,
    [
      [/^"secrets\[1\]" must be a text, not 1$/],
      [/^"leave\[0\]" must not be empty$/],
      [/^"leave\[2\]" must contain a letter or a digit: /],
      [/^"leave\[3\]" must contain a letter or a digit: /],
      [/^"needs\[0\]" must be a name, not 3$/],
    ],
  );
});

describe('one mistake is told once', () => {
  test('in what several components share, by name or spread', async () => {
    await expectMistakes(
      'shakedown.config.mjs',
      `import { command, defineSuite, http, load } from 'shakedown';
const common = { run: 'x', ⟦retires⟧: 1 };
const server = { run: 'x', port: 0, ⟦raedy⟧: { http: '/' } };
const shared = { expect: { ⟦stauts⟧: 200 } };
const mix = [{ path: '/a', ...shared }, { path: '/b', ...shared }];
export default defineSuite({ components: {
  a: command(common), b: command(common), c: command({ ...common, retries: 2 }),
  d: http({ server, client: load({ mix }) }), e: http({ server, client: load({ mix }) }),
} });
`,
      [
        [/^there is no option "retires" here$/, /did you mean "retries"\?/],
        [/^there is no option "raedy" here$/, /did you mean "ready"\?/],
        [/^there is no option "stauts" here$/, /did you mean "status"\?/],
      ],
    );
  });

  test('in a step, and nothing else that would follow from it', async () => {
    await expectMistakes(
      'shakedown.config.mjs',
      `import { defineSuite, http, load } from 'shakedown';
const login = { post: '/login', capture: { token: 'json:token' } };
export default defineSuite({ components: {
  a: http({
    server: { run: 'x', port: 0 },
    client: load({
      users: 5, before: login, onStatus: { 401: login },
      steps: [
        { name: 'create', post: '/orders', ⟦expct⟧: { status: 201 }, capture: { id: 'json:id' } },
        { name: 'read', get: '/orders/{{id}}', expect: { status: ⟦true⟧ } },
        { name: 'again', get: ⟦'/orders/{{ID}}'⟧ },
      ],
    }),
    thresholds: ['p99{create} < 1s', 'errors{⟦raed⟧} == 0'],
  }),
} });
`,
      [
        [/^there is no option "expct" here$/, /did you mean "expect"\?/],
        [/^"status" must be /],
        [/^\{\{ID\}\} is neither captured nor a column$/, /did you mean \{\{id\}\}\?/],
        [/^no request is called "raed"$/, /did you mean "read"\?/],
      ],
    );
  });

  test('of two that are spread into each other the last one counts', async () => {
    await expectMistakes(
      'shakedown.config.mjs',
      `import { command, defineSuite } from 'shakedown';
const one = { run: 'x', retries: -1 };
const two = { retries: ⟦-2⟧ };
export default defineSuite({ components: { a: command({ ...one, retries: -3, ...two }) } });
`,
      [[/^"retries" must be a whole number of at least 0, not -2$/]],
    );
  });

  test('in a name that several need', async () => {
    await expectMistakes(
      'shakedown.config.mjs',
      `import { command, defineSuite } from 'shakedown';
export default defineSuite({ components: {
  setpu: command('x'),
  a: command({ run: 'x', needs: [⟦'setup'⟧, ⟦'dbs'⟧] }),
  b: command({ run: 'x', needs: ['setup'] }),
  c: command({ run: 'x', needs: ['a', 'setup'] }),
} });
`,
      [
        [/^components "a", "b" and "c" need "setup", which does not exist$/, /did you mean "setpu"\?/],
        [/^component "a" needs "dbs", which does not exist$/],
      ],
    );
  });
});

test('where the source does not show an option, its path is told as one would write it', async () => {
  const found = await mistakes(
    'shakedown.config.mjs',
    `import { command, defineSuite } from 'shakedown';
const make = (needs) => command({ run: 'x', needs });
export default defineSuite({ components: { thread: command('x'), load: make(['thred']), 'a-b': make(['nothing']) } });
`,
  );
  expect(found.map(({ message }) => message)).toEqual([
    'components.load.needs[0]: component "load" needs "thred", which does not exist',
    'components["a-b"].needs[0]: component "a-b" needs "nothing", which does not exist',
  ]);
});

test('a regular expression among the values of JSON is told where it can be written', async () => {
  await expectMistakes(
    'shakedown.config.mjs',
    `import { defineSuite, http, load } from 'shakedown';
export default defineSuite({ components: {
  a: http({ server: { run: 'x', port: 0 }, client: load({ expect: { json: { 'a.b': ⟦/x/⟧, c: ⟦[{ d: /y/ }]⟧ } } }) }),
} });
`,
    [
      [/^"a\.b" must be a value, not a regular expression: one can be held against .* by `body`$/],
      [/^"c" must be a value, not a regular expression: /],
    ],
  );
});

test.for([
  { server: ['x'], client: './c' },
  { server: { run: './s', ready: [['x']] }, client: './c' },
  { server: { run: './s', stop: ['x', 'y'] }, client: './c' },
])('a list where options are expected is told, and comes to an end: %j', async (component) => {
  const config = { components: { http: { kind: 'http', ...component } } };
  expect(await mistakes('shakedown.config.json', JSON.stringify(config))).not.toEqual([]);
});

test('a fault that must be noticed and need not be is told where it is demanded', async () => {
  await expectMistakes(
    'shakedown.config.json',
    `{
  "components": {
    "same": {
      "kind": "command", "run": "true",
      "prove": { "demand": ["raises", ⟦"slow"⟧], "ignore": { "slow": "it has no limit" } }
    },
    "all": {
      "kind": "command", "run": "true",
      "prove": { "demand": [⟦"loads  slow"⟧], "ignore": { "slow": "it has no limit" } }
    },
    "all-but-one": {
      "kind": "command", "run": "true",
      "prove": { "demand": ["slow"], "ignore": { "loads slow": "it has no limit" } }
    }
  }
}
`,
    [
      [
        /the fault "slow" must be noticed, and `ignore` says that it need not be/,
        /remove it from `demand`, or "slow" from `ignore`/,
      ],
      [/the fault "loads slow" must be noticed, and `ignore` says that "slow" need not be/],
    ],
  );
});
