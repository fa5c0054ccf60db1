/** Agents on hosts of their own, behind routers that translate their addresses: the server and the target are elsewhere. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Authority } from '../rig/certificates.ts';
import { Cluster, lackingCommand } from '../rig/cluster.ts';
import { Hosts, lackingHosts } from '../rig/hosts.ts';
import { CLI, Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/cluster');
const AGENTS = 4;
const lacking = lackingCommand ?? lackingHosts;

describe.runIf(isThorough && lacking === undefined)(`agents apart ${lacking ?? ''}`, () => {
  test('each sends its part over a network of its own, and every request is accounted for', async () => {
    await using rig = await Rig.create();
    await using hosts = await Hosts.open(AGENTS);
    using authority = new Authority();
    const [cert, key] = authority.issue(hosts.address);
    const [own, ownKey] = authority.issue('agent');
    const pem = { ca: authority.certificate, cert, key, own, ownKey };
    for (const [name, text] of Object.entries(pem)) rig.write(`${name}.pem`, text);
    const cluster = await Cluster.open(rig, hosts.hub.enter);
    const listen = async (program: string, ...words: readonly string[]) => {
      const run = cluster.start([process.execPath, join(FIXTURES, program), hosts.address, ...words]);
      await run.output(/open at \d+\n/);
      return { run, at: `${hosts.address}:${/at (\d+)/.exec(run.stdout)?.[1]}` };
    };
    const gate = await listen('gate.mjs', '0', String(cluster.port), rig.dir);
    const counter = await listen('counter.mjs');
    const agents = hosts.others.map(({ enter }, index) => {
      const tls = ['--tls-ca', 'ca.pem', '--tls-cert', 'own.pem', '--tls-key', 'ownKey.pem'];
      const flags = ['--join', gate.at, ...tls, '--allow-target', counter.at, '--name', `host-${index}`];
      const [program = '', ...words] = [...enter, process.execPath, CLI, 'agent', ...flags];
      return rig.startProgram([program, ...words]);
    });
    await Promise.all(agents.map((agent) => agent.output(/ready/)));

    const flags = ['--agents', String(AGENTS), '--rate', '400', '--duration', '3s'];
    const end = await Cluster.end(cluster.load(`http://${counter.at}/`, ...flags));
    expect(end, end.stderr).toMatchObject({ code: 0, result: { verdict: 'passed' } });
    expect(end.result?.counts).toMatchObject({ scheduled: 1200, completed: 1200 });
    expect(end.result?.agents?.map(({ sent }) => sent)).toEqual([300, 300, 300, 300]);
    counter.run.kill('SIGTERM');
    const counts = JSON.parse((await counter.run.exit()).stdout.split('\n')[1] ?? '') as Record<
      string,
      number
    >;
    // By the addresses of their routers.
    expect(Object.values(counts)).toEqual([300, 300, 300, 300]);

    for (const agent of agents) agent.kill('SIGTERM');
    await Promise.all(agents.map((agent) => agent.exit()));
    await cluster.killServer();
    gate.run.kill('SIGKILL');
    await gate.run.exit();
  });
});
