/** `shakedown load` against real servers. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { HistogramLogReader } from 'hdr-histogram-js';
import { describe, expect, test } from 'vitest';
import type { LoadResult } from '../../src/core/load.ts';
import { Rig } from '../rig/rig.ts';
import { inTurn } from '../rig/thorough.ts';

const ESC = '\x1b';
const HIDE_CURSOR = `${ESC}[?25l`;
const SHOW_CURSOR = `${ESC}[?25h`;
const COLOR = new RegExp(`${ESC}\\[\\d+m`);

interface Target extends AsyncDisposable {
  readonly url: string;
  readonly server: Server;
}

/** A server of this very process: what it was asked, the test can see. */
async function serve(listener: RequestListener, path?: string): Promise<Target> {
  const server = createServer(listener);
  if (path === undefined) server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  const url =
    path === undefined ? `http://127.0.0.1:${(server.address() as AddressInfo).port}` : 'http://localhost';
  return {
    url,
    server,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const hello: RequestListener = (_, response) => {
  response.setHeader('content-type', 'text/plain');
  response.end('hello');
};

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers 201 to everything, and keeps what it was asked. */
async function recording(): Promise<Target & { readonly seen: Seen[] }> {
  const seen: Seen[] = [];
  const target = await serve((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      response.statusCode = 201;
      response.end('{"ok":true,"items":[{"id":7}]}');
    });
  });
  return Object.assign(target, { seen });
}

const resultIn = (stdout: string): LoadResult => JSON.parse(stdout) as LoadResult;

