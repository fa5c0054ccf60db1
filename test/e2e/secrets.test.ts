/** Canaries in every place where a secret may stand, and none of them in anything that Shakedown writes. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLI } from '../rig/rig.ts';
import { inTurn } from '../rig/thorough.ts';

/** Each secret by the place where it stands. Every one is unlike the others from its first letter on. */
const CANARIES = {
  inherited: 'q1-inherited-canary',
  named: 'w2-named-canary',
  suite: 'e3-suite-canary',
  component: 'r4-component-canary',
  service: 't5-service-canary',
  setup: 'y6-setup-canary',
  exported: 'u7-exported-canary',
  header: 'i8-header-canary',
  cookie: 'o9-cookie-canary',
  basic: 'p0-basic-canary',
  url: 'a1-url-canary',
  argument: 's2-argument-canary',
  line: 'd3-line-canary',
  quoted: 'f4 "quoted" canary',
} as const;
/** What only a component knows, and prints where only secrets stand. Nobody was told of them. */
const PRINTED = {
  bearer: 'z1-printed-bearer',
  basic: 'eDI6cHJpbnRlZC1iYXNpYw==',
  sid: 'c3-printed-sid',
  quotedSid: 'v4 printed sid',
  apiKey: 'b5-printed-key',
  assigned: 'n6-printed-token',
  quoted: 'm7 printed, password; &c',
  option: 'k8-printed-option',
  url: 'j9-printed@url',
  query: 'l0-printed-query',
  named: 'W1-printed-named',
  split: 'T2-printed-split',
  last: 'R3-printed-last',
} as const;
const LINES = { key: 'g5-first-line-canary\nh6-second-line-canary' };

const env = {
  ...process.env,
  CI_TOKEN: CANARIES.inherited,
  DOOR: CANARIES.named,
  QUOTED_SECRET: CANARIES.quoted,
  PRIVATE_KEY: LINES.key,
  DATABASE_URL: `postgres://me:${CANARIES.url}@localhost/db`,
  SHORT_TOKEN: 'no',
  GITHUB_ACTIONS: '',
};

/** Prints all that it has, one of them in two writes, one in JSON, one at the end of a long line. */
const TELL = `
const { CI_TOKEN, DOOR, SUITE_TOKEN, OWN_PASSWORD, API_KEY, QUOTED_SECRET, PRIVATE_KEY, DATABASE_URL } = process.env;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
console.log(CI_TOKEN, DOOR, SUITE_TOKEN, OWN_PASSWORD, API_KEY, DATABASE_URL, process.argv.slice(2).join(' '));
console.log(JSON.stringify({ QUOTED_SECRET, PRIVATE_KEY }), encodeURIComponent(QUOTED_SECRET));
console.log(PRIVATE_KEY);
process.stdout.write('in two parts: ' + CI_TOKEN.slice(0, 7));
await wait(300);
console.log(CI_TOKEN.slice(7) + ' no more');
console.log('x'.repeat(290) + CI_TOKEN);
console.log('y'.repeat(17000) + CI_TOKEN + 'z'.repeat(16384 - 10) + '\\nWARN ' + DOOR);
console.error(new Error('failed with ' + SUITE_TOKEN).stack);
process.exit(1);
`;

const PRINT = `
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
console.log('> Authorization: Bearer ${PRINTED.bearer}');
console.log({ authorization: 'Basic ${PRINTED.basic}', 'x-api-key': '${PRINTED.apiKey}' });
console.log('Cookie: theme=dark; sid=${PRINTED.sid}; other="${PRINTED.quotedSid}"');
console.log('env MY_TOKEN=${PRINTED.assigned} DOOR=${PRINTED.named}');
console.log(JSON.stringify({ line: JSON.stringify({ dbPassword: '${PRINTED.quoted}' }), dbPassword: '${PRINTED.quoted}' }));
console.log('running: tool --password ${PRINTED.option} --verbose; redis://me:${PRINTED.url}@localhost/1');
console.log('url=http://localhost/?access_token=${PRINTED.query}&a=b');
console.log('sent ${PRINTED.assigned} once more');
process.stdout.write('API_TO');
await wait(100);
process.stdout.write('KEN=T2-pri');
await wait(100);
console.log('nted-split WARN');
process.stdout.write(Buffer.from([0xff, 0xc3, 0x0a]));
process.stdout.write('WARN API_TOKEN=${PRINTED.last}');
`;

const SERVER = `
import { createServer } from 'node:http';
console.log('serving with', process.env.SERVICE_TOKEN);
createServer((request, response) => {
  console.log(request.url, JSON.stringify(request.headers));
  response.statusCode = request.url === '/' ? 200 : 401;
  response.setHeader('set-cookie', 'sid=own-cookie-of-the-server');
  response.end('you said ' + request.headers.authorization + ' and ' + request.headers.cookie);
}).listen(process.env.PORT, '127.0.0.1');
`;

