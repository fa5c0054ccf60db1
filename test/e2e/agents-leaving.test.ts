/** Agents that are told to end at awkward moments: what they have measured is not lost, and they end. */
import { once } from 'node:events';
import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cluster, type Loaded, lackingServer } from '../rig/cluster.ts';
import { CountingTarget } from '../rig/counting-target.ts';
import { Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';
import { httpServer } from '../unit/load/plans.ts';

const fates = ({ result }: Loaded): string[] => (result?.agents ?? []).map(({ fate }) => fate).sort();
const codes = ({ result }: Loaded): string[] => (result?.findings ?? []).map(({ code }) => code);

const OK = 0;
const RESOURCE_EXHAUSTED = 8;

/** Speaks as much gRPC as it takes to be taken for a server of Temporal that refuses to be asked for tasks. */
async function refusing(): Promise<Http2Server & AsyncDisposable> {
  const server = createServer();
  server.on('stream', (stream, headers) => {
    const status = /\/Poll/.test(headers[':path'] ?? '') ? RESOURCE_EXHAUSTED : OK;
    stream.resume();
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status) }));
    // An empty message, where there is one at all.
    stream.end(status === OK ? Buffer.alloc(5) : undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(server, { [Symbol.asyncDispose]: async () => void server.close() });
}

test.runIf(isThorough)('an agent that its server always refuses ends all the same', async () => {
  await using rig = await Rig.create();
  await using server = await refusing();
  const { port } = server.address() as AddressInfo;
  const agent = rig.start(['agent', '--join', `127.0.0.1:${port}`]);
  await agent.output(/ready/);
  agent.kill('SIGTERM');
  expect(await agent.exit()).toMatchObject({ signal: 'SIGTERM' });
});

describe.runIf(isThorough && lackingServer === undefined)(`agents that leave ${lackingServer ?? ''}`, () => {
  let rig: Rig;
  let cluster: Cluster;

  beforeAll(async () => {
    rig = await Rig.create();
    cluster = await Cluster.open(rig);
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  test('one whose heartbeats were missed is asked once more, also if it is to leave by then', async () => {
    await using target = await CountingTarget.open();
    const agents = await cluster.agents(['a', 'b'], '--pool', 'stopped');
    const flags = ['--pool', 'stopped', '--agents', '2', '--rate', '100', '--duration', '40s'];
    const running = cluster.load(target.url, ...flags, '--threshold', 'p99 < 30s');
    await target.has(100);
    agents[1]?.kill('SIGSTOP');
    // It misses its heartbeat, so that the server forgets what it was asked first.
    await running.output(/silent: b, part/);
    await delay(2500);
    agents[1]?.kill('SIGTERM');
    agents[1]?.kill('SIGCONT');
    const end = await Cluster.end(running);
    expect(fates(end), end.stderr).toEqual(['finished', 'left']);
    expect(codes(end)).toContain('agent-ended-early');
    expect(end.result?.findings.map(({ message }) => message).join('\n')).toMatch(
      /1 of 2 agents ended before the load did: b on \S+, part [12] \(.*SIGTERM\)/,
    );
    const { completed = 0, inFlightAtEnd = 0 } = end.result?.counts ?? {};
    expect(target.count).toBeGreaterThanOrEqual(completed);
    expect(target.count).toBeLessThanOrEqual(completed + inFlightAtEnd);
    expect(await agents[1]?.exit()).toMatchObject({ signal: 'SIGTERM' });
  });

  test('one that is to leave while users log in has left, and is not silent', async () => {
    let isAsked = (): void => {};
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    await using target = await httpServer(async (request, response) => {
      request.resume();
      isAsked();
      if (request.url === '/login') await delay(3000);
      response.end();
    });
    const agents = await cluster.agents(['c', 'd'], '--pool', 'preparing');
    const agentsWords = { count: 2, join: cluster.address, pool: 'preparing' };
    const words = {
      ...{ url: target.url, users: 4, connections: 4, duration: '3s', agents: agentsWords },
      ...{ before: { get: '/login' }, steps: [{ get: '/' }] },
    };
    rig.install();
    rig.write(
      'load.mjs',
      `import { runLoad } from 'shakedown'; console.log(JSON.stringify(await runLoad(${JSON.stringify(words)})));`,
    );
    const running = rig.startScript('load.mjs');
    await asked;
    agents[0]?.kill('SIGTERM');
    const { stdout, stderr } = await running.exit();
    const result = JSON.parse(stdout) as NonNullable<Loaded['result']>;
    expect(result.agents?.map(({ fate }) => fate).sort(), stderr).toEqual(['finished', 'left']);
    expect(result.verdict).toBe('inconclusive');
  });
});
