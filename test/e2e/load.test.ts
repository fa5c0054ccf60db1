/** `runLoad` as a library, from the package as it is built. */
import { describe, expect, test } from 'vitest';
import type { LoadResult } from '../../src/core/load.ts';
import type * as Library from '../../src/index.ts';
import { httpServer } from '../unit/load/plans.ts';

const library = new URL('../../dist/index.js', import.meta.url).href;
const { runLoad } = (await import(library)) as typeof Library;

/** What was found, but for the warning that this process, which has servers to run as well, was slow in sending. */
const told = ({ findings }: Pick<LoadResult, 'findings'>): string[] =>
  findings.flatMap(({ code, message }) => (code === 'generator-saturated' ? [] : [message]));

describe('runLoad', () => {
  test('sends, checks and measures', async () => {
    await using server = await httpServer((request, response) => response.end(`at ${request.url}`));
    const result = await runLoad({
      url: `${server.url}a?b`,
      connections: 4,
      requests: 200,
      expect: { status: 200, exactBody: 'at /a?b' },
      thresholds: ['errors == 0', 'p50 < 3600s'],
    });
    expect(result).toMatchObject({ verdict: 'passed', mode: 'closed', ended: 'limit' });
    expect(told(result)).toEqual([]);
    expect(result.counts).toMatchObject({ scheduled: 200, completed: 200, checked: 200 });
    expect(result.thresholds.map(({ holds }) => holds)).toEqual([true, true]);
    expect(result.version).toMatch(/^\d+\.\d+\.\d+/);
  });

  test('takes the words of a config, and watches the processes of the target', async () => {
    const seen = new Set<string>();
    await using server = await httpServer((request, response) => {
      seen.add(`${request.method} ${request.url} ${request.headers['x-number']}`);
      response.writeHead(201, { etag: '"1"' }).end('{"items":[{"id":7}]}');
    });
    const result = await runLoad({
      url: server.url,
      connections: 1,
      requests: 3,
      headers: { 'X-Number': '{{counter}}' },
      mix: [{ path: '/a/{{counter}}', body: { json: [1] }, method: 'PUT' }],
      expect: { status: '2xx', headers: { etag: true }, json: { 'items.0.id': 7 } },
      pid: process.pid,
      thresholds: ['target.rss.peak > 1MB'],
    });
    expect(told(result)).toEqual([]);
    expect([...seen]).toEqual(['PUT /a/1 1', 'PUT /a/2 2', 'PUT /a/3 3']);
    expect(result.resources?.threads.peak).toBeGreaterThan(1);
  });

  test.for([2, 3])('with %i threads sends exactly what one would', async (workers) => {
    const seen: number[] = [];
    await using server = await httpServer((request, response) => {
      seen.push(Number(request.url?.slice(1)));
      response.end('ok');
    });
    const result = await runLoad({ url: `${server.url}{{counter}}`, connections: 5, requests: 100, workers });
    expect(result.counts).toMatchObject({ scheduled: 100, completed: 100 });
    expect(result.latencyUs.response?.count).toBe(100);
    expect(new Set(seen).size).toBe(100);
    const paced = await runLoad({ url: server.url, rate: 200, requests: 100, workers });
    expect(paced.counts).toMatchObject({ scheduled: 100, completed: 100 });
    expect(paced.rate.offered).toBeCloseTo(200, 6);
  });

  test.for([1, 2])('is ended before its %i threads have begun', async (workers) => {
    let asked = 0;
    await using server = await httpServer((_, response) => {
      asked += 1;
      response.end('ok');
    });
    const signal = AbortSignal.abort();
    const result = await runLoad({ url: server.url, connections: 4, duration: '1h', workers, signal });
    expect(result).toMatchObject({ ended: 'interrupted', counts: { scheduled: 0 } });
    expect(asked).toBe(0);
  });

  test('fails where a threshold does not hold, and ends early where one is to end it', async () => {
    let answered = 0;
    await using server = await httpServer((_, response) => {
      answered += 1;
      response.writeHead(503).end();
    });
    const tolerant = await runLoad({
      url: server.url,
      requests: 20,
      thresholds: ['failed < 50%', 'p50 < 3600s'],
    });
    expect(told(tolerant)).toEqual([
      '20 requests of 20 failed: GET / answered 503, expected 200–299',
      '"failed < 50%" was not met: failed is 100 %',
    ]);
    answered = 0;
    const aborted = await runLoad({ url: server.url, rate: 20, duration: '1h', abortOn: ['errors > 10%'] });
    expect(aborted.ended).toBe('aborted');
    expect(aborted.verdict).toBe('failed');
    // Each is counted once, though the run was ended by who was being told of it.
    expect(aborted.counts.failed).toBeLessThanOrEqual(answered);
  });

  test.for([
    [{ url: 'localhost:80' }, /^url: "localhost:80" is not a URL: it has no scheme/],
    [{ url: 'ftp://localhost/' }, /^url: /],
    [{ url: 'http://localhost/', rate: 0 }, /^rate: .*more than 0/],
    [{ url: 'http://localhost/', duration: '5' }, /^duration: /],
    [
      { url: 'http://localhost/', duration: '5s', requests: 5 },
      /`duration` and `requests` contradict each other/,
    ],
    [{ url: 'http://localhost/{{id}}' }, /^path: \{\{id\}\} names no column \(there is no `data`\)/],
    [{ url: 'http://localhost/', thresholds: ['p98 < 5ms'] }, /^thresholds\[0\]: .*p98/],
    [{ url: 'http://localhost/', pid: 2 ** 31 - 1 }, /^pid: there is no process 2147483647/],
    [{ url: 'http://localhost/', data: 'none.csv' }, /^data: `data`: none\.csv cannot be read/],
    [
      { url: 'http://localhost/', ca: 'none', user: 'a', bearer: 'b' },
      /`user` and `bearer` contradict[\s\S]*\n[\s\S]*`ca` has no effect without TLS/,
    ],
    [
      { url: 'http://localhost/', steps: () => null, agents: { count: 2, join: 'localhost:1' } },
      /^agents: this load cannot be divided: steps that a function chooses/,
    ],
    [
      { url: 'http://localhost/', agents: { count: 0, join: 'localhost:1' } },
      /^agents\.count: .*must be a whole number from 1 to 1000/,
    ],
    [{ url: 'http://localhost/', conections: 5 } as { url: string }, /conections/],
  ] as const)('refuses %o', async ([options, message]) => {
    await expect(runLoad(options)).rejects.toThrow(message);
  });
});
