/** The built-in client of a component: all that it can be told, and how it is reported. */
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import type { LoadSummary, LoadWindow } from '../../src/core/load.ts';
import { selfSigned } from '../rig/certificates.ts';
import { Rig } from '../rig/rig.ts';
import { codesOf, componentOf, JSON_REPORT } from '../rig/services.ts';
import { isThorough } from '../rig/thorough.ts';

/** Says what it was asked, and, over TLS, by whom. `LISTEN` is a port or a path. */
const SERVER = `
const { appendFileSync, readFileSync } = require('node:fs');
const { createServer } = require(process.env.TLS === undefined ? 'node:http' : 'node:https');
const options = process.env.TLS === undefined ? {} : { key: readFileSync('key.pem'), cert: readFileSync('cert.pem') };
const server = createServer(options, (request, response) => {
  let body = '';
  request.on('data', (bytes) => { body += bytes; });
  request.on('end', () => {
    const { method, url, headers, socket } = request;
    appendFileSync('asked.ndjson', JSON.stringify({ method, url, headers, body, from: socket.remoteAddress ?? null }) + '\\n');
    setTimeout(() => {
      response.setHeader('content-type', 'application/json; charset=utf-8');
      response.end(JSON.stringify({ ok: true, method, items: [{ id: 7 }] }));
    }, Number(process.env.DELAY ?? 0));
  });
});
server.listen(process.env.SOCKET ?? Number(process.env.PORT), process.env.SOCKET ?? '127.0.0.1', () => console.log('up'));
process.on('SIGTERM', () => process.exit(0));
`;

const SOCKETS = `
const { WebSocketServer } = require(${JSON.stringify(createRequire(import.meta.url).resolve('ws'))});
const server = new WebSocketServer({ port: Number(process.env.PORT), host: '127.0.0.1' }, () => console.log('up'));
server.on('connection', (socket) => {
  socket.send('welcome');
  socket.on('message', (data) => socket.send(String(data)));
});
process.on('SIGTERM', () => process.exit(0));
`;

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly from: string | null;
}

interface Options {
  readonly client?: object;
  readonly env?: Readonly<Record<string, string>>;
  readonly thresholds?: readonly string[];
  readonly port?: number | null;
}

/** Writes the suite of a server and the built-in client. */
function suite(rig: Rig, { client = {}, env = {}, thresholds, port = 0 }: Options): void {
  rig.write('server.cjs', SERVER);
  rig.config({
    components: {
      http: {
        kind: 'http',
        server: {
          run: [process.execPath, 'server.cjs'],
          ...(port === null ? {} : { port }),
          ready: { log: 'up' },
          env,
        },
        client: { kind: 'load', ...client },
        ...(thresholds === undefined ? {} : { thresholds }),
      },
    },
  });
}

const asked = (rig: Rig): Asked[] =>
  rig
    .read('asked.ndjson')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Asked);

/** On a machine that is too busy a rate is inconclusive; what was sent is the same. */
const HELD = [0, 3];

const loadOf = (rig: Rig): LoadSummary => {
  const { load } = componentOf(rig.report()) as { load?: LoadSummary };
  if (load === undefined) throw new Error('the report has no load');
  return load;
};