const CONFIG = `
const { CI_TOKEN } = process.env;
export default {
  env: { SUITE_TOKEN: ${JSON.stringify(CANARIES.suite)} },
  secrets: ['DOOR'],
  setup: [{
    name: 'log in with ${CANARIES.setup}',
    run: 'T=$(printf %s u7-exp orted-can ary); echo "$T"; echo "API_KEY=$T" >> "$SHAKEDOWN_ENV"',
    inputs: ['shakedown.config.mjs'],
    env: { SETUP_TOKEN: ${JSON.stringify(CANARIES.setup)} },
  }],
  components: {
    tell: { kind: 'command', run: ['node', 'tell.mjs', '--password', ${JSON.stringify(CANARIES.argument)}],
      env: { OWN_PASSWORD: ${JSON.stringify(CANARIES.component)} }, expect: { exitCode: [0] } },
    print: { kind: 'command', run: ['node', 'print.mjs'], expect: { forbid: ['WARN', 'Cookie', 'DOOR', 'running', 'line', 'url='] } },
    match: { kind: 'command', run: 'API_TOKEN=${CANARIES.line} sh -c "echo WARN $DOOR ${CANARIES.line}; sleep 30 & exit 0"',
      expect: { forbid: ['WARN', ${JSON.stringify(CANARIES.suite)}], output: [${JSON.stringify(CANARIES.component)}] } },
    slow: { kind: 'command', run: ['node', '-e', 'console.log(process.env.CI_TOKEN); setInterval(() => {}, 1000)', '--', ${JSON.stringify(`--token=${CANARIES.argument}`)}],
      timeout: '2s' },
    asked: { kind: 'http', server: { run: ['node', 'server.mjs'], port: 0, ready: { http: '/' }, env: { SERVICE_TOKEN: ${JSON.stringify(CANARIES.service)} } },
      client: { kind: 'load', path: '/private', requests: 3,
        headers: { Authorization: 'Bearer ' + CI_TOKEN, 'X-Api-Key': ${JSON.stringify(CANARIES.header)}, Cookie: 'a=b; sid=${CANARIES.cookie}' } } },
    basic: { kind: 'http', server: { run: ['node', 'server.mjs'], port: 0, ready: { http: '/' } },
      client: { kind: 'load', path: '/private', requests: 3, user: 'me:${CANARIES.basic}' } },
  },
};
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shakedown-secrets-'));
  writeFileSync(join(folder, 'tell.mjs'), TELL);
  writeFileSync(join(folder, 'print.mjs'), PRINT);
  writeFileSync(join(folder, 'server.mjs'), SERVER);
  writeFileSync(join(folder, 'shakedown.config.mjs'), CONFIG);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function shakedown(args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [CLI, ...args], { cwd: folder, env: { ...env, ...more } });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (chunk: Buffer) => {
        said[name] += chunk.toString();
      });
    child.once('close', (code) => resolve({ code, ...said }));
  });
}

/** Every form of every canary that is found, and where. */
function found(where: string, text: string): string[] {
  const values = [...Object.values(CANARIES), ...Object.values(PRINTED), ...LINES.key.split('\n')];
  return values.flatMap((value) =>
    [
      value,
      value.slice(0, 8),
      value.slice(-12),
      encodeURIComponent(value),
      Buffer.from(`me:${value}`).toString('base64'),
    ]
      .filter((form) => text.includes(form))
      .map((form) => `${where}: ${form}`),
  );
}

const filesIn = (path: string): string[] =>
  readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);

describe('no secret leaves the machine', () => {
  test('by a run: not by the terminal, a report, a log, the journal, nor the cache', async () => {
    const formats = ['ndjson', 'json', 'junit', 'html', 'gitlab'];
    const reports = formats.map((format) => `--report=${format}=${join(folder, `out.${format}`)}`);
    const { code, stdout, stderr } = await shakedown(['--keep-going', '--report=github', ...reports], {
      GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
    });
    expect(stdout).toContain('::error ');
    expect(stdout + stderr).toMatch(/0 passed, 6 failed/);
    expect(stdout).toContain('slow did not finish within 2.00 s and was stopped');
    expect(code).toBe(1);
    const written = [
      ...formats.map((format) => join(folder, `out.${format}`)),
      join(folder, 'summary.md'),
      ...filesIn(join(folder, '.shakedown')),
    ];
    const texts = [
      ['terminal', stdout + stderr],
      ...written.map((file) => [file, readFileSync(file, 'utf8')]),
    ];
    expect(texts.flatMap(([where = '', text = '']) => found(where, text))).toEqual([]);
    // They were all there to be found.
    const log = readFileSync(join(folder, '.shakedown/latest/logs/tell.log'), 'utf8');
    expect(log).toContain('••• ••• ••• ••• ••• postgres://me:•••@localhost/db --password •••');
    expect(log).toContain('in two parts: ••• no more');
    expect(log).toContain('{"QUOTED_SECRET":"•••"');
    expect(readFileSync(join(folder, '.shakedown/latest/logs/setup-1.log'), 'utf8')).toContain('•••');
    expect(readFileSync(join(folder, '.shakedown/latest/logs/asked.log'), 'utf8')).toContain(
      '"x-api-key":"•••"',
    );
    const printed = readFileSync(join(folder, '.shakedown/latest/logs/print.log'));
    expect(printed.toString()).toContain('> Authorization: Bearer •••\n');
    expect(printed.toString()).toContain('sent ••• once more');
    expect(printed.toString()).toContain('API_TOKEN=••• WARN\n');
    expect(printed.includes(Buffer.from([0x0a, 0xff, 0xc3, 0x0a]))).toBe(true);
    expect(printed.toString()).toMatch(/WARN API_TOKEN=•••$/);
    expect(stdout).toContain('print printed');
    expect(stdout).toContain('match printed');
    expect(readdirSync(join(folder, '.shakedown/latest')).filter((name) => name.endsWith('.env'))).toEqual(
      [],
    );
  });

  const verbs = [['plan'], ['plan', '--json'], ['list'], ['list', '--json'], ['tel'], ['sweep']];
  test.each(inTurn(verbs, 3))('by %s %s', async (...args) => {
    const { stdout, stderr } = await shakedown(args);
    expect(stdout + stderr).not.toBe('');
    expect(found(args.join(' '), stdout + stderr)).toEqual([]);
  });

  test('by a complaint about the config that holds it', async () => {
    const file = join(folder, 'wrong.config.json');
    const wrong = {
      env: { CI_TOKEN: CANARIES.suite },
      components: { a: { kind: CANARIES.suite, run: 'true' } },
    };
    writeFileSync(file, JSON.stringify(wrong));
    const { code, stderr } = await shakedown(['--config', file]);
    expect(code).toBe(2);
    expect(found('complaint', stderr)).toEqual([]);
  });

  test('but on GitHub Actions its runner is told what to mask', async () => {
    const { stderr } = await shakedown(['plan'], { GITHUB_ACTIONS: 'true' });
    const told = stderr.split('\n').filter((line) => line.startsWith('::add-mask::'));
    for (const value of [CANARIES.inherited, CANARIES.named, CANARIES.suite, CANARIES.component])
      expect(told).toContain(`::add-mask::${value}`);
    expect(told).toContain(`::add-mask::${LINES.key.replace('\n', '%0A')}`);
    expect(told.some((line) => line.endsWith('::no'))).toBe(false);
  });
});

describe('a load', () => {
  const heard: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    heard.push(request.headers.authorization);
    response.statusCode = 401;
    response.end(`no: ${request.headers.authorization}`);
  });
  let url: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    writeFileSync(join(folder, 'token'), `${CANARIES.header}\n`);
    writeFileSync(join(folder, 'user'), `me:${CANARIES.basic}`);
  });
  afterAll(() => server.close());
  const basic = `Basic ${Buffer.from(`me:${CANARIES.basic}`).toString('base64')}`;

  const ways: [string, string[]][] = [
    [`Bearer ${CANARIES.header}`, ['--bearer', CANARIES.header]],
    [`Bearer ${CANARIES.header}`, ['--bearer-file', 'token']],
    [`Bearer ${CANARIES.inherited}`, ['--bearer-env', 'CI_TOKEN']],
    [`Bearer ${CANARIES.header}`, ['-H', `Authorization: Bearer ${CANARIES.header}`]],
    [basic, ['--user', `me:${CANARIES.basic}`]],
    [basic, ['--user-file', 'user']],
    [basic, ['--user-env', 'LOGIN']],
  ];
  test.each(inTurn(ways, 5))('sends %s by %j, and does not tell', async (authorization, args) => {
    const { code, stdout, stderr } = await shakedown(['load', url, '-n', '1', '--json', ...args], {
      LOGIN: `me:${CANARIES.basic}`,
    });
    expect(code).toBe(1);
    expect(heard.at(-1)).toBe(authorization);
    expect(stderr).toMatch(/Authorization: \w+ •••/);
    expect(found('load', stdout + stderr)).toEqual([]);
  });

  test('has a password in its URL, and does not tell', async () => {
    const withPassword = url.replace('//', `//me:${CANARIES.basic}@`);
    const { stdout, stderr } = await shakedown(['load', withPassword, '-n', '1', '--json']);
    expect(heard.at(-1)).toBe(basic);
    expect(found('load', stdout + stderr)).toEqual([]);
  });

  const mistaken: [string[], RegExp][] = [
    [['--bearer-file', 'nothing'], /--bearer-file: nothing cannot be read/],
    [['--user-env', 'NOTHING'], /--user-env: there is no environment variable NOTHING/],
    [
      ['--bearer-file', 'token', '--bearer', 'x'],
      /--bearer, --bearer-file and --bearer-env contradict each other/,
    ],
    [['--user-file', 'tell.mjs'], /--user-file: tell.mjs has more than one line/],
  ];
  test.each(inTurn(mistaken, 3))('refuses %j', async (args, message) => {
    const { code, stderr } = await shakedown(['load', url, '-n', '1', ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
