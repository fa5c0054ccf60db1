/** Fifty agents, each with few connections. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Cluster, lackingServer } from '../rig/cluster.ts';
import { Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';

const AGENTS = 50;
const CONNECTIONS = 2 * AGENTS;
const RATE = 4 * AGENTS;
const REQUESTS = 20 * AGENTS;

describe.skipIf(lackingServer !== undefined || !isThorough)('many agents', () => {
  test('fifty agents send what one machine would, and end', async () => {
    await using rig = await Rig.create();
    const cluster = await Cluster.open(rig);
    let count = 0;
    const target = createServer((_, response) => {
      count += 1;
      response.end('ok');
    }).listen(0, '127.0.0.1');
    await once(target, 'listening');
    const url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`;
    const names = Array.from({ length: AGENTS }, (_, index) => `agent-${index}`);
    const agents = await cluster.agents(names, '--once');
    const end = await Cluster.end(
      cluster.load(
        url,
        ...['--agents', String(AGENTS), '--workers', '1', '--connections', String(CONNECTIONS)],
        // By their number: then it waits for the last answer, however slow the machine is.
        ...['--rate', String(RATE), '--requests', String(REQUESTS), '--wait-for-agents', '5m'],
      ),
    );
    expect(end, end.stderr).toMatchObject({ code: 0, result: { verdict: 'passed', ended: 'limit' } });
    expect(end.result?.counts).toMatchObject({ scheduled: REQUESTS, completed: REQUESTS });
    expect(count).toBe(REQUESTS);
    const sent = (end.result?.agents ?? []).map(({ part, fate, sent }) => ({ part, fate, sent }));
    expect(sent).toEqual(names.map((_, part) => ({ part, fate: 'finished', sent: REQUESTS / AGENTS })));
    for (const agent of agents) expect(await agent.exit(), agent.stderr).toMatchObject({ code: 0 });
    target.closeAllConnections();
    target.close();
  });
});