describe('the built-in client', () => {
  test('sends a mix, with values from a file, and checks what comes', async () => {
    await using rig = await Rig.create();
    rig.write('data/people.csv', 'id,name\n1,"Ada, Lady"\n2,Alan\n');
    suite(rig, {
      client: {
        requests: 400,
        data: 'data/people.csv',
        bearer: 'token',
        headers: { 'X-Number': '{{counter}}', Cookie: ['a=1', 'b=2'] },
        mix: [
          { path: '/people/{{id}}', weight: 3, expect: { json: { method: 'GET', 'items.0.id': 7 } } },
          { path: '/people', body: { json: { name: '{{name}}' } }, expect: { json: { method: 'POST' } } },
        ],
        expect: { headers: { 'content-type': { equals: 'not asked for' } } },
      },
    });
    const { code, stdout } = await rig.run(JSON_REPORT);
    expect(code, stdout).toBe(0);
    const all = asked(rig);
    expect(all).toHaveLength(400);
    const posted = all.filter(({ method }) => method === 'POST');
    // A hundred on average; more than five times the standard deviation beside it.
    expect(posted.length).toBeGreaterThan(50);
    expect(posted.length).toBeLessThan(150);
    expect(new Set(posted.map(({ body }) => body))).toEqual(
      new Set(['{"name":"Ada, Lady"}', '{"name":"Alan"}']),
    );
    expect(posted[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      authorization: 'Bearer token',
      cookie: 'a=1; b=2',
      'user-agent': expect.stringMatching(/^shakedown-load\/\d/),
    });
    expect(new Set(all.map(({ headers }) => headers['x-number'])).size).toBe(400);
  });

  test('sends messages over WebSockets from several threads, and its thresholds are about them', async () => {
    await using rig = await Rig.create();
    rig.write('server.cjs', SOCKETS);
    const client = {
      websocket: '/feed',
      send: { json: { n: '{{counter}}' } },
      expect: { body: '{{counter}}"' },
    };
    rig.config({
      components: {
        http: {
          kind: 'http',
          server: { run: [process.execPath, 'server.cjs'], port: 0, ready: { log: 'up' } },
          client: { kind: 'load', ...client, connections: 5, requests: 200, workers: 2 },
          thresholds: ['ws.lost == 0', 'ws.messages >= 200', 'ws.opened == 5'],
        },
      },
    });
    const { code, stdout } = await rig.run(JSON_REPORT);
    expect(HELD, stdout).toContain(code);
    const { counts, channel } = loadOf(rig);
    expect(counts).toMatchObject({ scheduled: 200, completed: 200, checked: 200 });
    expect(channel).toMatchObject({ opened: 5, openAtEnd: 5, received: 205, unasked: 5 });
    expect(stdout).toContain('200 messages, ');
  });

  test('escapes what a request line cannot hold, and leaves the rest as it is', async () => {
    await using rig = await Rig.create();
    const mix = [{ path: '/Fähre nach {{ counter }}/a%20b?c=[1]&d="{e}"' }];
    suite(rig, { client: { requests: 1, mix } });
    const { code, stdout } = await rig.run([]);
    expect(code, stdout).toBe(0);
    expect(asked(rig)[0]?.url).toBe('/F%C3%A4hre%20nach%201/a%20b?c=[1]&d="{e}"');
  });

  test.runIf(isThorough)('sends the same mix again for the same seed', async () => {
    const paths = async (seed: number): Promise<string[]> => {
      await using rig = await Rig.create();
      const mix = [{ path: '/a' }, { path: '/b' }];
      suite(rig, { client: { requests: 40, connections: 1, seed, mix } });
      expect((await rig.run([])).code).toBe(0);
      return asked(rig).map(({ url }) => url);
    };
    const first = await paths(7);
    expect(await paths(7)).toEqual(first);
    expect(await paths(8)).not.toEqual(first);
  });

  test('reaches a service that has a unix socket, and no port', async () => {
    await using rig = await Rig.create();
    suite(rig, { client: { unix: 'web.sock', requests: 20 }, env: { SOCKET: 'web.sock' }, port: null });
    const { code, stdout } = await rig.run(JSON_REPORT);
    expect(code, stdout).toBe(0);
    expect(asked(rig).map(({ from }) => from)).toEqual(Array(20).fill(null));
  });

  test('speaks TLS, and trusts whom it is told to', async () => {
    await using rig = await Rig.create();
    const [cert, key] = selfSigned();
    rig.write('cert.pem', cert);
    rig.write('key.pem', key);
    suite(rig, { client: { https: true, requests: 20 }, env: { TLS: 'yes' } });
    const distrusted = await rig.run(JSON_REPORT);
    expect(distrusted.code).toBe(1);
    expect(distrusted.stdout).toContain('self-signed certificate');
    suite(rig, { client: { https: true, ca: 'cert.pem', requests: 20 }, env: { TLS: 'yes' } });
    const trusted = await rig.run(JSON_REPORT);
    expect(trusted.code, trusted.stdout).toBe(0);
    expect(loadOf(rig).target).toMatch(/^https:\/\/localhost:\d+$/);
  });

  test('connects from the address that it is told', async () => {
    await using rig = await Rig.create();
    suite(rig, { client: { source: '127.0.0.2', requests: 10 } });
    expect((await rig.run([])).code).toBe(0);
    expect(new Set(asked(rig).map(({ from }) => from))).toEqual(new Set(['127.0.0.2']));
  });

  test.runIf(isThorough)('goes through stages', async () => {
    await using rig = await Rig.create();
    const stages = [
      { duration: '500ms', to: 40 },
      { duration: '500ms', from: 40, to: 0 },
    ];
    suite(rig, { client: { rate: 40, stages } });
    const { code, stdout } = await rig.run(JSON_REPORT);
    expect(HELD, stdout).toContain(code);
    expect(loadOf(rig).counts).toMatchObject({ scheduled: 30, completed: 30 });
    expect(asked(rig)).toHaveLength(30);
  });

  test('checks one response in so many, and says so', async () => {
    await using rig = await Rig.create();
    suite(rig, { client: { requests: 100, connections: 1, checkEvery: 10 } });
    expect((await rig.run(JSON_REPORT)).code).toBe(0);
    expect(loadOf(rig)).toMatchObject({ checkEvery: 10, counts: { completed: 100, checked: 10 } });
    expect(rig.read('.shakedown/latest/logs/http.log')).toContain('1 response in 10: 10\n');
  });
});

