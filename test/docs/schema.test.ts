import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configSchema, DURATION_PATTERN } from '../../scripts/json-schema.ts';
import { parseOptionTexts, readOptionTexts } from '../../scripts/option-texts.ts';
import { configReference } from '../../scripts/reference.ts';
import { COMPOSE_DEFAULTS } from '../../src/config/compose.ts';
import { BUILD_DEFAULTS, CONTAINER_DEFAULTS } from '../../src/config/container.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { SETUP_DEFAULTS, TEARDOWN_DEFAULTS, UNDO_DEFAULTS } from '../../src/config/setup.ts';
import { validate } from '../../src/config/validate.ts';
import { parseDuration } from '../../src/core/units.ts';
import { COMMON_DEFAULTS } from '../../src/kinds/common/defaults.ts';
import {
  READY_EXEC_DEFAULTS,
  READY_GRPC_DEFAULTS,
  READY_HTTP_DEFAULTS,
  SERVICE_DEFAULTS,
} from '../../src/kinds/common/service-defaults.ts';
import { DRAIN_DEFAULTS } from '../../src/kinds/http/options.ts';
import { CONFIG_KINDS, loadWords } from '../../src/kinds/index.ts';
import { INIT_DEFAULTS } from '../../src/kinds/init/options.ts';
import { THREADS_DEFAULTS } from '../../src/kinds/threads/options.ts';
import { LOAD_DEFAULTS, plainWords, type Word } from '../../src/load/options/words.ts';
import { selfSigned } from '../rig/certificates.ts';
import fc from '../rig/fast-check.ts';
import { shareOf } from '../rig/thorough.ts';

const words = await loadWords();
const ROOT = resolve(import.meta.dirname, '../..');
const texts = readOptionTexts();
const shipped = JSON.parse(readFileSync(join(ROOT, 'schema.json'), 'utf8')) as object;
const accepts = new Ajv2020({ strictTuples: false, strict: true, allErrors: true }).compile(shipped);

/** What holds of a word of a load: a switch is off unless it says otherwise. */
const defaultOf = ({ form, default: value }: Word): (string | number | boolean)[] =>
  value !== undefined ? [value] : form === 'switch' ? [false] : [];

/** What each type's options are where nothing is said. */
const DEFAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  SetupOptions: SETUP_DEFAULTS,
  UndoOptions: UNDO_DEFAULTS,
  TeardownOptions: TEARDOWN_DEFAULTS,
  CommonOptions: COMMON_DEFAULTS,
  ServiceOptions: SERVICE_DEFAULTS,
  ContainerOptions: {
    ...{ readyTimeout: SERVICE_DEFAULTS.readyTimeout, grace: SERVICE_DEFAULTS.grace },
    ...{ ...CONTAINER_DEFAULTS, fresh: false },
  },
  ComposeOptions: {
    ...{ readyTimeout: SERVICE_DEFAULTS.readyTimeout, grace: SERVICE_DEFAULTS.grace },
    ...{ pullTimeout: COMPOSE_DEFAULTS.pullTimeout, fresh: false },
  },
  BuildOptions: { timeout: BUILD_DEFAULTS.timeout },
  ReadyRequestOptions: { ...READY_HTTP_DEFAULTS, status: READY_HTTP_DEFAULTS.status.join(' to ') },
  ReadyExecOptions: READY_EXEC_DEFAULTS,
  ReadyGrpcOptions: READY_GRPC_DEFAULTS,
  ThreadsOptions: { ...THREADS_DEFAULTS, iterations: '10000 calls' },
  InitOptions: INIT_DEFAULTS,
  DrainOptions: DRAIN_DEFAULTS,
  LoadOptions: {
    ...Object.fromEntries(
      plainWords().flatMap(([name, word]) => defaultOf(word).map((value) => [name, value])),
    ),
    ...{ path: `\`${LOAD_DEFAULTS.path}\``, https: false },
  },
  LoadRequestOptions: { weight: LOAD_DEFAULTS.weight },
  LoadExpectOptions: { status: LOAD_DEFAULTS.status.join(' to ') },
};

