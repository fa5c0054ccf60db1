/**
 * Packages a minute that agents try, with all of them on this machine: `node --import tsx bench/scale/packages.ts 1 2`. It needs a build,
 * and Temporal's command in SHAKEDOWN_TEMPORAL or the PATH.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleTree } from '../../src/process/system/resources.ts';
import { Cluster } from '../../test/rig/cluster.ts';
import { type Published, Registry } from '../../test/rig/registry.ts';
import { Rig } from '../../test/rig/rig.ts';

/** Small ones: a program that has nothing to do, so that what is measured is what each package costs at least. */
const COUNT = 12;

function publish(rig: Rig, index: number): Published {
  const name = `tool-${index}`;
  rig.write(`${name}/package.json`, JSON.stringify({ name, version: '1.0.0', bin: 'tool.js' }));
  rig.write(`${name}/tool.js`, '#!/usr/bin/env node\n');
  const file = execFileSync('npm', ['pack', `./${name}`, '--silent'], { cwd: rig.dir, encoding: 'utf8' });
  return { name, version: '1.0.0', tarball: join(rig.dir, file.trim()) };
}

const rig = await Rig.create();
const cluster = await Cluster.open(rig);
const published = Array.from({ length: COUNT }, (_, index) => publish(rig, index));
const registry = await Registry.start(published);
rig.write('list.txt', published.map(({ name }) => name).join('\n'));

const envOf = (name: string): NodeJS.ProcessEnv => ({
  XDG_CACHE_HOME: join(rig.dir, name),
  npm_config_cache: join(rig.dir, 'npm'),
  npm_config_registry: registry.url,
});

/** Tells how many packages a minute so many agents try. Starting the agents is no part of it. */
async function measure(agents: number): Promise<void> {
  const flags = ['--join', cluster.address, '--pool', `of-${agents}`];
  const all = Array.from({ length: agents }, (_, index) =>
    rig.start(['agent', ...flags, '--allow-packages'], envOf(`of-${agents}-${index}`)),
  );
  await Promise.all(all.map((agent) => agent.output(/ready/)));
  const before = sampleTree(cluster.serverPid)?.cpuMs ?? 0;
  const startedAt = performance.now();
  const run = rig.start(['package', '--list', 'list.txt', '--agents', String(agents), ...flags, '--quiet']);
  const { code, stderr } = await run.exit();
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  const seconds = (performance.now() - startedAt) / 1000;
  const serverCpuMs = (sampleTree(cluster.serverPid)?.cpuMs ?? 0) - before;
  const perMinute = Math.round((COUNT / seconds) * 60);
  process.stdout.write(
    `${JSON.stringify({ agents, packages: COUNT, seconds: Math.round(seconds), perMinute, serverCpuMs })}\n`,
  );
  for (const agent of all) agent.kill('SIGTERM');
  await Promise.all(all.map((agent) => agent.exit()));
}

const [, , ...given] = process.argv;
process.stdout.write(
  `node ${process.version}, load before ${readFileSync('/proc/loadavg', 'utf8').trim()}\n`,
);
for (const agents of given.length === 0 ? [1, 2] : given.map(Number)) await measure(agents);
await registry[Symbol.asyncDispose]();
await rig[Symbol.asyncDispose]();
