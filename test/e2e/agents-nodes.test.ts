/** Agents on newer versions of Node than that of the command line. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Cluster, lackingServer } from '../rig/cluster.ts';
import { CLI, Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';

const INSTALL = join(import.meta.dirname, '../../scripts/other-node.sh');
const VERSIONS = ['22', '24'];

describe.skipIf(lackingServer !== undefined || !isThorough)('agents on other versions of Node', () => {
  test(`those on Node ${VERSIONS.join(' and ')} send their parts of one load`, async () => {
    await using rig = await Rig.create();
    const cluster = await Cluster.open(rig);
    let count = 0;
    const target = createServer((_, response) => {
      count += 1;
      response.end('ok');
    }).listen(0, '127.0.0.1');
    await once(target, 'listening');
    const env = { ...process.env, TMPDIR: rig.dir };
    for (const version of VERSIONS) {
      const node = join(execFileSync('sh', [INSTALL, version], { encoding: 'utf8', env }).trim(), 'node');
      expect(execFileSync(node, ['--version'], { encoding: 'utf8' })).toMatch(`v${version}.`);
      const agent = rig.startProgram([node, CLI, 'agent', '--join', cluster.address, '--name', version]);
      await agent.output(/ready/);
    }
    const url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`;
    const flags = ['--agents', String(VERSIONS.length), '--rate', '100', '--duration', '3s'];
    const end = await Cluster.end(cluster.load(url, ...flags));
    expect(end, end.stderr).toMatchObject({ code: 0, result: { verdict: 'passed' } });
    expect(end.result?.agents?.map(({ name }) => name).sort()).toEqual(VERSIONS);
    expect(count).toBe(300);
    target.closeAllConnections();
    target.close();
    // Two Nodes are fetched from the registry.
  }, 600_000);
});
