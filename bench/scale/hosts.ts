/**
 * How long a run stands still when the agent that hosts it is killed in the middle of what it decides:
 * `node --import tsx bench/scale/hosts.ts`. It needs a build, and Temporal's command in SHAKEDOWN_TEMPORAL or the PATH.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Cluster, type HistoryEvent } from '../../test/rig/cluster.ts';
import { CountingTarget } from '../../test/rig/counting-target.ts';
import { Guardian } from '../../test/rig/guardian.ts';
import { Rig, type ShakedownRun } from '../../test/rig/rig.ts';

const KILLS = 3;
/** The command line hosts runs as well, and cannot be killed. */
const TRIES = 4 * KILLS;
const SECONDS = 5;
const RATE = 60;

interface Measured {
  /** Milliseconds that the decision had to wait for another host. */
  readonly stoodStillMs: number;
  /** Milliseconds that the verdict came after the kill, beyond the load. */
  readonly verdictMs: number;
  readonly fates: readonly string[];
}

/** How long it took at most from when something was to be decided until somebody had, in milliseconds. */
function longestDecision(events: readonly HistoryEvent[]): number {
  let longest = 0;
  let since: number | undefined;
  for (const { eventType, eventTime } of events) {
    const at = Date.parse(eventTime);
    if (eventType.endsWith('WORKFLOW_TASK_SCHEDULED')) since ??= at;
    if (since === undefined || !eventType.endsWith('WORKFLOW_TASK_COMPLETED')) continue;
    longest = Math.max(longest, at - since);
    since = undefined;
  }
  return longest;
}

/** @returns undefined if no agent was the host */
async function measure(
  cluster: Cluster,
  target: CountingTarget,
  pool: string,
): Promise<Measured | undefined> {
  const names = [`${pool}-a`, `${pool}-b`, `${pool}-c`];
  const agents = await cluster.agents(names, '--pool', pool);
  const running = cluster.load(
    target.url,
    ...['--pool', pool, '--agents', '3', '--rate', String(RATE), '--duration', `${SECONDS}s`],
  );
  const before = target.count;
  await target.has(before + RATE);
  const startedAt = performance.now();
  const id = /shakedown-load-[\da-f-]+/.exec(running.stderr)?.[0] ?? '';
  const host: ShakedownRun | undefined = agents[names.indexOf((await cluster.hostsOf(id)).at(-1) ?? '')];
  let killedAt = performance.now();
  // Stopped, it takes what it is to decide, and keeps it.
  host?.kill('SIGSTOP');
  if (host !== undefined) {
    while (!(await cluster.isDeciding(id)) && performance.now() - killedAt < 10_000) await delay(50);
    host.kill('SIGKILL');
    killedAt = performance.now();
  }
  const { result } = await Cluster.end(running);
  const verdictMs = performance.now() - Math.max(killedAt, startedAt + (SECONDS - 1) * 1000);
  const stoodStillMs = longestDecision(await cluster.eventsOf(id));
  for (const agent of agents) agent.kill('SIGTERM');
  await Promise.all(agents.map((agent) => agent.exit()));
  if (host === undefined) return undefined;
  const fates = (result?.agents ?? []).map(({ fate }) => fate).sort();
  return { stoodStillMs, verdictMs: Math.round(verdictMs), fates };
}

new Guardian();
const rig = await Rig.create();
const cluster = await Cluster.open(rig);
const target = await CountingTarget.open();
process.stdout.write(
  `node ${process.version}, load before ${readFileSync('/proc/loadavg', 'utf8').trim()}\n`,
);
let kills = 0;
for (let turn = 0; turn < TRIES && kills < KILLS; turn += 1) {
  const measured = await measure(cluster, target, `pool-${turn}`);
  if (measured === undefined) continue;
  kills += 1;
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}
await target[Symbol.asyncDispose]();
await rig[Symbol.asyncDispose]();