describe('what it measured is told', () => {
  const thresholds = ['p99 < 20s', 'errors == 0', 'rate >= 1/s', 'target.rss.peak > 1MB'];

  test('in the terminal, the log, and every report', async () => {
    await using rig = await Rig.create();
    suite(rig, { client: { requests: 50, connections: 4 }, thresholds });
    const { code, stdout } = await rig.run([
      ...JSON_REPORT,
      '--report',
      'junit=junit.xml',
      '--report',
      'terminal',
    ]);
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(
      /✓ http +\S+ m?s {2}ready after .* on port \d+ · 50 requests, [\d.,]+\/s, p50 [\d.]+ [µm]?s, p99 [\d.]+ [µm]?s, no errors\n/,
    );
    const log = rig.read('.shakedown/latest/logs/http.log');
    expect(log).toContain('\n==> client <==\nload http://localhost:');
    expect(log).toMatch(/\n {2}latency +p50 +p90 +p99 +p99\.9 +max +mean\n {2}response /);
    expect(log).toMatch(/[█-▏].* 100\.00 %\n/);
    expect(log).toMatch(/\n {2}target +\S+ m?s CPU/);
    expect(log).toContain('✓ errors == 0            0\n');
    expect(log).toContain('\nload: passed  50 requests completed in ');

    const load = loadOf(rig);
    expect(load).toMatchObject({ mode: 'closed', ended: 'limit', counts: { scheduled: 50, completed: 50 } });
    expect(load.latencyUs.response?.count).toBe(50);
    expect(load.latencyUs.response?.hdr).toMatch(/^[\w+/=]{40,}$/);
    expect(load.thresholds.map(({ expression, holds }) => [expression, holds])).toEqual(
      thresholds.map((expression) => [expression, true]),
    );
    const junit = rig.read('junit.xml');
    expect(junit).toMatch(/name="http" time="[\d.]+">\n {6}<system-out> {2}requests +50 due: 50 completed\n/);
    expect(junit).toContain('✓ p99 &lt; 20s');
    const events = rig
      .read('.shakedown/latest/journal.ndjson')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.filter(({ type }) => type === 'load-finished')).toHaveLength(1);
  });

  test('when it fails as well', async () => {
    await using rig = await Rig.create();
    suite(rig, {
      client: { requests: 10, connections: 2 },
      env: { DELAY: '30' },
      thresholds: ['p50 < 10ms', 'errors == 0'],
    });
    const { code, stdout } = await rig.run([
      ...JSON_REPORT,
      '--report',
      'junit=junit.xml',
      '--report',
      'terminal',
    ]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ http .*"p50 < 10ms" was not met: p50 is (\d+(?:\.\d)?) ms\n/);
    expect(loadOf(rig).latencyUs.response?.p50).toBeGreaterThanOrEqual(29_900);
    expect(stdout).toMatch(/\n {6}load: 10 requests, [\d.]+\/s, p50 [\d.]+ ms, p99 [\d.]+ ms, no errors\n/);
    expect(codesOf(componentOf(rig.report()))).toEqual(['threshold']);
    expect(loadOf(rig).thresholds.map(({ holds }) => holds)).toEqual([false, true]);
    expect(rig.read('junit.xml')).toMatch(/<failure message="&quot;p50[\s\S]*<\/failure>\n {6}<system-out>/);
  });

  test.runIf(isThorough)('while it goes on, to who watches', async () => {
    await using rig = await Rig.create();
    suite(rig, { client: { rate: 20, duration: '2s' } });
    const { code, stdout } = await rig.startInTerminal([]).exit();
    expect(HELD, stdout).toContain(code);
    const seconds = rig
      .read('.shakedown/latest/journal.ndjson')
      .split('\n')
      .filter((line) => line.includes('"type":"load-window"'));
    const windows = seconds.map((line): LoadWindow => JSON.parse(line).window);
    expect(Math.max(...seconds.map(({ length }) => length))).toBeLessThan(1400);
    expect(windows.reduce((sum, { counts }) => sum + counts.scheduled, 0)).toBe(40);
    expect(windows[0]).toMatchObject({ atMs: 0, phase: 'measured', target: { processes: 1 } });
    expect(stdout).toContain('client');
    expect(stdout).toMatch(/\d+\/s(?: of \d+\/s)? · p99 [\d.]+ \S+ · no errors · [\d.]+ m?s left/);
  });
});

