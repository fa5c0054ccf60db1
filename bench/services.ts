/** Services of a suite, beside what people start them with, and beside spawning as many processes at all. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flag, number, type OptionsOf, parseOptions, path } from '../scripts/options.ts';
import { Clock } from '../src/core/clock.ts';
import { findProgram } from '../src/files/find-program.ts';
import { tryTiers } from '../src/process/ownership/tiers/choose.ts';
import { IMAGE, lacking, startDocker } from '../test/rig/docker.ts';
import { endRunning, type Measurement } from './measure.ts';
import { installPeer } from './peers.ts';
import { load, runRounds, runToItsEnd, thisMachine, turns } from './rounds.ts';
import { graphRunners, type Shape, sampleGraph } from './stacks/graphs.ts';
import {
  BASH_STACK,
  composeStack,
  playwrightStack,
  STACK,
  type StackRunner,
  sampleStack,
  shakedownStack,
} from './stacks/runners.ts';
import { type ServicesResult, servicesTargets, showServices } from './stacks/table.ts';
import { inBenchFolder } from './suite.ts';

const COMMAND = {
  usage: 'bench/services [options]',
  summary: 'services of a suite beside a script, Playwright and Compose, and many beside spawning them',
  options: {
    rounds: number('rounds of a database, a migration and an API', 5),
    graphRounds: number('rounds of many services', 3),
    services: number('of many, side by side', 200),
    chain: number('of many, in a chain', 40),
    seconds: number('begin no further round after this time', 600),
    compose: flag('start a Docker engine, as root, and compare with docker-compose'),
    json: path('write all samples, and the targets, as JSON'),
  },
};

type Options = OptionsOf<typeof COMMAND>;

interface Peers {
  readonly runners: readonly StackRunner[];
  readonly absent: readonly string[];
  readonly end: () => Promise<void>;
}

async function playwright(folder: string): Promise<StackRunner | string> {
  const peer = await installPeer(join(folder, 'peers'), {
    name: '@playwright/test',
    version: '^1',
    bin: 'playwright',
  });
  if (typeof peer === 'string') return `Playwright is missing: ${peer}`;
  const project = join(folder, 'peers', 'project');
  mkdirSync(project);
  const runner = playwrightStack(peer.script, project);
  return { ...runner, title: `${runner.title} ${peer.version}` };
}

/** An engine of its own. All programs are those of this machine. */
async function compose(): Promise<Peers> {
  const why =
    lacking ??
    (findProgram('docker-compose', process.env.PATH) === undefined
      ? 'there is no docker-compose'
      : undefined);
  if (why !== undefined)
    return { runners: [], absent: [`docker-compose is missing: ${why}`], end: async () => {} };
  const docker = await startDocker();
  const env = { ...docker.env, BENCH_IMAGE: IMAGE, BENCH_STACK: STACK, BENCH_NODE: process.execPath };
  return { runners: [composeStack(env)], absent: [], end: async () => docker[Symbol.asyncDispose]() };
}

async function findPeers(folder: string, options: Options): Promise<Peers> {
  const found = await playwright(folder);
  const composed = options.compose ? await compose() : undefined;
  return {
    runners: [...(typeof found === 'string' ? [] : [found]), ...(composed?.runners ?? [])],
    absent: [...(typeof found === 'string' ? [found] : []), ...(composed?.absent ?? [])],
    end: async () => composed?.end(),
  };
}

async function bench(options: Options, folder: string): Promise<ServicesResult> {
  const startedAt = performance.now();
  const deadline = startedAt + options.seconds * 1000;
  const before = load();
  const project = join(folder, 'project');
  mkdirSync(project);
  // First: one of them adopts, and at its end kills, whatever this process has started.
  const tiers = (await tryTiers(new Clock())).flatMap(({ tier, permitted }) => (permitted ? [tier] : []));
  const peers = await findPeers(folder, options);
  try {
    const runners = [BASH_STACK, shakedownStack(project), ...peers.runners];
    const stack = turns(runners, (runner) => sampleStack(runner, project));
    const rounds = await runRounds('stack', options.rounds, stack.turns, deadline);
    const shapes: readonly (readonly [Shape, number])[] = [
      ['side-by-side', options.services],
      ['chain', options.chain],
    ];
    const graphs = shapes.map(([shape, count]) => ({
      ...{ shape, count },
      ...turns(
        graphRunners(project, count, shape, tiers),
        (runner): Promise<Measurement> => sampleGraph(runner, project),
      ),
    }));
    for (const { shape, turns } of graphs) await runRounds(shape, options.graphRounds, turns, deadline);
    return {
      version: 1,
      machine: thisMachine(before),
      durationMs: performance.now() - startedAt,
      rounds,
      stack: stack.series,
      graphs: graphs.map(({ shape, count, series }) => ({ shape, count, series })),
      absent: peers.absent,
    };
  } finally {
    await peers.end();
  }
}

async function main(): Promise<void> {
  const said = parseOptions(COMMAND, process.argv.slice(2));
  if (said === undefined) return;
  const { options } = said;
  await inBenchFolder(async (folder) => {
    const result = await bench(options, folder);
    const all = { ...result, targets: servicesTargets(result) };
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(all, null, 2)}\n`);
    process.stdout.write(showServices(result));
  });
}

await runToItsEnd(main, endRunning);
