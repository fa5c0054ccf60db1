/** Agents on newer versions of Node than that of the command line. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Cluster, lackingServer } from '../rig/cluster.ts';
import { CountingTarget } from '../rig/counting-target.ts';
import { CLI, Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';

const INSTALL = join(import.meta.dirname, '../../scripts/other-node.sh');
const VERSIONS = ['22', '24', '26'];

describe.skipIf(lackingServer !== undefined || !isThorough)('agents on other versions of Node', () => {
  test(`those on Node ${VERSIONS.join(', ')} send their parts of one load`, async () => {
    await using rig = await Rig.create();
    const cluster = await Cluster.open(rig);
    await using target = await CountingTarget.open();
    const env = { ...process.env, TMPDIR: rig.dir };
    for (const version of VERSIONS) {
      const node = join(execFileSync('sh', [INSTALL, version], { encoding: 'utf8', env }).trim(), 'node');
      expect(execFileSync(node, ['--version'], { encoding: 'utf8' })).toMatch(`v${version}.`);
      const agent = rig.startProgram([node, CLI, 'agent', '--join', cluster.address, '--name', version]);
      await agent.output(/ready/);
    }
    const flags = ['--agents', String(VERSIONS.length), '--rate', '100', '--duration', '3s'];
    const end = await Cluster.end(cluster.load(target.url, ...flags));
    expect(end, end.stderr).toMatchObject({ code: 0, result: { verdict: 'passed' } });
    expect(end.result?.agents?.map(({ name }) => name).sort()).toEqual(VERSIONS);
    expect(target.count).toBe(300);
    // Each Node is fetched from the registry.
  }, 600_000);
});
