/**
 * What load from many machines costs, with all of them on this one, and how many packages a minute they try:
 * `node --import tsx bench/scale.ts --agents 2,8,50 --packages 1,2`. It needs a build, and Temporal's command in SHAKEDOWN_TEMPORAL or
 * the PATH.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { sampleTree } from '../src/process/system/resources.ts';
import { Cluster } from '../test/rig/cluster.ts';
import { Guardian } from '../test/rig/guardian.ts';
import { Rig, type ShakedownRun } from '../test/rig/rig.ts';
import { measurePackages } from './scale/packages.ts';

const SECONDS = 5;
/** Requests a second: of each agent, and of all, since the target shares the machine with them. */
const RATE = { each: 20, all: 200 };
const IDLE_SECONDS = 5;
const TARGET = join(import.meta.dirname, 'scale/target.ts');

interface Measured {
  readonly agents: number;
  readonly rate: number;
  readonly verdict: string;
  /** Milliseconds until all agents are ready, with as many starting at a time as there are cores. */
  readonly readyMs: number;
  /** CPU time of all agents together in a second in which nothing is asked of them. */
  readonly idleCpuMs: number;
  /** Requests that the target had, of those that were due. */
  readonly counted: string;
  /** Milliseconds that the command takes beyond the load itself. */
  readonly overheadMs: number;
  /** Milliseconds between the first requests of the first agent and of the last; and between their tenths. */
  readonly skewMs: number;
  readonly skewOfTenthMs: number;
  readonly serverCpuMs: number;
  readonly serverMb: number;
  readonly agentCpuMs: number;
  readonly agentMb: number;
  /** Milliseconds after a kill until the agent is shown as silent, and until the end of a load that would have ended two seconds after it. */
  readonly silentToldMs: number;
  readonly lossToldMs: number;
}

const megabytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);

function rssOf(pid: number): number {
  return megabytes(sampleTree(pid)?.rssBytes ?? 0);
}

const cpuOf = (pid: number): number => sampleTree(pid)?.cpuMs ?? 0;

async function targetFor(
  rig: Rig,
  agents: number,
  rate: number,
): Promise<{ url: string; run: ShakedownRun }> {
  const run = rig.startProgram([
    process.execPath,
    '--import',
    import.meta.resolve('tsx'),
    TARGET,
    String(agents),
    String(rate),
  ]);
  await run.output(/^\d+\n/);
  return { url: `http://127.0.0.1:${run.stdout.trim()}`, run };
}

async function measure(rig: Rig, cluster: Cluster, agents: number): Promise<Measured> {
  const pool = `of-${agents}`;
  const rate = Math.min(agents * RATE.each, RATE.all);
  const names = Array.from({ length: agents }, (_, index) => `a${index}`);
  const beganAt = performance.now();
  const all = await cluster.agents(names, '--pool', pool);
  const readyMs = performance.now() - beganAt;
  const cpuOfAll = (): number => all.reduce((sum, { pid }) => sum + cpuOf(pid), 0);
  const idleFrom = cpuOfAll();
  await delay(IDLE_SECONDS * 1000);
  const idleCpuMs = (cpuOfAll() - idleFrom) / IDLE_SECONDS;
  const load = (url: string, seconds: number): ShakedownRun =>
    cluster.load(
      `${url}/{{counter}}`,
      ...['--pool', pool, '--agents', String(agents), '--workers', '1'],
      ...['--connections', String(agents * 2), '--rate', String(rate), '--duration', `${seconds}s`],
    );
  const { url } = await targetFor(rig, agents, rate);
  const before = [cpuOf(cluster.serverPid), cpuOf(all[0]?.pid ?? 0)] as const;
  const startedAt = performance.now();
  const { result } = await Cluster.end(load(url, SECONDS));
  const overheadMs = performance.now() - startedAt - SECONDS * 1000;
  const { count, first, tenth } = (await (await fetch(`${url}/told`)).json()) as Record<string, number>;
  const after = [cpuOf(cluster.serverPid), cpuOf(all[0]?.pid ?? 0)] as const;
  const serverMb = rssOf(cluster.serverPid);
  const agentMb = rssOf(all[0]?.pid ?? 0);
  const other = await targetFor(rig, agents, rate);
  const running = load(other.url, 4);
  const isAt = async (count: number): Promise<boolean> =>
    ((await (await fetch(`${other.url}/told`)).json()) as { count: number }).count >= count;
  while (!(await isAt(rate * 2))) if (running.child.exitCode !== null) throw new Error(running.stderr);
  const killedAt = performance.now();
  all[0]?.kill('SIGKILL');
  const ended = running.exit().then(() => performance.now());
  await Promise.race([running.output(/silent: a/), ended]);
  const silentToldMs = performance.now() - killedAt;
  const lossToldMs = (await ended) - killedAt;
  for (const agent of all) agent.kill('SIGTERM');
  await Promise.all(all.map((agent) => agent.exit()));
  return {
    ...{
      agents,
      rate,
      verdict: result?.verdict ?? 'none',
      readyMs: Math.round(readyMs),
      idleCpuMs: Math.round(idleCpuMs),
      counted: `${count} of ${result?.counts.scheduled}`,
    },
    ...{ overheadMs: Math.round(overheadMs), skewMs: first ?? 0, skewOfTenthMs: tenth ?? 0 },
    ...{ serverCpuMs: after[0] - before[0], serverMb, agentCpuMs: after[1] - before[1], agentMb },
    ...{ silentToldMs: Math.round(silentToldMs), lossToldMs: Math.round(lossToldMs) },
  };
}

const { values } = parseArgs({ options: { agents: { type: 'string' }, packages: { type: 'string' } } });
const counts = (text: string): number[] => (text === '' ? [] : text.split(',').map(Number));
new Guardian();
const rig = await Rig.create();
const cluster = await Cluster.open(rig);
const load = readFileSync('/proc/loadavg', 'utf8').trim();
process.stdout.write(`node ${process.version}, load before ${load}\n`);
for (const agents of counts(values.agents ?? '2,8'))
  process.stdout.write(`${JSON.stringify(await measure(rig, cluster, agents))}\n`);
for await (const measured of measurePackages(rig, cluster, counts(values.packages ?? '1,2')))
  process.stdout.write(`${JSON.stringify(measured)}\n`);
await rig[Symbol.asyncDispose]();
