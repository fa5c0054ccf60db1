/** What agents can be told to send: names, users, WebSockets, streams, arrivals by chance. The target has a count of its own. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoadResult } from '../../src/core/load.ts';
import type * as Library from '../../src/index.ts';
import { Cluster, lackingServer } from '../rig/cluster.ts';
import { Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';
import { eventServer, webSockets } from '../unit/load/channel/servers.ts';
import { httpServer } from '../unit/load/plans.ts';

const POOL = 'kinds';
const library = new URL('../../dist/index.js', import.meta.url).href;
const { runLoad } = (await import(library)) as typeof Library;

type Words = Omit<Library.RunLoadOptions, 'url' | 'agents'>;

/** Counts requests by their paths, without numbers, and fails some. */
async function counting(fails: RegExp = /^$/) {
  const counts: Record<string, number> = {};
  let last = 0;
  const server = await httpServer((request, response) => {
    request.resume();
    const path = request.url?.replace(/\d+/, 'N') ?? '';
    counts[path] = (counts[path] ?? 0) + 1;
    last += 1;
    response.statusCode = fails.test(path) ? 500 : 200;
    response.end(JSON.stringify({ id: last }));
  });
  return { ...server, counts };
}

/** Every request of a name is accounted for: what was under way at the end may not have reached the target. */
function expectAccounted({ byName }: LoadResult, name: string, had = 0): void {
  const counts = byName.find((each) => each.name === name)?.counts;
  const { completed = 0, failed = 0, inFlightAtEnd = 0 } = counts ?? {};
  expect(had, name).toBeGreaterThanOrEqual(completed + failed);
  expect(had, name).toBeLessThanOrEqual(completed + failed + inFlightAtEnd);
}

