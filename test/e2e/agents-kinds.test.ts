/** What agents can be told to send: names, users, WebSockets, streams, arrivals by chance. The target has a count of its own. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import type { LoadPlan, LoadResult } from '../../src/core/load.ts';
import { parseThreshold } from '../../src/core/threshold.ts';
import { dataConverter } from '../../src/distributed/codec.ts';
import { poolQueue, type RunInput, type RunOutcome, WORKFLOW } from '../../src/distributed/protocol.ts';
import { hashOf } from '../../src/distributed/seat.ts';
import { judgeMerged, measuredAtAbort } from '../../src/load/index.ts';
import { Cluster, lackingServer } from '../rig/cluster.ts';
import { Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';
import { eventServer, webSockets } from '../unit/load/channel/servers.ts';
import { closed, forMs, get, httpServer, open, planFor } from '../unit/load/plans.ts';
import { doing, json, step } from '../unit/load/session/world.ts';

const POOL = 'kinds';
const { version } = manifest;

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

const threshold = (text: string) => {
  const parsed = parseThreshold(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
};

/** Every request of a name is accounted for: what was under way at the end may not have reached the target. */
function expectAccounted({ byName }: LoadResult, name: string, had = 0): void {
  const counts = byName.find((each) => each.name === name)?.counts;
  const { completed = 0, failed = 0, inFlightAtEnd = 0 } = counts ?? {};
  expect(had, name).toBeGreaterThanOrEqual(completed + failed);
  expect(had, name).toBeLessThanOrEqual(completed + failed + inFlightAtEnd);
}

/** Has agents carry out a plan that the command line has no words for. */
async function carriedOut(plan: LoadPlan, { address }: Cluster): Promise<LoadResult> {
  const connection = await Connection.connect({ address });
  const { workflow } = new Client({ connection, dataConverter });
  const input: RunInput = {
    ...{ version, plan, pieces: [], planHash: hashOf(plan), agents: 2, attendWithinMs: 60_000 },
  };
  const outcome = (await workflow.execute(WORKFLOW, {
    ...{ workflowId: `kinds-${randomUUID()}`, taskQueue: poolQueue(POOL), args: [input] },
  })) as RunOutcome;
  await connection.close();
  if (outcome.type !== 'measured') throw new Error(JSON.stringify(outcome));
  const { merged, atAbort } = outcome;
  const agents = outcome.agents.map(({ why: _, ...fate }) => fate);
  const at = atAbort === null ? undefined : measuredAtAbort(plan, atAbort);
  return judgeMerged(plan, merged, agents, { version, measuredAtAbort: at, interruptedBy: undefined });
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

  const carryOut = (url: string, more: Partial<LoadPlan>): Promise<LoadResult> =>
    carriedOut(planFor(url, more), cluster);

  test('several names whose arrivals are left to chance, and a bound on one of them', async () => {
    await using target = await counting();
    const result = await carryOut(target.url, {
      model: { ...open(100, 50), arrivals: 'poisson' } as LoadPlan['model'],
      limit: forMs(2000),
      requests: [
        { ...get('/a'), name: 'a', weight: 3 },
        { ...get('/b'), name: 'b', weight: 1 },
      ],
      thresholds: [threshold('p99{a} < 20s')],
    });
    expect(result).toMatchObject({ verdict: 'passed', thresholds: [{ holds: true }] });
    for (const name of ['a', 'b']) expectAccounted(result, name, target.counts[`/${name}`]);
    // By chance, but not by more than that: five standard deviations.
    expect(Math.abs(result.counts.scheduled - 200)).toBeLessThan(5 * Math.sqrt(200));
    expect(result.agents?.map(({ sent: own }) => own > 40)).toEqual([true, true]);
  });

  test('users who log in and then go their way, each with what it was told', async () => {
    await using target = await counting();
    const result = await carryOut(target.url, {
      ...doing({
        users: 6,
        before: [step('/login', { name: 'login' })],
        steps: [
          step('/orders', { name: 'create', captures: [json('order', 'id')] }),
          step('/orders/{{order}}', { name: 'read', think: [5, 10] }),
        ],
      }),
      model: closed(6),
      limit: forMs(2000),
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
    const result = await carryOut(target.url, {
      model: open(200, 50),
      limit: forMs(60_000),
      requests: [
        { ...get('/a'), name: 'a', weight: 9 },
        { ...get('/b'), name: 'b', weight: 1 },
      ],
      abortOn: [threshold('errors{b} > 50%')],
    });
    expect(result).toMatchObject({ verdict: 'failed', ended: 'aborted' });
    expect(result.durationMs).toBeLessThan(30_000);
    for (const name of ['a', 'b']) expectAccounted(result, name, target.counts[`/${name}`]);
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
