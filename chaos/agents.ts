/**
 * Load from many machines, and one of those who take part struck at a random moment: `node --import tsx chaos/agents.ts --trials 100
 * --seed 1`. Nothing passes that is not complete, every run ends by itself, and nobody is left. It needs a build, and Temporal's command in
 * SHAKEDOWN_TEMPORAL or the PATH.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Random } from '../src/core/random.ts';
import { Cluster, type Loaded } from '../test/rig/cluster.ts';
import { Rig, type ShakedownRun } from '../test/rig/rig.ts';

const AGENTS = 3;
const RATE = 90;
const SECONDS = 3;
/** In milliseconds: how long a trial may take, with a server that is away for up to a second and an agent that is asked for. */
const ENDS_WITHIN = 120_000;

const STRIKES = [
  'kill agent',
  'end agent',
  'stop agent',
  'kill server',
  'kill command',
  'interrupt',
  'nothing',
] as const;

const { values } = parseArgs({ options: { trials: { type: 'string' }, seed: { type: 'string' } } });
const trials = Number(values.trials ?? 100);
const random = new Random(Number(values.seed ?? 1));

let count = 0;
const target = createServer((_, response) => {
  count += 1;
  response.end('ok');
}).listen(0, '127.0.0.1');
await once(target, 'listening');
const url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`;
const rig = await Rig.create();
const cluster = await Cluster.open(rig);

async function strike(
  what: (typeof STRIKES)[number],
  agent: ShakedownRun,
  command: ShakedownRun,
): Promise<void> {
  if (what === 'kill agent') agent.kill('SIGKILL');
  else if (what === 'end agent') agent.kill('SIGTERM');
  else if (what === 'kill command') command.kill('SIGKILL');
  else if (what === 'interrupt') command.kill('SIGINT');
  else if (what === 'stop agent') {
    agent.kill('SIGSTOP');
    await delay(random.next() * 10_000);
    agent.kill('SIGCONT');
  } else if (what === 'kill server') {
    await cluster.killServer();
    await delay(random.next() * 3000);
    await cluster.startServer();
  }
}

/** What must not be, in words; undefined if all is well. */
function wrong(end: Loaded | undefined): string | undefined {
  if (end === undefined) return 'it does not end';
  const { result } = end;
  if (result?.verdict !== 'passed') return undefined;
  // Without a threshold, as here, what is not answered in time is no failure; but all of it has been sent.
  const { scheduled, neverSent } = result.counts;
  const isComplete = scheduled === RATE * SECONDS && neverSent === 0 && count === scheduled;
  return isComplete ? undefined : `passed with ${scheduled - neverSent} sent; the target had ${count}`;
}

async function attempt(number: number): Promise<string | undefined> {
  const pool = `trial-${number}`;
  const flags = ['--pool', pool, '--rate', String(RATE), '--duration', `${SECONDS}s`];
  count = 0;
  const names = Array.from({ length: AGENTS }, (_, index) => `a${index}`);
  const agents = await cluster.agents(names, '--pool', pool);
  const command = cluster.load(url, '--agents', String(AGENTS), '--wait-for-agents', '15s', ...flags);
  const what = STRIKES[Math.floor(random.next() * STRIKES.length)] ?? 'nothing';
  const after = random.next() * 8000;
  await delay(after);
  const struck = agents[Math.floor(random.next() * AGENTS)] as ShakedownRun;
  await strike(what, struck, command);
  let end: Loaded | undefined;
  const limit = delay(ENDS_WITHIN, undefined, { ref: false });
  if (what === 'kill command') {
    const id = /shakedown-load-[\da-f-]+/.exec((await command.exit()).stderr)?.[0];
    if (id !== undefined)
      end = await Promise.race([Cluster.end(cluster.load(url, '--pool', pool, '--attach', id)), limit]);
    else end = { ...(await command.exit()), result: undefined };
  } else end = await Promise.race([Cluster.end(command), limit]);
  for (const agent of agents) agent.kill('SIGTERM');
  const left = await Promise.race([
    Promise.all(agents.map((agent) => agent.exit())),
    delay(30_000, null, { ref: false }),
  ]);
  const trouble = wrong(end) ?? (left === null ? 'an agent is left' : undefined);
  const told = `${what} after ${(after / 1000).toFixed(1)} s: ${end?.result?.verdict ?? `exit ${end?.code ?? end?.signal}`}`;
  process.stdout.write(
    `${number}  ${told}${trouble === undefined ? '' : `  WRONG: ${trouble}\n${end?.stderr}`}\n`,
  );
  return trouble;
}

let failed = 0;
for (let number = 0; number < trials; number += 1) if ((await attempt(number)) !== undefined) failed += 1;
await rig[Symbol.asyncDispose]();
target.close();
process.stdout.write(`${trials - failed} of ${trials} trials are as they must be\n`);
process.exitCode = failed === 0 ? 0 : 1;