describe.runIf(isThorough && lackingServer === undefined)(`what agents send ${lackingServer ?? ''}`, () => {
  let rig: Rig;
  let cluster: Cluster;

  beforeAll(async () => {
    rig = await Rig.create();
    cluster = await Cluster.open(rig);
    await cluster.agents(['a', 'b'], '--pool', POOL);
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  const sent = (url: string, words: Words): Promise<LoadResult> =>
    runLoad({ url, ...words, agents: { count: 2, join: cluster.address, pool: POOL } });

  test('several names whose arrivals are left to chance, and a bound on one of them', async () => {
    await using target = await counting();
    const windows: number[] = [];
    const result = await sent(target.url, {
      ...{ rate: 100, connections: 50, arrivals: 'poisson', duration: '2s' },
      mix: [
        { name: 'a', get: '/a', weight: 3 },
        { name: 'b', get: '/b' },
      ],
      // Nothing that a busy machine leaves undecided: a generator that cannot keep up proves nothing about what the target uses.
      thresholds: ['p99{a} < 20s'],
      pid: process.pid,
      onWindow: ({ atMs }) => windows.push(atMs),
    });
    const told = JSON.stringify([result.findings, result.thresholds, result.resources, result.agents]);
    expect(result, told).toMatchObject({ verdict: 'passed', thresholds: [{ holds: true }] });
    for (const name of ['a', 'b']) expectAccounted(result, name, target.counts[`/${name}`]);
    // By chance, but not by more than that: five standard deviations.
    expect(Math.abs(result.counts.scheduled - 200)).toBeLessThan(5 * Math.sqrt(200));
    expect(result.agents?.map(({ sent: own }) => own > 40)).toEqual([true, true]);
    expect(result.resources?.rssBytes.peak).toBeGreaterThan(1_000_000);
    expect(result.resources?.threads.peak).toBeGreaterThan(0);
    // Each once, those included that were heard of in the end only.
    expect(windows).toEqual(result.windows.map(({ atMs }) => atMs));
  });

  test('users who log in and then go their way, each with what it was told', async () => {
    await using target = await counting();
    const result = await sent(target.url, {
      ...{ users: 6, duration: '2s' },
      before: { name: 'login', get: '/login' },
      steps: [
        { name: 'create', get: '/orders', capture: { order: 'json:id' } },
        { name: 'read', get: '/orders/{{order}}', think: ['5ms', '10ms'] },
      ],
    });
    expect(result.verdict).toBe('passed');
    expectAccounted(result, 'login', 6);
    expectAccounted(result, 'create', target.counts['/orders']);
    expectAccounted(result, 'read', target.counts['/orders/N']);
    expect(target.counts['/login']).toBe(6);
    const { completed = 0, inFlightAtEnd = 0, scheduled } = result.iterations ?? {};
    expect(completed).toBeGreaterThan(10);
    expect(completed + inFlightAtEnd).toBe(scheduled);
  });

  test('until a condition holds that only one name breaks', async () => {
    await using target = await counting(/^\/b/);
    const result = await sent(target.url, {
      ...{ rate: 200, connections: 50, duration: '60s' },
      mix: [
        { name: 'a', get: '/a', weight: 9 },
        { name: 'b', get: '/b' },
      ],
      abortOn: ['errors{b} > 50%'],
    });
    expect(result).toMatchObject({ verdict: 'failed', ended: 'aborted' });
    expect(result.durationMs).toBeLessThan(30_000);
    for (const name of ['a', 'b']) expectAccounted(result, name, target.counts[`/${name}`]);
  });

  test('until whoever began it has enough, and nothing of it is left in its process', async () => {
    await using target = await counting();
    const enough = new AbortController();
    const result = await sent(target.url, {
      ...{ rate: 100, connections: 50, duration: '10m' },
      signal: enough.signal,
      onWindow: () => enough.abort(),
    });
    expect(result).toMatchObject({ verdict: 'inconclusive', ended: 'interrupted' });
    expect(result.counts.completed).toBeGreaterThan(0);
  });

  test('nothing, if they are not what was asked for', async () => {
    await using target = await counting();
    const words = { requests: 40, thresholds: ['p99 < 1s'] };
    const nobody = await runLoad({
      ...{ url: target.url, ...words },
      agents: { count: 2, join: cluster.address, pool: 'nobody', waitForAgents: '1s' },
    });
    expect(nobody).toMatchObject({
      verdict: 'inconclusive',
      findings: [{ code: 'agents-missing' }],
      counts: { scheduled: 0 },
    });
    expect(nobody.findings[0]?.message).toContain('only 0 of 2 agents came within 1 s');
    const elsewhere = await sent('http://only.example/', words);
    expect(elsewhere.findings).toEqual([
      expect.objectContaining({ code: 'agents-refused', message: expect.stringMatching(/^agent [ab] on /) }),
      expect.objectContaining({ code: 'agents-refused' }),
    ]);
    expect(target.counts).toEqual({});
  });

  test('messages over WebSockets', async () => {
    let connections = 0;
    let messages = 0;
    await using target = await webSockets((socket) => {
      connections += 1;
      socket.on('message', (data) => {
        messages += 1;
        socket.send(data.toString());
      });
    });
    const flags = ['--pool', POOL, '--agents', '2', '--workers', '1', '--connections', '4'];
    const more = ['--send', 'message {{counter}}', '--requests', '400'];
    const end = await Cluster.end(cluster.load(target.url.replace('http', 'ws'), ...flags, ...more));
    expect(end, end.stderr).toMatchObject({ code: 0, result: { verdict: 'passed' } });
    expect(end.result?.counts).toMatchObject({ scheduled: 400, completed: 400 });
    expect([connections, messages]).toEqual([4, 400]);
    expect(end.result?.channel).toMatchObject({ opened: 4 });
  });

  test('streams of events', async () => {
    let streams = 0;
    let events = 0;
    await using target = await eventServer((response) => {
      streams += 1;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => {
        events += 1;
        response.write(`data: ${events}\n\n`);
      }, 50);
      response.on('close', () => clearInterval(timer));
    });
    const flags = ['--pool', POOL, '--agents', '2', '--workers', '1', '--connections', '4'];
    const end = await Cluster.end(cluster.load(target.url, ...flags, '--sse', '--duration', '2s'));
    expect(end, end.stderr).toMatchObject({ code: 0, result: { verdict: 'passed' } });
    expect([streams, end.result?.counts.scheduled]).toEqual([4, 4]);
    const { received = 0, opened } = end.result?.channel ?? {};
    expect(opened).toBe(4);
    // The last of each stream may be under way.
    expect(received).toBeGreaterThan(events * 0.75);
    expect(received).toBeLessThanOrEqual(events);
  });
});
