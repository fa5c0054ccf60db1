/** Fifty agents, each with few connections. */
import { describe, expect, test } from 'vitest';
import { Cluster, lackingServer } from '../rig/cluster.ts';
import { CountingTarget } from '../rig/counting-target.ts';
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
    await using target = await CountingTarget.open();
    const names = Array.from({ length: AGENTS }, (_, index) => `agent-${index}`);
    const agents = await cluster.agents(names, '--once');
    const end = await Cluster.end(
      cluster.load(
        target.url,
        ...['--agents', String(AGENTS), '--workers', '1', '--connections', String(CONNECTIONS)],
        // By their number: then it waits for the last answer, however slow the machine is.
        ...['--rate', String(RATE), '--requests', String(REQUESTS), '--wait-for-agents', '5m'],
      ),
    );
    expect(end, end.stderr).toMatchObject({ code: 0, result: { verdict: 'passed', ended: 'limit' } });
    expect(end.result?.counts).toMatchObject({ scheduled: REQUESTS, completed: REQUESTS });
    expect(target.count).toBe(REQUESTS);
    const sent = (end.result?.agents ?? []).map(({ part, fate, sent }) => ({ part, fate, sent }));
    expect(sent).toEqual(names.map((_, part) => ({ part, fate: 'finished', sent: REQUESTS / AGENTS })));
    for (const agent of agents) expect(await agent.exit(), agent.stderr).toMatchObject({ code: 0 });
  });
});