describe('what is wrong with it is told where it stands', () => {
  /** Each mark is where one mistake is. */
  const ROWS: readonly (readonly [string, string, string[]])[] = [
    [
      'a column that does not exist',
      "load({ path: ⟦'/{{nme}}'⟧, data: 'people.csv' })",
      ['{{nme}} names no column', 'did you mean {{name}}? the columns of people.csv are id, name'],
    ],
    [
      'a column without data, in one request of a mix',
      "load({ mix: [{ path: '/' }, { path: '/x', headers: { 'X-Id': ⟦'{{id}}'⟧ } }] })",
      ['{{id}} names no column', 'there is no `data`'],
    ],
    ['no data', "load({ data: ⟦'none.csv'⟧ })", ['`data`: none.csv cannot be read: ENOENT']],
    [
      'no table',
      "load({ data: ⟦'gap.csv'⟧ })",
      ['gap.csv is not a table: row 1 has 1 values, the header has 2'],
    ],
    ['no body', "load({ body: { file: ⟦'none'⟧ } })", ['`body.file`: none cannot be read: ENOENT']],
    ['a folder as a body', "load({ body: { file: ⟦'.'⟧ } })", ['`body.file`: . cannot be read: EISDIR']],
    [
      'no JSON',
      'load({ body: { json: ⟦undefined⟧ } })',
      ['"json" must be a value that JSON can hold, not nothing'],
    ],
    [
      'a time and stages',
      "load({ duration: ⟦'5s'⟧, stages: [{ duration: '1s', to: 5 }] })",
      ['`duration` and `stages` contradict each other'],
    ],
    [
      'half a connection',
      "load({ stages: [⟦{ duration: '1s', to: 2.5 }⟧] })",
      ['a number of connections is a whole number', 'use `rate`'],
    ],
    ['levels of nothing', "load({ stages: ⟦[{ duration: '1s', from: 0, to: 0 }]⟧ })", ['every level is 0']],
    ['a rate of nothing', 'load({ rate: ⟦0⟧ })', ['"rate" must be more than 0 a second']],
    ['arrivals without a rate', "load({ arrivals: ⟦'poisson'⟧ })", ['`arrivals` needs a rate']],
    [
      'more threads than connections',
      'load({ connections: 2, workers: ⟦3⟧ })',
      ['more than there is to share: 2 connections', 'at most `workers` 2'],
    ],
    [
      'a method beside a mix',
      "load({ method: 'PUT', mix: ⟦[{ path: '/' }]⟧ })",
      ['`mix` and `method` contradict each other'],
    ],
    [
      'two ways to authenticate',
      "load({ user: ⟦'a:b'⟧, bearer: 'c' })",
      ['`user` and `bearer` contradict each other'],
    ],
    ['no password', "load({ user: ⟦'a'⟧ })", ['`user` has no password']],
    ['a header with a line break', "load({ headers: { a: ⟦'b\\nc'⟧ } })", ['is not a header']],
    [
      'a header beyond Latin-1',
      "load({ headers: { a: ⟦'5 €'⟧ } })",
      ['"a: 5 €" is not a header', 'beyond Latin-1'],
    ],
    [
      'a token with a line break',
      "load({ bearer: ⟦'a\\nb'⟧ })",
      ['`bearer`: no header can hold it: it has a line break at character 2'],
    ],
    [
      'a value of data that no header can hold',
      "load({ data: ⟦'euro.csv'⟧, headers: { 'X-Note': '{{note}}' } })",
      ['`data`: row 2 of euro.csv: "note" has U+20AC at character 4, which the header X-Note cannot hold'],
    ],
    [
      'a length that is not that of the body',
      "load({ body: 'hello', headers: { 'Content-Length': ⟦'3'⟧ } })",
      ['"3" is not the length of the body, which has 5 bytes'],
    ],
    [
      'a number that JavaScript cannot hold',
      'load({ expect: { json: { id: ⟦12345678901234567890⟧ } } })',
      ['has a number beyond 2^53', '12345678901234567890n'],
    ],
    ['a header that cannot be', "load({ headers: { 'a b': ⟦'c'⟧ } })", ['"a b: c" is not a header']],
    ['a regex that is none', "load({ expect: { body: { regex: '(' } } })", ['Invalid regular expression']],
    ['a status that is none', "load({ expect: { status: ⟦'20x'⟧ } })", ['"status" must be an HTTP status']],
    [
      'a range that ends before it begins',
      "load({ expect: { status: ⟦'300-200'⟧ } })",
      ['"300-200" is not a status'],
    ],
    [
      'TLS words without TLS',
      'load({ insecure: ⟦true⟧ })',
      ['`insecure` has no effect without TLS', 'TLS needs `https`'],
    ],
    ['half a certificate', "load({ https: true, key: ⟦'key.pem'⟧ })", ['`key` needs its `cert`']],
    [
      'a certificate that is none',
      "load({ https: true, ca: ⟦'people.csv'⟧ })",
      ['`ca`: people.csv contains no PEM'],
    ],
    [
      'two ways to trust',
      "load({ https: true, insecure: ⟦true⟧, ca: 'cert.pem' })",
      ['`insecure` and `ca` contradict each other'],
    ],
    ['an address that is none', "load({ source: ⟦'here'⟧ })", ['`source`: "here" is not an address']],
    [
      'a socket and an address',
      "load({ unix: ⟦'a.sock'⟧, source: '127.0.0.2' })",
      ['`unix` and `source` contradict each other'],
    ],
    [
      'pipelining in HTTP/2',
      'load({ pipelining: ⟦2⟧, http2: true })',
      ['`pipelining` and `http2` contradict each other'],
    ],
    ['streams in HTTP/1.1', 'load({ streams: ⟦2⟧ })', ['`streams` needs `http2`']],
    [
      'a threshold that ends it early',
      "load({ abortOn: ['errors > 5⟦x⟧'] })",
      ['there is no unit "x"', 'write a number'],
    ],
    [
      'a misspelt word',
      'load({ ⟦steges⟧: [] })',
      ['there is no option "steges" here', 'did you mean "stages"?'],
    ],
  ];

  test('all of it at once, in the order of the file', async () => {
    await using rig = await Rig.create();
    rig.write('people.csv', 'id,name\n1,Ada\n');
    rig.write('gap.csv', 'id,name\n1\n');
    rig.write('euro.csv', 'id,note\n1,ten\n2,10 €\n');
    const [cert, key] = selfSigned();
    rig.write('cert.pem', cert);
    rig.write('key.pem', key);
    const lines = [
      "import { defineSuite, http, load } from 'shakedown';",
      'export default defineSuite({ components: {',
      ...ROWS.map(
        ([, client], i) => `  c${i}: http({ server: { run: 'true', port: 0 }, client: ${client} }),`,
      ),
      '} });',
    ];
    rig.write('shakedown.config.ts', lines.join('\n').replace(/[⟦⟧]/g, ''));
    const { code, stderr, stdout } = await rig.run([]);
    expect(code, stdout).toBe(2);
    const told = stderr.split(/^(?=shakedown: )/m);
    expect(told, stderr).toHaveLength(ROWS.length);
    for (const [i, [mistake, , texts]] of ROWS.entries()) {
      for (const text of texts) expect(told[i], mistake).toContain(text);
      const line = lines[i + 2] ?? '';
      const [start, end] = [line.indexOf('⟦'), line.indexOf('⟧') - 1];
      if (start < 0) continue;
      expect(told[i], mistake).toContain(`shakedown.config.ts:${i + 3}:${start + 1}: `);
      expect(told[i], mistake).toContain(`    | ${' '.repeat(start)}${'^'.repeat(end - start)}\n`);
    }
  });

  test('a threshold is pointed at, too', async () => {
    await using rig = await Rig.create();
    suite(rig, { thresholds: ['errors == 0', 'p99 < 50'] });
    const { code, stderr } = await rig.run([]);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^shakedown: shakedown\.config\.json:\d+:16: "p99" cannot be compared with a number without a unit\n/,
    );
    expect(stderr).toMatch(/\| {16}\^\^\n/);
  });
});
