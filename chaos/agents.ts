/**
 * Load from many machines, and one of those who take part struck at a random moment: `npm run chaos:agents -- --trials 100 --seed 1`.
 * Nothing passes that is not complete, nothing fails, as the target never does, every run ends by itself, and nobody is left. It needs a
 * build, and Temporal's command in SHAKEDOWN_TEMPORAL or the PATH.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Random } from '../src/core/random.ts';
import { EXIT_CRASHED } from '../src/core/verdict.ts';
import { Cluster, type Loaded, lackingCommand } from '../test/rig/cluster.ts';
import { CountingTarget } from '../test/rig/counting-target.ts';
import { Guardian } from '../test/rig/guardian.ts';
import { Rig, type ShakedownRun } from '../test/rig/rig.ts';

const AGENTS = 3;
const RATE = 90;
const SECONDS = 3;
/** In milliseconds: how long a trial may take, with a server that is away for up to three seconds and an agent that is asked for. */
const ENDS_WITHIN = 120_000;
/** In milliseconds: how long agents may take that are told to end. */
const LEAVE_WITHIN = 60_000;

const STRIKES = [
  'kill agent',
  'end agent',
  'stop agent',
  'kill server',
  'kill command',
  'stop command',
  'interrupt',
  'nothing',
] as const;
type Strike = (typeof STRIKES)[number];

const { values } = parseArgs({
  options: { trials: { type: 'string' }, seed: { type: 'string' }, seconds: { type: 'string' } },
});
const trials = Number(values.trials ?? 100);
/** Begins no further trial after that long. */
const seconds = Number(values.seconds ?? Number.POSITIVE_INFINITY);
const seed = Number(values.seed ?? 1);
const random = new Random(seed);

const guardian = new Guardian();
const target = await CountingTarget.open();

/** Stops it for a while. */
async function pause(run: ShakedownRun): Promise<void> {
  run.kill('SIGSTOP');
  await delay(random.next() * 10_000);
  run.kill('SIGCONT');
}

async function strike(
  cluster: Cluster,
  what: Strike,
  agent: ShakedownRun,
  command: ShakedownRun,
): Promise<void> {
  if (what === 'kill agent') agent.kill('SIGKILL');
  else if (what === 'end agent') agent.kill('SIGTERM');
  else if (what === 'kill command') command.kill('SIGKILL');
  else if (what === 'interrupt') command.kill('SIGINT');
  else if (what === 'stop agent') await pause(agent);
  else if (what === 'stop command') await pause(command);
  else if (what === 'kill server') {
    await cluster.killServer();
    await delay(random.next() * 3000);
    await cluster.startServer();
  }
}

/** What must not be, in words; undefined if all is well. */
function wrong(end: Loaded | undefined): string | undefined {
  if (end === undefined) return 'it does not end';
  const { result } = end;
  if (end.code === EXIT_CRASHED) return 'the command has crashed';
  if (result?.verdict === 'failed') return 'failed, though the target answers all';
  if (result?.verdict !== 'passed') return undefined;
  // Without a threshold, as here, what is not answered in time is no failure; but all of it has been sent.
  const { scheduled, neverSent } = result.counts;
  const isComplete = scheduled === RATE * SECONDS && neverSent === 0 && target.count === scheduled;
  return isComplete ? undefined : `passed with ${scheduled - neverSent} sent; the target had ${target.count}`;
}

const late = (ms: number): Promise<undefined> => delay(ms, undefined, { ref: false });

/** The end of a run, be it told to another command line than the one that began it. */
async function endOf(cluster: Cluster, what: Strike, pool: string, command: ShakedownRun): Promise<Loaded> {
  if (what !== 'kill command') return Cluster.end(command);
  const end = await command.exit();
  const id = /shakedown-load-[\da-f-]+/.exec(end.stderr)?.[0];
  // It may have ended by itself before.
  if (end.signal === null || id === undefined) return { ...end, result: undefined };
  return Cluster.end(cluster.load(target.url, '--pool', pool, '--attach', id));
}

async function attempt(cluster: Cluster, number: number): Promise<string | undefined> {
  const pool = `trial-${number}`;
  const flags = ['--pool', pool, '--rate', String(RATE), '--duration', `${SECONDS}s`];
  target.count = 0;
  const names = Array.from({ length: AGENTS }, (_, index) => `a${index}`);
  const agents = await cluster.agents(names, '--pool', pool);
  const command = cluster.load(target.url, '--agents', String(AGENTS), '--wait-for-agents', '15s', ...flags);
  const what = STRIKES[Math.floor(random.next() * STRIKES.length)] ?? 'nothing';
  const after = random.next() * 8000;
  await delay(after);
  const struck = agents[Math.floor(random.next() * AGENTS)] as ShakedownRun;
  await strike(cluster, what, struck, command);
  const end = await Promise.race([endOf(cluster, what, pool, command), late(ENDS_WITHIN)]);
  for (const agent of agents) agent.kill('SIGTERM');
  const left = await Promise.race([Promise.all(agents.map((agent) => agent.exit())), late(LEAVE_WITHIN)]);
  const trouble = wrong(end) ?? (left === undefined ? 'an agent is left' : undefined);
  const told = `${what} after ${(after / 1000).toFixed(1)} s: ${end?.result?.verdict ?? `exit ${end?.code ?? end?.signal}`}`;
  const report = trouble === undefined ? '' : `  WRONG: ${trouble}\n${end?.stderr}${end?.stdout}`;
  process.stdout.write(`${number}  ${told}${report}\n`);
  return trouble;
}

/** How many trials there were, and how many of them were not as they must be. */
async function attempts(): Promise<{ readonly made: number; readonly failed: number }> {
  await using rig = await Rig.create();
  const cluster = await Cluster.open(rig);
  let failed = 0;
  let made = 0;
  for (; made < trials && performance.now() < seconds * 1000; made += 1)
    if ((await attempt(cluster, made)) !== undefined) failed += 1;
  return { made, failed };
}

if (lackingCommand !== undefined) {
  process.stderr.write(`nothing was tried: ${lackingCommand}\n`);
  process.exit(1);
}
const { made, failed } = await attempts();
await target[Symbol.asyncDispose]();
const left = guardian.alive();
if (left.length > 0) process.stdout.write(`processes that are left: ${left.join(', ')}\n`);
process.stdout.write(`${made - failed} of ${made} trials are as they must be, of seed ${seed}\n`);
process.exitCode = failed === 0 && left.length === 0 && made > 0 ? 0 : 1;