describe('a load run', () => {
  test('that is answered well passes, and says how it went', async () => {
    await using rig = await Rig.create();
    await using target = await serve(hello);
    const { code, stdout, stderr } = await rig.run([
      'load',
      target.url,
      '-n',
      '200',
      '--threshold',
      'errors == 0',
    ]);
    expect(stdout).toContain(`shakedown load ${target.url}/\n  closed loop, 10 connections · 200 requests\n`);
    expect(stdout).toContain('requests      200 due: 200 completed\n  status        200: 200\n');
    expect(stdout).toMatch(
      / response +[\d.]+ [µm]?s .*\n {2}service .*\n {2}send lag .*\n {2}response: from when it was due;/,
    );
    expect(stdout).toMatch(/[█-▏].* 100\.00 %\n/);
    expect(stdout).toContain('✓ errors == 0  0\n');
    expect(stdout).toMatch(/\nPASSED {2}200 requests completed in .*\n$/);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  test('has its JSON alone on standard output, and the report on the other', async () => {
    await using rig = await Rig.create();
    await using target = await serve(hello);
    const { code, stdout, stderr } = await rig.run(['load', `${target.url}/a?b`, '-n', '50', '--json']);
    const result = resultIn(stdout);
    expect(result).toMatchObject({
      version: '0.1.0',
      target: `${target.url}/a?b`,
      mode: 'closed',
      ended: 'limit',
      counts: { scheduled: 50, completed: 50, failed: 0, checked: 50, byStatus: { 200: 50 } },
      verdict: 'passed',
    });
    // On a busy machine there may be the warning that the generator was.
    expect(result.findings.filter(({ code }) => code !== 'generator-saturated')).toEqual([]);
    expect(stderr).toContain('PASSED  50 requests completed');
    expect(code).toBe(0);
  });

  test('of which a tenth is answered by 500 fails by a tenth, with what was sent and came', async () => {
    await using rig = await Rig.create();
    let count = 0;
    await using target = await serve((_, response) => {
      count += 1;
      response.statusCode = count % 10 === 0 ? 500 : 200;
      response.end(response.statusCode === 500 ? 'out of tea' : 'tea');
    });
    const { code, stdout } = await rig.run(['load', `${target.url}/tea`, '-n', '100']);
    expect(stdout).toContain(
      'requests      100 due: 90 completed, 10 failed\n  status        200: 90, 500: 10\n',
    );
    expect(stdout).toContain('GET /tea answered 500, expected 200–299\n');
    expect(stdout).toContain('      > GET /tea HTTP/1.1\n');
    expect(stdout).toContain('      < HTTP/1.1 500 Internal Server Error\n');
    expect(stdout).toContain('      < out of tea\n');
    expect(stdout).toMatch(
      /\nFAILED {2}10 requests of 100 failed: GET \/tea answered 500, expected 200–299\n/,
    );
    expect(code).toBe(1);
  });

  const demands = [
    { demand: 'failed <= 10%', code: 0, line: '✓ failed <= 10%  10 %' },
    { demand: 'failed < 10%', code: 1, line: '✗ failed < 10%  10 %' },
    { demand: 'status.500 == 10', code: 1, line: '✓ status.500 == 10  10' },
    { demand: 'target.cpu < 100%', code: 1, line: '? target.cpu < 100%  not measured' },
  ];
  test.each(inTurn(demands, 3))('is judged by thresholds: $demand', async ({ demand, code, line }) => {
    await using rig = await Rig.create();
    let count = 0;
    await using target = await serve((_, response) => {
      count += 1;
      response.statusCode = count % 10 === 0 ? 500 : 200;
      response.end();
    });
    const run = await rig.run(['load', target.url, '-n', '100', '--threshold', demand]);
    expect(run.stdout).toContain(`  ${line}\n`);
    expect(run.code).toBe(code);
  });

  test('to a port where nobody listens fails, and says why', async () => {
    await using rig = await Rig.create();
    const url = `http://127.0.0.1:${await rig.freePort()}/`;
    const { code, stdout } = await rig.run(['load', url, '--connect-timeout', '500ms']);
    expect(stdout).toContain('FAILED  no request was answered');
    expect(stdout).toContain('the connection was refused (ECONNREFUSED)');
    expect(code).toBe(1);
  });

  test('sends what it is told', async () => {
    await using rig = await Rig.create();
    await using target = await recording();
    rig.write('body.bin', 'from a file');
    const common = [
      ...['-n', '1', '-c', '1', '-H', 'X-One: 1', '-H', 'x-two:2', '--expect-status', '201'],
      ...['--expect-header', 'date', '--expect-body', '"ok":true', '--expect-json', 'items.0.id=7'],
      ...['--expect-length', '30', '--expect-body', '/^\\{/'],
    ];
    const runs = [
      [],
      ['--body', 'text', '--user', 'me:secret', '-H', 'user-agent: mine'],
      ['-X', 'put', '--body-file', 'body.bin', '--bearer', 'token'],
      ['--body-json', '{"n":{{counter}}}'],
      ['--request', 'DELETE /items/{{counter}} gone'],
    ];
    for (const args of runs) {
      const { code, stdout, stderr } = await rig.run(['load', `${target.url}/x?q=1`, ...common, ...args]);
      expect(code, stdout + stderr).toBe(0);
    }
    expect(target.seen.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['GET', '/x?q=1', ''],
      ['POST', '/x?q=1', 'text'],
      ['PUT', '/x?q=1', 'from a file'],
      ['POST', '/x?q=1', '{"n":1}'],
      ['DELETE', '/items/1', 'gone'],
    ]);
    expect(target.seen[0]?.headers).toMatchObject({ 'x-one': '1', 'x-two': '2' });
    expect(target.seen[0]?.headers['user-agent']).toMatch(/^shakedown-load\/\d+\.\d+\.\d+$/);
    expect(target.seen[1]?.headers['user-agent']).toBe('mine');
    expect(target.seen[1]?.headers.authorization).toBe(`Basic ${btoa('me:secret')}`);
    expect(target.seen[2]?.headers.authorization).toBe('Bearer token');
    expect(target.seen[3]?.headers['content-type']).toBe('application/json');
  });

  const people: [string, string][] = [
    ['people.csv', 'id,name\n1,"Ada, Lady"\n2,Alan\n'],
    ['people.jsonl', '{"id":1,"name":"Ada, Lady"}\n{"id":2,"name":"Alan"}\n'],
  ];
  test.each(inTurn(people))('takes values from %s', async (file, content) => {
    await using rig = await Rig.create();
    await using target = await recording();
    rig.write(file, content);
    const { code, stdout } = await rig.run([
      ...['load', `${target.url}/people/{{id}}?name={{name}}`, '-n', '4', '-c', '1', '--data', file],
      ...['-H', 'X-Number: {{counter}}', '--expect-status', '201'],
    ]);
    expect(code, stdout).toBe(0);
    expect(target.seen.map(({ url, headers }) => [url, headers['x-number']])).toEqual([
      ['/people/1?name=Ada%2C%20Lady', '1'],
      ['/people/2?name=Alan', '2'],
      ['/people/1?name=Ada%2C%20Lady', '3'],
      ['/people/2?name=Alan', '4'],
    ]);
  });

  test('takes columns of any name, and numbers of any size, from data and in what is demanded', async () => {
    await using rig = await Rig.create();
    await using target = await recording();
    await using big = await serve((_, response) => response.end('{"id":12345678901234567890}'));
    rig.write('people.jsonl', '{"first name":"Ada","straße":12345678901234567890,"1st":true}');
    const { code, stdout } = await rig.run([
      ...[
        'load',
        `${target.url}/{{first name}}?s={{straße}}`,
        '-n',
        '1',
        '-c',
        '1',
        '--data',
        'people.jsonl',
      ],
      ...['--body', '{"first":{{1st}},"id":{{straße}}}', '--expect-status', '201'],
    ]);
    expect(code, stdout).toBe(0);
    expect(target.seen.map(({ url, body }) => [url, body])).toEqual([
      ['/Ada?s=12345678901234567890', '{"first":true,"id":12345678901234567890}'],
    ]);
    const demand = (id: string) => rig.run(['load', big.url, '-n', '1', '--expect-json', `id=${id}`]);
    expect((await demand('12345678901234567890')).code).toBe(0);
    const other = await demand('12345678901234567999');
    expect(other.code).toBe(1);
    expect(other.stdout).toContain('"12345678901234567890" at id, expected "12345678901234567999"');
  });

  test('mixes requests by their weights', async () => {
    await using rig = await Rig.create();
    await using target = await recording();
    const { code } = await rig.run([
      ...['load', target.url, '-n', '400', '--expect-status', '201', '--seed', '3'],
      ...['--request', '3 GET /often', '--request', 'POST /seldom {}'],
    ]);
    expect(code).toBe(0);
    const often = target.seen.filter(({ url }) => url === '/often').length;
    expect(target.seen).toHaveLength(400);
    // 300 on average; five times the standard deviation beside it.
    expect(often).toBeGreaterThan(250);
    expect(often).toBeLessThan(350);
  });

  test('goes to a unix socket', async () => {
    await using rig = await Rig.create();
    await using _target = await serve(hello, join(rig.dir, 'web.sock'));
    const { code, stdout } = await rig.run(['load', 'http://web/', '--unix', 'web.sock', '-n', '10']);
    expect(stdout).toContain('PASSED');
    expect(code).toBe(0);
  });

  test('goes through stages, its rate measured in each second', async () => {
    await using rig = await Rig.create();
    await using target = await serve(hello);
    const { stdout } = await rig.run(['load', target.url, '--stages', '1s:20/s,1s:60/s-20/s', '--json']);
    const result = resultIn(stdout);
    expect(result.mode).toBe('open');
    expect(result.counts.scheduled).toBe(60);
  });

  test('watches a process of the target', async () => {
    await using rig = await Rig.create();
    await using target = await serve(hello);
    const { code, stdout } = await rig.run([
      ...[
        'load',
        target.url,
        '-n',
        '100',
        '--pid',
        String(process.pid),
        '--threshold',
        'target.rss.peak > 1MB',
      ],
    ]);
    expect(stdout).toMatch(/\n {2}target +\S+ m?s CPU .*\n +memory .* MB → .*\n +threads \d+ → /);
    expect(code).toBe(0);
  });

  test('ends early once a condition holds', async () => {
    await using rig = await Rig.create();
    await using target = await serve((_, response) => {
      response.statusCode = 503;
      response.end();
    });
    const { code, stdout } = await rig.run([
      ...[
        'load',
        target.url,
        '-r',
        '50',
        '-d',
        '1h',
        '--abort-on',
        'errors > 10%',
        '--threshold',
        'errors <= 100%',
      ],
    ]);
    expect(stdout).toContain('FAILED  stopped early because "errors > 10%" was true: errors is ');
    expect(code).toBe(1);
  });

  test('in which nothing was as demanded does no work, however much is tolerated', async () => {
    await using rig = await Rig.create();
    await using target = await serve((_, response) => {
      response.statusCode = 503;
      response.end();
    });
    const { code, stdout } = await rig.run(['load', target.url, '-n', '20', '--threshold', 'failed <= 100%']);
    expect(stdout).toContain(
      'FAILED  no request was answered as expected, and all 20 failures are tolerated',
    );
    expect(stdout).toContain('answered 503, expected 200–299');
    expect(code).toBe(1);
  });

  test('writes its windows as CSV and as an HDR log', async () => {
    await using rig = await Rig.create();
    await using target = await serve(hello);
    const { code } = await rig.run([
      'load',
      target.url,
      '-n',
      '20',
      '--csv',
      'load.csv',
      '--hlog',
      'load.hlog',
    ]);
    expect(code).toBe(0);
    const [head, row] = rig.read('load.csv').split('\n');
    expect(head).toMatch(/^atMs,durationMs,phase,scheduled,completed,/);
    expect(row).toMatch(/^0,[\d.]+,measured,20,20,/);
    const reader = new HistogramLogReader(rig.read('load.hlog'));
    expect(reader.nextIntervalHistogram()?.totalCount).toBe(20);
  });

  test('to a disk that is full, keeps its verdict and says what is not complete', async () => {
    await using rig = await Rig.create();
    await using target = await serve(hello);
    const { code, stdout, stderr } = await rig.run(['load', target.url, '-n', '20', '--csv', '/dev/full']);
    expect(stderr).toContain('the report in /dev/full is not complete: ENOSPC');
    expect(stdout).toContain('PASSED');
    expect(code).toBe(3);
  });
});

describe('over TLS', () => {
  /** A server of HTTP/1.1 and HTTP/2, whose certificate is its own authority. */
  async function secure(rig: Rig): Promise<{ readonly url: string } & AsyncDisposable> {
    const files = ['-keyout', join(rig.dir, 'key.pem'), '-out', join(rig.dir, 'cert.pem')];
    const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', ['req', '-x509', ...key, ...files, ...name], { stdio: 'ignore' });
    const options = { key: rig.read('key.pem'), cert: rig.read('cert.pem'), allowHTTP1: true };
    const server = createSecureServer(options, (_, response) => response.end('hello'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      url: `https://localhost:${(server.address() as AddressInfo).port}/`,
      [Symbol.asyncDispose]: async () => {
        server.close();
      },
    };
  }

  const trusting = [
    { args: [], code: 1, says: 'self-signed certificate' },
    {
      args: [],
      code: 1,
      says: 'with --ca FILE (in a suite: `ca`), or accept any certificate with --insecure',
    },
    { args: ['--insecure'], code: 0, says: '20 completed' },
    { args: ['--ca', 'cert.pem'], code: 0, says: '20 completed' },
    { args: ['--ca', 'cert.pem', '--server-name', 'other'], code: 1, says: "not in the cert's altnames" },
    { args: ['--ca', 'cert.pem', '--http2', '--streams', '4'], code: 0, says: '20 completed' },
  ];
  test.each(inTurn(trusting, 3))('with $args', async ({ args, code, says }) => {
    await using rig = await Rig.create();
    await using target = await secure(rig);
    const run = await rig.run(['load', target.url, '-n', '20', ...args]);
    expect(run.stdout).toContain(says);
    expect(run.code).toBe(code);
  });
});

describe('an interrupted run', () => {
  test.each(inTurn(['SIGINT', 'SIGTERM'] as const))(
    'by %s ends early, still reports, and ends as by its signal',
    async (sent) => {
      await using rig = await Rig.create();
      let asked = 0;
      let reached = (): void => {};
      const enough = new Promise<void>((resolve) => {
        reached = resolve;
      });
      await using target = await serve((_, response) => {
        asked += 1;
        if (asked === 20) reached();
        response.end('hello');
      });
      const run = rig.start(['load', target.url, '-r', '100', '-d', '1h', '--csv', 'load.csv']);
      await enough;
      run.kill(sent);
      const { signal, stdout } = await run.exit();
      expect(signal).toBe(sent);
      expect(stdout).toMatch(/requests +\d+ due: \d+ completed/);
      expect(stdout).toMatch(/\nINCONCLUSIVE {2}/);
      expect(stdout).toContain(`  the load was interrupted by ${sent}\n`);
      expect(rig.read('load.csv').split('\n').length).toBeGreaterThan(1);
    },
  );
});

test('a run that is interrupted before any answer has not failed', async () => {
  await using rig = await Rig.create();
  let asked = (): void => {};
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  await using target = await serve(() => asked());
  const run = rig.start(['load', target.url, '-r', '100', '-d', '1h', '--timeout', '1h']);
  await isAsked;
  run.kill('SIGINT');
  const { stdout } = await run.exit();
  expect(stdout).toMatch(/\nINCONCLUSIVE {2}the load was interrupted by SIGINT/);
});

describe('what is wrong with the command line is told before anything is sent', () => {
  test.each(
    inTurn<[string, string[], RegExp]>(
      [
        ['no URL', [], /missing required argument 'url'/],
        [
          'no scheme',
          ['localhost:8001'],
          /"localhost:8001" is not a URL: it has no scheme\n {2}write http:\/\/localhost:8001/,
        ],
        ['an unknown scheme', ['ftp://localhost/'], /has the scheme ftp, .*\n {2}http and https are/],
        ['a misspelt scheme', ['htp://localhost/'], /did you mean http:\/\/localhost\/\?/],
        ['no host', ['http://'], /"http:\/\/" is not a URL/],
        [
          'an unknown name',
          ['http://no-such-host.invalid/'],
          /the name no-such-host\.invalid does not resolve/,
        ],
        [
          'a rate of 0',
          ['URL', '--rate', '0'],
          /'0' is invalid\. A rate is a number of requests a second above 0/,
        ],
        ['a rate in words', ['URL', '--rate', 'fast'], /'fast' is invalid/],
        ['a tunnel', ['URL', '--method', 'CONNECT'], /--method: CONNECT asks a proxy for a tunnel/],
        [
          'a tunnel in a mix',
          ['URL', '--request', 'CONNECT /a'],
          /--request: CONNECT asks a proxy for a tunnel/,
        ],
        ['no connection', ['URL', '--connections', '0'], /whole number from 1/],
        [
          'a report of a suite',
          ['URL', '--report', 'junit=x.xml'],
          /no --report: --json .*--csv FILE and --hlog FILE/,
        ],
        ['nothing for a socket', ['URL', '--unix', ''], /'--unix <path>' argument '' is invalid/],
        [
          'a duration without a unit',
          ['URL', '--duration', '5'],
          /"5" is not a duration; write it as 500ms, 5s/,
        ],
        ['no duration', ['URL', '--duration', '0s'], /longer than zero/],
        ['a stage that is none', ['URL', '--stages', '5s'], /"5s" is not a stage\n {2}stages are written as/],
        ['stages of both kinds', ['URL', '--stages', '5s:10,5s:10/s'], /mixes connections and rates/],
        ['stages of nothing', ['URL', '--stages', '5s:0'], /every level is 0/],
        [
          'a time and a number',
          ['URL', '-d', '5s', '-n', '5'],
          /--duration and --requests contradict each other/,
        ],
        ['arrivals without a rate', ['URL', '--arrivals', 'poisson'], /--arrivals needs a rate/],
        [
          'unknown arrivals',
          ['URL', '-r', '5', '--arrivals', 'random'],
          /Allowed choices are constant, poisson/,
        ],
        ['more workers than connections', ['URL', '-c', '2', '--workers', '3'], /at most --workers 2/],
        ['a column without data', ['URL/{{id}}'], /\{\{id\}\} names no column\n {2}there is no --data/],
        [
          'a misspelt column',
          ['URL/{{nme}}', '--data', 'people.csv'],
          /did you mean \{\{name\}\}\? the columns of people\.csv are id, name/,
        ],
        ['a column in the body', ['URL', '--body', '{{x}}'], /\{\{x\}\} names no column/],
        ['a table with a gap', ['URL', '--data', 'gap.csv'], /row 1 has 1 values, the header has 2/],
        ['no table', ['URL', '--data', 'none.csv'], /--data: none\.csv cannot be read: ENOENT/],
        ['no body', ['URL', '--body-file', 'none'], /--body-file: none cannot be read: ENOENT/],
        ['a body that is no JSON', ['URL', '--body-json', '{'], /--body-json is not valid JSON/],
        ['two bodies', ['URL', '--body', 'a', '--body-json', '{}'], /--body and --body-json contradict/],
        [
          'a method in a mix',
          ['URL', '--request', 'GET /', '-X', 'PUT'],
          /--request and --method contradict/,
        ],
        ['a request that is none', ['URL', '--request', 'GET'], /--request "GET" is not a request/],
        ['a header that is none', ['URL', '-H', 'nothing'], /--header "nothing" is not a header/],
        [
          'two ways to authenticate',
          ['URL', '--user', 'a:b', '--bearer', 'c'],
          /--user and --bearer contradict/,
        ],
        ['no password', ['URL', '--user', 'a'], /write it as --user NAME:PASSWORD/],
        ['a status that is none', ['URL', '--expect-status', '20x'], /"20x" is not a status/],
        ['a regex that is none', ['URL', '--expect-body', '/(/'], /Invalid regular expression/],
        ['a path without a value', ['URL', '--expect-json', 'a.b'], /write it as path=value/],
        [
          'a regular expression for a value',
          ['URL', '--expect-json', 'a.b=/x+/'],
          /by --expect-body \/x\+\//,
        ],
        [
          'TLS on a plain URL',
          ['URL', '--insecure'],
          /--insecure has no effect without TLS\n {2}TLS needs a URL that begins with https:/,
        ],
        ['half a certificate', ['https://127.0.0.1/', '--cert', 'people.csv'], /--cert needs its --key/],
        [
          'pipelining without keep-alive',
          ['URL', '--pipelining', '4', '--no-keep-alive'],
          /--no-keep-alive and --pipelining contradict/,
        ],
        ['streams without HTTP/2', ['URL', '--streams', '4'], /--streams needs --http2/],
        ['an address that is none', ['URL', '--source', 'here'], /--source: "here" is not an address/],
        [
          'a process that is none',
          ['URL', '--pid', '2147483647'],
          /--pid 2147483647: there is no such process/,
        ],
        ['a file that cannot be', ['URL', '--csv', '/dev/null/x'], /--csv: \/dev\/null\/x cannot be written/],
        [
          'a threshold',
          ['URL', '-t', 'p99 < 50'],
          /--threshold:1:7: .*\n {2}1 \| p99 < 50\n {4}\| {7}\^\^\n {2}write a time such as 50ms/,
        ],
        [
          'a misspelt metric',
          ['URL', '--abort-on', 'erors > 1%'],
          /--abort-on:1:1: there is no metric "erors"\n.*\n.*\n {2}did you mean "errors"\?/,
        ],
        [
          'a line break from data in a header',
          ['URL', '--data', 'crlf.csv', '-H', 'X-Note: {{note}}'],
          /row 1 of crlf\.csv: "note" has a line break at character 6, which the header X-Note cannot hold/,
        ],
        [
          'a line break in a token',
          ['URL', '--bearer', 'a\r\nX: y'],
          /--bearer: no header can hold it: it has a line break/,
        ],
        [
          'a name that is no column',
          ['URL', '--data', 'people.csv', '--body', '{{first name}}'],
          /\{\{first name\}\} names no column/,
        ],
        [
          'a name that is no column in a mix',
          ['URL', '--data', 'people.csv', '--request', 'GET /{{first name}} {{x y}}'],
          /\{\{first name\}\} names no column[\s\S]*\{\{x y\}\} names no column/,
        ],
        [
          'a password that is not encoded',
          ['http://a%zz:b@127.0.0.1/'],
          /is not encoded as in a URL\n {2}write % as %25/,
        ],
        [
          'a length that lies',
          ['URL', '--body', 'hello', '-H', 'Content-Length: 3'],
          /is not the length of the body/,
        ],
        ['an unknown option', ['URL', '--thresold', 'x'], /Did you mean --threshold\?/],
      ],
      8,
    ),
  )('%s', async (_, args, message) => {
    await using rig = await Rig.create();
    let asked = 0;
    await using target = await serve((_, response) => {
      asked += 1;
      response.end();
    });
    rig.write('people.csv', 'id,name\n1,Ada\n');
    rig.write('gap.csv', 'id,name\n1\n');
    rig.write('crlf.csv', 'id,note\n1,"first\r\nX-Admin: yes"\n');
    const words = args.map((word) => word.replace(/^URL/, target.url));
    const { code, stdout, stderr } = await rig.run(['load', ...words]);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^(?:error|shakedown): /);
    expect(stdout).toBe('');
    expect(code).toBe(2);
    expect(asked).toBe(0);
  });

  test('all of it at once', async () => {
    await using rig = await Rig.create();
    const { code, stderr } = await rig.run([
      ...[
        'load',
        'http://localhost/{{a}}',
        '--arrivals',
        'poisson',
        '--body-file',
        'none',
        '--threshold',
        'p9 < 1s',
      ],
    ]);
    expect(stderr.match(/^shakedown: /gm)).toHaveLength(4);
    expect(code).toBe(2);
  });
});

describe('on a terminal', () => {
  test('a live view is drawn, and gives way to the report', async () => {
    await using rig = await Rig.create();
    await using target = await serve(hello);
    const run = rig.startInTerminal(['load', target.url, '-c', '1', '-d', '2500ms', '--warmup', '500ms']);
    await run.output(/warming up/);
    await run.output(/measuring/);
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    expect(stdout.startsWith(HIDE_CURSOR) || stdout.includes(HIDE_CURSOR)).toBe(true);
    expect(stdout.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(stdout.lastIndexOf(HIDE_CURSOR));
    const text = stripVTControlCharacters(stdout);
    expect(text).toMatch(/rate +[\d,]+\/s +[▁-█]/);
    expect(text).toMatch(/\d+ ms left|[\d.]+ s left/);
    // What comes after the last erased frame is the report alone.
    const after = stripVTControlCharacters(stdout.slice(stdout.lastIndexOf(`${ESC}[J`)));
    expect(after).not.toContain('in flight');
    expect(after).toContain('PASSED');
  });

  test.each([
    { env: { CI: 'true' }, live: false, color: true },
    { env: { NO_COLOR: '1' }, live: true, color: false },
    { env: { TERM: 'dumb' }, live: false, color: false },
  ])('with $env: live $live, colour $color', async ({ env, live, color }) => {
    await using rig = await Rig.create();
    await using target = await serve(hello);
    const { code, stdout } = await rig.startInTerminal(['load', target.url, '-n', '20'], env).exit();
    expect(code).toBe(0);
    expect(stdout.includes(HIDE_CURSOR)).toBe(live);
    expect(COLOR.test(stdout)).toBe(color);
  });
});

test('the help tells every group of options, and examples', async () => {
  await using rig = await Rig.create();
  const { code, stdout } = await rig.run(['load', '--help']);
  for (const group of [
    'How much:',
    'What to send:',
    'How to connect:',
    'What to check:',
    'What to output:',
    'Examples:',
  ])
    expect(stdout).toContain(`\n${group}\n`);
  expect(stdout).not.toContain('default: []');
  expect(code).toBe(0);
});

test('its options are completed', async () => {
  await using rig = await Rig.create();
  const { code, stdout } = await rig.run(['complete', '--', 'load', '--thr']);
  expect(stdout).toContain('--threshold');
  expect(code).toBe(0);
});