describe('what is generated is up to date; if not: npm run schema', () => {
  test('schema.json', () => {
    expect(`${JSON.stringify(configSchema(texts), null, 2)}\n`).toBe(
      readFileSync(join(ROOT, 'schema.json'), 'utf8'),
    );
  });

  test('docs/config.md', () => {
    const template = readFileSync(join(ROOT, 'docs/config.template.md'), 'utf8');
    expect(configReference(texts, template)).toBe(readFileSync(join(ROOT, 'docs/config.md'), 'utf8'));
  });
});

describe('the texts', () => {
  test('come from the comments of the types, inherited ones included', () => {
    const source = [
      '/** A file. */',
      '',
      '/** What all have. */',
      'export interface Common {',
      '  /**',
      '   * The folder,',
      '   * relative. Default: here.',
      '   */',
      '  readonly cwd?: string;',
      '}',
      '/** One of them. */',
      'export interface One extends Common {',
      '  /** Its names. */',
      '  readonly names: readonly string[];',
      '}',
      '/** This or that. */',
      'export type Either = | One | Readonly<Record<string, One>>;',
    ].join('\n');
    expect([...parseOptionTexts(source).values()]).toEqual([
      {
        name: 'Common',
        description: 'What all have.',
        parents: [],
        options: [
          {
            name: 'cwd',
            type: 'string',
            required: false,
            description: 'The folder, relative. Default: here.',
          },
        ],
        meaning: undefined,
      },
      {
        name: 'One',
        description: 'One of them.',
        parents: ['Common'],
        options: [{ name: 'names', type: 'string[]', required: true, description: 'Its names.' }],
        meaning: undefined,
      },
      {
        name: 'Either',
        description: 'This or that.',
        parents: [],
        options: [],
        meaning: 'One | Record<string, One>',
      },
    ]);
  });

  test('an option without one is refused', () => {
    const source = '/** A. */\nexport interface A {\n  readonly bare: string;\n}';
    expect(() => parseOptionTexts(source)).toThrow('A.bare has no doc comment');
  });

  test.each(Object.entries(DEFAULTS))('of %s tell the defaults that hold', (type, defaults) => {
    const options = texts.get(type)?.options ?? [];
    const told = options.flatMap(({ name, description }) => {
      const [, value] = /Default: ([^.,]+)/.exec(description) ?? [];
      return value === undefined || !(name in defaults || /^(?:\d+\w*|true|false)$/.test(value))
        ? []
        : [[name, value]];
    });
    expect(Object.fromEntries(told)).toEqual(
      Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, String(value)])),
    );
  });

  test('stand at every option in the JSON Schema', () => {
    const bare: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [key, inner] of Object.entries(value)) visit(inner, `${path}/${key}`);
      if (!('properties' in value) || typeof value.properties !== 'object' || value.properties === null)
        return;
      for (const [name, option] of Object.entries(value.properties as Record<string, object>))
        if (!('description' in option)) bare.push(`${path}/${name}`);
    };
    visit(shipped, '#');
    // The long forms of a text are no interfaces of their own; their words speak for themselves.
    expect(bare.filter((path) => !/\/(?:regex|flags|equals)$/.test(path))).toEqual([]);
  });

  test('every option of every type stands in the reference', () => {
    const reference = readFileSync(join(ROOT, 'docs/config.md'), 'utf8');
    for (const type of texts.values()) {
      const section = reference.split(`### ${type.name}\n`)[1]?.split('\n### ')[0] ?? '';
      for (const { name } of type.options) expect(section, type.name).toContain(`| \`${name}\` |`);
    }
    expect(reference.split('\n### ').length - 1).toBe(texts.size);
  });

  test('no link of the reference leads nowhere', () => {
    const reference = readFileSync(join(ROOT, 'docs/config.md'), 'utf8');
    const places = new Set([...reference.matchAll(/^#+ (.+)$/gm)].map(([, title]) => title?.toLowerCase()));
    const links = [...reference.matchAll(/\]\(#([^)]+)\)/g)].map(([, to]) => to);
    expect(links.length).toBeGreaterThan(30);
    expect(links.filter((to) => !places.has(to))).toEqual([]);
  });
});

const component = (more: object): object => ({
  components: { thread: { kind: 'command', run: './thread', ...more } },
});
const server = { run: 'node server.js', port: 0 };
const http = (more: object): object => ({
  components: { http: { kind: 'http', server, client: './client', ...more } },
});
const ready = (condition: unknown): object => http({ server: { ...server, ready: condition } });
const load = (more: object): object => http({ client: { kind: 'load', ...more } });
const init = (more: object): object => ({ components: { init: { kind: 'init', ...more } } });
const threads = (more: object): object => ({ components: { thread: { kind: 'threads', ...more } } });
const setup = (...steps: unknown[]): object => ({ ...component({}), setup: steps });

/** A certificate and its key, in the form in which a config may hold them. */
const [PEM, PEM_KEY] = selfSigned();

const VALID: Readonly<Record<string, object>> = {
  'a line': component({}),
  'a list of words': component({ run: ['./thread', '--fast'] }),
  'all that every component may have': component({
    env: { A: 'b' },
    cwd: '.',
    timeout: '1m30s',
    slow: '20s',
    retries: 0,
    flaky: 'fail',
    needs: [],
    onlyWhenNamed: true,
    leave: ['gpg-agent'],
    before: ['./reset', ['psql', '-f', 'schema.sql']],
    after: './tidy',
    prove: { module: 'shop', demand: ['slow'], ignore: { 'wrong-value': 'it is random' } },
  }),
  'several modules to prove': component({ prove: { module: ['shop', 'shop/cart'] } }),
  'the results of tests': component({ results: 'build/test-results/**/*.xml' }),
  'the results of a client': http({ client: { run: './client', results: 'junit.xml' } }),
  'errors that are never retrieved': component({ lostErrors: 'python' }),
  'one exit code': component({ expect: { exitCode: 3 } }),
  'several exit codes': component({ expect: { exitCode: [0, 255] } }),
  'a text as a pattern': component({ expect: { output: 'ok', forbid: ['a', 'b'] } }),
  'the long form of a pattern': component({ expect: { allow: { regex: '^ok', flags: 'i' } } }),
  'a server and a client': http({}),
  'named services': http({ services: { 'a b': server, '': server } }),
  'a fault before the client': http({ via: { status: 503, first: 2 } }),
  'a fault that lets some answers be': http({
    via: { latency: '200ms', every: 3, match: { method: 'GET', path: '/' } },
  }),
  'several faults': http({ via: [{ reset: '1 in 50' }, { hang: true }, { bandwidth: '1.5 MB/s' }] }),
  'a fault between services': http({
    services: { db: { ...server, via: { change: 'wrong-value' } }, api: { ...server, needs: ['db'] } },
    server: undefined,
  }),
  'a server that is told to stop': http({
    client: { kind: 'load', connections: 4 },
    drain: { after: '1s', signal: 'SIGQUIT', within: '5s', exitCode: 143 },
  }),
  'a server that is told to restart': http({ client: { kind: 'load' }, drain: { restart: true } }),
  'a client with expectations': http({ client: { run: ['./client'], expect: { output: ['ok'] } } }),
  'a built-in client': load({}),
  'all of a built-in client': load({
    path: '/x?y',
    method: 'POST',
    headers: { accept: '*/*', cookie: ['a=1', 'b=2'] },
    body: '',
    user: 'me:secret',
    connections: 2,
    requests: 2,
    rate: 0.5,
    arrivals: 'poisson',
    warmup: '1s',
    workers: 2,
    timeout: '0.5s',
    connectTimeout: '1s',
    keepAlive: false,
    source: '127.0.0.2',
    connectTo: '::1',
    abortOn: ['errors > 10%'],
    strict: true,
    seed: 0,
    checkEvery: 10,
    expect: {
      status: [200, 299],
      body: 'ok',
      headers: { a: 'b', c: true, d: { equals: 'e' }, f: { regex: 'g' } },
      exactBody: 'ok',
      length: 2,
      json: { 'a.0': null, '.': { b: [1, 'c'] } },
    },
  }),
  'users that log in': load({
    before: { post: '/login', json: { name: 'u{{user}}' }, capture: { token: 'json:token' } },
    steps: [
      {
        name: 'create',
        post: '/orders',
        capture: { id: { regex: '(.+)' }, csrf: { regex: 'x', flags: 'i' } },
        think: '1s',
      },
      { get: '/orders/{{id}}' },
    ],
    onStatus: { 401: [{ post: '/login' }] },
    think: ['20ms', '80ms'],
    users: 20,
  }),
  'a mix': load({
    saveFailures: 'failures',
    mix: [
      { name: 'create', post: '/', json: {} },
      ...['get', 'put', 'patch', 'delete', 'head', 'options'].map((method) => ({ [method]: '/' })),
      { path: '/a' },
      {
        path: '/b/{{counter}}',
        weight: 0.5,
        method: 'PUT',
        headers: {},
        body: { json: { c: [1] } },
        expect: { status: '200,3xx, 400-404' },
      },
    ],
    expect: { status: '2xx', body: ['a', { regex: 'b' }] },
    bearer: 'token',
    pipelining: 2,
  }),
  'messages over WebSockets': load({
    websocket: '/feed',
    send: { json: { id: 7 } },
    subprotocol: 'chat.v1, chat.v2',
    rate: 5,
  }),
  'a stream of events': load({ sse: '/events', duration: '2s' }),
  'a search for a rate': load({ findRate: { while: 'p99 < 50ms', from: 100, to: 0.5e5 } }),
  'a search with two conditions': load({ findRate: { while: ['p99 < 50ms', 'errors < 1%'] } }),
  'agents that send it': load({ agents: { count: 2, join: 'localhost:7233' } }),
  'agents that are let in by a certificate': load({
    agents: {
      ...{ count: 5, join: 'temporal.example:7233', pool: 'east', namespace: 'loads', waitForAgents: '5m' },
      ...{ tlsCert: 'cert.pem', tlsKey: 'key.pem', tlsCa: 'ca.pem' },
    },
  }),
  'agents that are let in by a key': load({
    agents: { count: 5, join: 'temporal.example:7233', apiKeyEnv: 'KEY' },
  }),
  'agents that are let in by a key in a file': load({
    agents: { count: 5, join: 'temporal.example:7233', apiKeyFile: 'api.key' },
  }),
  'stages of a rate': load({ rate: 5, stages: [{ duration: '1s', to: 0.5 }] }),
  'stages of connections, over TLS': load({
    https: true,
    insecure: true,
    serverName: 'example.org',
    stages: [
      { duration: '1s', from: 0, to: 2 },
      { duration: '1s', to: 0 },
    ],
    http2: true,
    streams: 3,
    body: 'x',
  }),
  'a time, and a unix socket': load({ duration: '1s', unix: './web.sock' }),
  'files that a client needs': load({
    https: true,
    ca: PEM,
    cert: PEM,
    key: PEM_KEY,
    data: 'people.csv',
    body: { file: 'people.csv' },
    path: '/{{name}}',
  }),
  thresholds: http({ client: { kind: 'load' }, thresholds: ['p99 < 50ms', 'errors == 0'] }),
  'all of a service': http({
    server: {
      run: ['./http', '--daemon'],
      port: 65535,
      readyTimeout: '500ms',
      stop: { signal: 'SIGQUIT', command: 'true' },
      grace: '1h',
      daemon: true,
      foreground: './http',
      env: {},
      cwd: '.',
      needs: [],
      expect: { forbid: 'x' },
    },
  }),
  'an open input, and a port of its own choice': http({
    server: {
      run: 'x',
      port: { log: { regex: ':(\\d+)' } },
      stdin: 'open',
      stop: { to: 'all', grace: '1s' },
    },
  }),
  'stopped by a signal': http({ server: { run: 'x', port: 1, stop: 'SIGWINCH' } }),
  'ready by its port': ready({ port: true }),
  'ready by another port': ready({ port: 1 }),
  'ready by HTTP': ready({ http: '/', status: 204, port: 80 }),
  'ready by TLS': ready({
    https: '/health?a=b',
    ca: PEM,
    headers: { host: 'a.test' },
    method: 'HEAD',
    interval: '1s',
  }),
  'ready by any certificate': ready({ https: '/', insecure: true, host: '::1' }),
  'ready by gRPC': ready({ grpc: true, timeout: '1s', interval: '5ms' }),
  'ready by the health of a service': ready({ grpc: 'shop.v1.Orders', tls: true }),
  'ready by gRPC with any certificate': ready({ grpc: true, tls: { insecure: true } }),
  'ready by gRPC with a certificate of its own': ready({ grpc: true, tls: { ca: PEM } }),
  'ready by a socket': ready({ unix: 'web.sock' }),
  'ready by HTTP at a socket': ready({ http: '/', unix: 'web.sock', timeout: '1s' }),
  'ready by a port of another address': ready({ port: true, host: '127.0.0.2' }),
  'ready by its log': ready({ log: { regex: 'up' } }),
  'ready by a command': ready({ exec: ['true'] }),
  'ready by a file': ready({ file: 'pid' }),
  'ready by all and any': ready({ all: [{ any: [{ file: 'a' }, { port: true }] }, { log: 'b' }] }),
  'all of threads in Node': threads({
    module: './library.js',
    workers: 2,
    iterations: 5,
    exports: ['parse'],
    inputs: { parse: [['{}'], []] },
    oracle: 'other',
    stall: '5s',
  }),
  'inputs that a module exports': threads({ module: 'library', inputs: './inputs.js' }),
  'threads of Python': threads({ python: 'library:work' }),
  'copies of a program': threads({ run: ['./sum', 'x'], copies: 3, compare: 'json' }),
  types: { components: { typestubs: { kind: 'types', sample: './typestubs.ts', expect: {} } } },
  'types of a package': {
    components: {
      typestubs: {
        kind: 'types',
        package: '.',
        sample: './typestubs.ts',
        negative: './typestubs.ts',
        typescript: ['5.7', 'latest'],
        resolution: ['node16', 'bundler'],
      },
    },
  },
  'types of a Python module': {
    components: {
      typestubs: { kind: 'types', sample: './typestubs.py', module: 'orjson', completeness: 90 },
    },
  },
  init: init({ module: 'library' }),
  'all of init': init({
    python: 'json.decoder',
    use: 'first_use:run',
    processes: 1,
    hangAfter: '10s',
    coldStart: '< 1.5x',
    denyModules: ['asyncio'],
    singletons: [],
    expect: { allow: 'known' },
  }),
  'setup as lines': setup('npm ci', ['npm', 'ci']),
  'steps that are undone, and a teardown': {
    ...component({}),
    setup: [
      { run: 'createdb x', undo: 'dropdb x' },
      { run: 'a', undo: { run: ['b', 'c'], timeout: '5m' } },
    ],
    teardown: ['./collect', { run: ['a', 'b'], name: 'collect', env: { A: '1' }, cwd: '.', timeout: '1m' }],
  },
  'all of a setup step': setup({
    run: 'npm ci',
    name: 'install',
    inputs: ['package-lock.json'],
    outputs: ['node_modules'],
    env: {},
    cwd: '.',
    timeout: '5m',
  }),
  'all of a suite': {
    $schema: 'x',
    memory: 'off',
    env: { A: '' },
    secrets: ['DOOR'],
    setup: [],
    services: {
      db: { run: 'db', port: 0, scheme: 'postgres', via: [{ status: 503 }] },
      api: { kind: 'service', run: 'api', port: 0, needs: ['db'], fresh: true },
      web: {
        kind: 'container',
        image: 'web:1',
        command: ['serve', '$PORT'],
        port: { container: 80, host: 8080 },
        ports: [81],
        env: { A: '' },
        volumes: ['/data'],
        network: 'mine',
        platform: 'linux/amd64',
        init: true,
        options: ['--memory', '1g'],
        scheme: 'ws',
        via: { reset: '1 in 5' },
        ready: { healthy: true },
        readyTimeout: '1s',
        pullTimeout: '1m',
        stop: 'SIGINT',
        grace: '1s',
        needs: ['db'],
        expect: { output: 'x' },
        fresh: false,
      },
      stack: {
        kind: 'compose',
        file: ['people.csv'],
        services: ['web'],
        env: { A: '' },
        scheme: { web: 'https' },
        readyTimeout: '1s',
        pullTimeout: '1m',
        grace: '1s',
        needs: ['db'],
        expect: { output: 'x' },
        fresh: false,
      },
      built: {
        kind: 'container',
        build: { context: '.', target: 't', args: { A: '1' }, timeout: '1m' },
        port: 80,
      },
      migrate: {
        kind: 'task',
        run: 'migrate',
        needs: ['db'],
        inputs: ['migrations'],
        cache: true,
        expect: { exitCode: 0 },
        env: {},
        cwd: '.',
        timeout: '1m',
        fresh: false,
      },
    },
    ...component({}),
  },
};

const INVALID: Readonly<Record<string, unknown>> = {
  'no object': [],
  nothing: null,
  'a text': 'suite',
  'what to prove as a list': component({ prove: [] }),
  'no components': {},
  'components as a list': { components: [] },
  'not one component': { components: {} },
  'a name with a blank': { components: { 'a b': { kind: 'command', run: 'x' } } },
  'a name that begins with a dash': { components: { '-a': { kind: 'command', run: 'x' } } },
  'an option that does not exist': { ...component({}), componets: {} },
  'a component as a text': { components: { thread: './thread' } },
  'a component without a kind': { components: { thread: { run: 'x' } } },
  'an unknown kind': { components: { thread: { kind: 'comand', run: 'x' } } },
  'a kind that every object has': { components: { thread: { kind: 'toString', run: 'x' } } },
  'an option of another kind': component({ client: 'x' }),
  'a budget that is no ratio': init({ module: 'x', coldStart: '50ms' }),
  'a budget from below': init({ module: 'x', coldStart: '> 2x' }),
  'no process': init({ module: 'x', processes: 0 }),
  'a Python module as a file': init({ python: './x.py' }),
  'a misspelt option': component({ timeuot: '1s' }),
  'a command that is missing': { components: { thread: { kind: 'command' } } },
  'an empty command': component({ run: '' }),
  'an empty list of words': component({ run: [] }),
  'a word that is no text': component({ run: ['x', 1] }),
  'a command as an object': component({ run: { line: 'x' } }),
  'a preset that does not exist': { ...component({}), memory: 'on' },
  'an environment as a list': component({ env: ['A=1'] }),
  'a number in an environment': component({ env: { A: 1 } }),
  'an empty folder': component({ cwd: '' }),
  'a duration as a number': component({ timeout: 5 }),
  'a duration without a unit': component({ timeout: '5' }),
  'a duration with a blank': component({ timeout: '5 s' }),
  'a duration of nothing': component({ timeout: '0s' }),
  'half a retry': component({ retries: 0.5 }),
  'a third way to take a flaky component': component({ flaky: 'ignore' }),
  'fewer retries than none': component({ retries: -1 }),
  'a need as a text': component({ needs: 'other' }),
  'a text for true': component({ onlyWhenNamed: 'true' }),
  'no exit code': component({ expect: { exitCode: [] } }),
  'an exit code above 255': component({ expect: { exitCode: 256 } }),
  'an empty pattern': component({ expect: { output: '' } }),
  'a pattern as a number': component({ expect: { forbid: [1] } }),
  'a pattern with a misspelt word': component({ expect: { allow: { regexp: 'x' } } }),
  'expectations that do not exist': component({ expect: { exitcode: 0 } }),
  'no client': { components: { http: { kind: 'http', server } } },
  'a client without a command': http({ client: {} }),
  'a client of an unknown kind': http({ client: { kind: 'laod' } }),
  'services as a list': http({ services: [server] }),
  'a service without a command': http({ server: { port: 1 } }),
  'a misspelt option of a service': http({ server: { run: 'x', prot: 1 } }),
  'a port above the highest': http({ server: { run: 'x', port: 65536 } }),
  'a port below zero': http({ server: { run: 'x', port: -1 } }),
  'a port as a text': http({ server: { run: 'x', port: '8001' } }),
  'an unknown fault': http({ via: { teapot: true } }),
  'two faults in one': http({ via: { status: 503, latency: '1s' } }),
  'a fault without a status': http({ via: { status: 204.5 } }),
  'a bandwidth without a unit': http({ via: { bandwidth: 10 } }),
  'a reset of some kind': http({ via: { reset: 'sometimes' } }),
  'an unknown change': http({ via: { change: 'wrong' } }),
  'no fault in a list': http({ via: [] }),
  'a fault for a path without a slash': http({ via: { hang: true, match: { path: 'x' } } }),
  'a service that expects an exit code': http({ server: { ...server, expect: { exitCode: 0 } } }),
  'a drain by an unknown signal': http({ client: { kind: 'load' }, drain: { signal: 'SIGKILL' } }),
  'a drain with an exit code that there is not': http({ client: { kind: 'load' }, drain: { exitCode: 256 } }),
  'no condition': ready({}),
  'two conditions in one': ready({ log: 'up', file: 'pid' }),
  'an unknown condition': ready({ htp: '/' }),
  'a scheme with slashes': http({ server: { ...server, scheme: 'postgres://' } }),
  'gRPC of no service': ready({ grpc: '' }),
  'gRPC without TLS, said so': ready({ grpc: true, tls: false }),
  'gRPC with a path': ready({ grpc: '/shop.v1.Orders' }),
  'port 0 as a condition': ready({ port: 0 }),
  'a port that is not the own one': ready({ port: false }),
  'a path that does not begin with a slash': ready({ http: 'health' }),
  'a status that does not exist': ready({ http: '/', status: 600 }),
  'a range of three': ready({ http: '/', status: [200, 299, 300] }),
  'a range of one': ready({ http: '/', status: [200] }),
  'all of nothing': ready({ all: [] }),
  'a wrong condition among others': ready({ any: [{ port: true }, { all: [{ file: '' }] }] }),
  'a method in small letters': load({ method: 'post' }),
  'no connection': load({ connections: 0 }),
  'half a request': load({ requests: 1.5 }),
  'a rate of nothing': load({ rate: 0 }),
  'a threshold that is no text': http({ client: { kind: 'load' }, thresholds: [50] }),
  'a header that is no text': load({ headers: { age: 3 } }),
  'a wrong expectation of a response': load({ expect: { code: 200 } }),
  'a status in words': load({ expect: { status: 'ok' } }),
  'a status of six digits': load({ expect: { status: '200201' } }),
  'a header that must not be there': load({ expect: { headers: { a: false } } }),
  'a body of two sorts': load({ body: { file: 'x', json: 1 } }),
  'a body in JSON without a value': load({ body: {} }),
  'a mix of nothing': load({ mix: [] }),
  'steps of nothing': load({ steps: [] }),
  'a capture that is none': load({ steps: [{ get: '/', capture: { id: 7 } }] }),
  'a pause of three': load({ steps: [{ get: '/' }], think: ['1s', '2s', '3s'] }),
  'a request without weight': load({ mix: [{ path: '/', weight: 0 }] }),
  'agents that meet nowhere': load({ agents: { count: 2 } }),
  'no agent': load({ agents: { count: 0, join: 'localhost:7233' } }),
  'agents with a name each': load({ agents: { count: 2, join: 'localhost:7233', name: 'a' } }),
  'a search without a condition': load({ findRate: { while: [] } }),
  'a search without a condition at all': load({ findRate: {} }),
  'stages of nothing': load({ stages: [] }),
  'a stage without its end': load({ stages: [{ duration: '1s' }] }),
  'a stage below zero': load({ stages: [{ duration: '1s', to: -1 }] }),
  'an empty sample': { components: { typestubs: { kind: 'types', sample: '' } } },
  'inputs that are no lists': threads({ module: 'x', inputs: { parse: ['{}'] } }),
  'no function to call': threads({ module: 'x', exports: [] }),
  'one copy': threads({ run: 'x', copies: 1 }),
  'a comparison that does not exist': threads({ run: 'x', compare: 'text' }),
  'setup as a text': { ...component({}), setup: 'npm ci' },
  'a step that is no command': setup(7),
  'a step without a command': setup({ name: 'install' }),
  'inputs as a text': setup({ run: 'x', inputs: 'package.json' }),
};

describe('the JSON Schema and the validation of configs are of one mind', () => {
  test.each(Object.entries(VALID))('both accept: %s', (_, config) => {
    expect(validate(config, words).problems).toEqual([]);
    expect(accepts(config), JSON.stringify(accepts.errors)).toBe(true);
  });

  test.each(Object.entries(INVALID))('both refuse: %s', (_, config) => {
    expect(validate(config, words).problems).not.toEqual([]);
    expect(accepts(config)).toBe(false);
  });

  test.each([
    ['a range from its upper to its lower end', ready({ http: '/', status: [299, 200] })],
    ['a duration that is too long', component({ timeout: '25h30m600h' })],
  ])('the JSON Schema cannot tell: %s', (_, config) => {
    expect(validate(config, words).problems).toHaveLength(1);
    expect(accepts(config)).toBe(true);
  });

  test('there is an example of every option', () => {
    const seen = new Set<string>();
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [key, inner] of Object.entries(value)) {
        seen.add(key);
        visit(inner);
      }
    };
    visit(Object.values(VALID));
    const names = [...texts.values()].flatMap(({ options }) => options.map(({ name }) => name));
    expect(names.filter((name) => !seen.has(name))).toEqual([]);
    expect([...CONFIG_KINDS].sort()).toEqual(['command', 'http', 'init', 'threads', 'types']);
  });

  test('about any change to an accepted config', () => {
    const changed = fc
      .tuple(fc.constantFrom(...Object.values(VALID)), fc.nat(), fc.nat(), fc.constantFrom(...CHANGES))
      .map(([config, place, choice, change]) => change(structuredClone(config), place, choice));
    fc.assert(
      fc.property(changed, (config) => {
        expect(accepts(config), JSON.stringify(config)).toBe(validate(config, words).problems.length === 0);
      }),
      { numRuns: shareOf(2000) },
    );
  });

  test('about any duration, but for those that are too long for a timer', () => {
    const pattern = new RegExp(DURATION_PATTERN, 'u');
    const pieces = fc.constantFrom(
      '0',
      '1',
      '42',
      '007',
      '.',
      '.5',
      '0.0',
      'ms',
      's',
      'm',
      'h',
      ' ',
      '-',
      'd',
      'e3',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (words) => {
        const text = words.join('');
        const parsed = parseDuration(text);
        const isTooLong = !parsed.ok && parsed.error.includes('too long');
        expect(pattern.test(text), text).toBe(parsed.ok || isTooLong);
      }),
      { numRuns: 5000 },
    );
  });
});

