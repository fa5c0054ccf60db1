/** Packages on agents whose server is away for a while. The agents are in the process of the test, which says when a trial is over. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Cluster, lackingCommand } from '../rig/cluster.ts';
import { type JsonReport, Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';
import { joinTrying } from '../rig/trying-agent.ts';

const PACKAGES = ['a', 'b', 'c', 'd'];
const POOL = 'away';
/** In milliseconds: the SDK drops a result that it cannot get to the server for ten seconds. */
const AWAY_FOR = 15_000;

test.runIf(isThorough && lackingCommand === undefined)(
  `trials that end while the server is away are collected, and none is tried twice ${lackingCommand ?? ''}`,
  async () => {
    await using rig = await Rig.create();
    const cluster = await Cluster.open(rig);
    const tried: string[] = [];
    const end = new AbortController();
    const ended = once(end.signal, 'abort');
    const tryPackage = async ({ package: name }: { readonly package: string }) => {
      tried.push(name);
      await ended;
      return { findings: [], durationMs: 1 };
    };
    const { address } = cluster;
    await using _agents = await joinTrying({ address, pool: POOL, names: ['one', 'two'], tryPackage });
    rig.write('list.txt', PACKAGES.join('\n'));
    const flags = ['--agents', '2', '--join', address, '--pool', POOL, '--report', 'json=away.json'];
    const run = rig.start(['package', '--list', 'list.txt', ...flags]);
    while (tried.length < 2) await delay(20);
    await cluster.killServer();
    end.abort();
    await delay(AWAY_FOR);
    await cluster.startServer();
    const { code, stdout } = await run.exit();
    expect(code, stdout).toBe(0);
    expect(tried.toSorted()).toEqual(PACKAGES);
    const { components } = JSON.parse(rig.read('away.json')) as JsonReport;
    expect(components.map(({ name, verdict, findings }) => ({ name, verdict, findings }))).toEqual(
      PACKAGES.map((name) => ({
        ...{ name, verdict: 'passed' },
        findings: [expect.objectContaining({ code: 'package-agent', lost: [] })],
      })),
    );
  },
);
