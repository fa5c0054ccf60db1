/** Packages a minute that agents try, with all of them on this machine, and a registry that is there as well. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { sampleTree } from '../../src/process/system/resources.ts';
import type { Cluster } from '../../test/rig/cluster.ts';
import { type Published, Registry } from '../../test/rig/registry.ts';
import type { Rig } from '../../test/rig/rig.ts';

/** Small ones: a program that has nothing to do, so that what is measured is what each package costs at least. */
const COUNT = 12;

function publish(rig: Rig, index: number): Published {
  const name = `tool-${index}`;
  rig.write(`${name}/package.json`, JSON.stringify({ name, version: '1.0.0', bin: 'tool.js' }));
  rig.write(`${name}/tool.js`, '#!/usr/bin/env node\n');
  const file = execFileSync('npm', ['pack', `./${name}`, '--silent'], { cwd: rig.dir, encoding: 'utf8' });
  return { name, version: '1.0.0', tarball: join(rig.dir, file.trim()) };
}

export interface PackagesMeasured {
  readonly agents: number;
  readonly packages: number;
  readonly seconds: number;
  readonly packagesAMinute: number;
  readonly serverCpuMs: number;
}

/** Starting the agents is no part of it. */
async function measureOf(
  rig: Rig,
  cluster: Cluster,
  agents: number,
  registry: string,
): Promise<PackagesMeasured> {
  const pool = `packages-of-${agents}`;
  const flags = ['--join', cluster.address, '--pool', pool];
  const envOf = (index: number): NodeJS.ProcessEnv => ({
    XDG_CACHE_HOME: join(rig.dir, `${pool}-${index}`),
    npm_config_cache: join(rig.dir, 'npm'),
    npm_config_registry: registry,
  });
  const all = Array.from({ length: agents }, (_, index) =>
    rig.start(['agent', ...flags, '--allow-packages'], envOf(index)),
  );
  await Promise.all(all.map((agent) => agent.output(/ready/)));
  const before = sampleTree(cluster.serverPid)?.cpuMs ?? 0;
  const startedAt = performance.now();
  const run = rig.start(['package', '--list', 'list.txt', '--agents', String(agents), ...flags, '--quiet']);
  const { code, stderr } = await run.exit();
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  const seconds = (performance.now() - startedAt) / 1000;
  const serverCpuMs = (sampleTree(cluster.serverPid)?.cpuMs ?? 0) - before;
  for (const agent of all) agent.kill('SIGTERM');
  await Promise.all(all.map((agent) => agent.exit()));
  const packagesAMinute = Math.round((COUNT / seconds) * 60);
  return { agents, packages: COUNT, seconds: Math.round(seconds), packagesAMinute, serverCpuMs };
}

/** @param counts how many agents, one measurement after another */
export async function* measurePackages(
  rig: Rig,
  cluster: Cluster,
  counts: readonly number[],
): AsyncGenerator<PackagesMeasured> {
  const published = Array.from({ length: COUNT }, (_, index) => publish(rig, index));
  await using registry = await Registry.start(published);
  rig.write('list.txt', published.map(({ name }) => name).join('\n'));
  for (const agents of counts) yield await measureOf(rig, cluster, agents, registry.url);
}