/** What replaces a value somewhere in a config. */
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  1,
  70_000,
  1.5,
  -1,
  '',
  'x',
  '/',
  '5s',
  [],
  ['x'],
  {},
  { a: 'b' },
];
const KEYS = ['run', 'kind', 'port', 'http', 'log', 'expect', 'status', 'env', 'regex', 'client', 'unheard'];

type Container = Record<string, unknown>;

/** Every place in a value where something stands. */
function placesIn(value: unknown): { container: Container; key: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const container = value as Container;
  return Object.keys(container).flatMap((key) => [{ container, key }, ...placesIn(container[key])]);
}

type Change = (config: object, place: number, choice: number) => unknown;
const pick = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;
const CHANGES: readonly Change[] = [
  (config, place, choice) => {
    const { container, key } = pick(placesIn(config), place);
    container[key] = pick(VALUES, choice);
    return config;
  },
  (config, place) => {
    const { container, key } = pick(placesIn(config), place);
    if (Array.isArray(container)) container.splice(Number(key), 1);
    else delete container[key];
    return config;
  },
  (config, place, choice) => {
    const { container } = pick(placesIn(config), place);
    if (Array.isArray(container)) container.push(pick(VALUES, choice));
    else container[pick(KEYS, choice)] = pick(VALUES, place);
    return config;
  },
];

describe('a config file', () => {
  let dir = '';
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'shakedown-schema-'));
    writeFileSync(join(dir, 'typestubs.ts'), '');
    writeFileSync(join(dir, 'people.csv'), 'name\nAda\n');
    writeFileSync(join(dir, 'typestubs.py'), '');
    for (const name of ['library.js', 'inputs.js', 'Dockerfile', 'cert.pem', 'key.pem', 'ca.pem', 'api.key'])
      writeFileSync(join(dir, name), '');
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test.each(Object.entries(VALID))('is loaded: %s', async (_, config) => {
    const file = join(dir, 'shakedown.config.json');
    writeFileSync(file, JSON.stringify(config));
    const loaded = await loadConfig(file, { cwd: dir, library: join(ROOT, 'src/index.ts') });
    expect(loaded.ok ? [] : loaded.error).toEqual([]);
  });
});
