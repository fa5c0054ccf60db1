/** The same suite by several runners, turn by turn, so that a noisy moment strikes all of them alike. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { number, type OptionsOf, parseOptions, path } from '../scripts/options.ts';
import { Clock } from '../src/core/clock.ts';
import { tryTiers } from '../src/process/ownership/tiers/choose.ts';
import { FLOOD_RUNNERS, sampleFlood } from './flood.ts';
import { endRunning, type Measurement, measure } from './measure.ts';
import { installPeer, START_SERVER_AND_TEST } from './peers.ts';
import { type BenchResult, targets } from './result.ts';
import { load, runRounds, runToItsEnd, type Turn, thisMachine, turns } from './rounds.ts';
import {
  benchEnvironment,
  inBenchFolder,
  inTier,
  type SuiteSample,
  sampleClientStart,
  sampleFirstAnswer,
  sampleSuite,
  serverAndClient,
  WHOLE_SUITE,
} from './suite.ts';
import { showResult } from './table.ts';

const COMMAND = {
  usage: 'bench/run [options]',
  summary: 'Shakedown beside a bash script and start-server-and-test',
  options: {
    rounds: number('rounds of the suite', 5),
    floodRounds: number('rounds of the component that prints a lot', 3),
    floodMb: number('how much it prints', 1000),
    seconds: number('begin no further round after this time', 150),
    json: path('write all samples, and the targets, as JSON'),
  },
};

type Options = OptionsOf<typeof COMMAND>;

async function bench(options: Options, folder: string): Promise<BenchResult> {
  const startedAt = performance.now();
  const deadline = startedAt + options.seconds * 1000;
  const before = load();
  const peer = await installPeer(join(folder, 'peers'), START_SERVER_AND_TEST);
  const project = join(folder, 'project');
  mkdirSync(project);

  const bareNode: Measurement[] = [];
  const bare: Turn = async () => {
    bareNode.push(
      await measure({
        command: [process.execPath, '-e', '0'],
        cwd: project,
        env: benchEnvironment({}),
        output: '/dev/null',
        limitMs: 10_000,
      }),
    );
  };
  const clientStartMs: number[] = [];
  const clientStart: Turn = async () => {
    clientStartMs.push(await sampleClientStart(project));
  };
  const firstAnswerMs: number[] = [];
  const firstAnswer: Turn = async () => {
    firstAnswerMs.push(await sampleFirstAnswer(project));
  };
  const whole = turns(WHOLE_SUITE, (runner): Promise<SuiteSample> => sampleSuite(runner, project));
  const pair = turns(
    serverAndClient(typeof peer === 'string' ? undefined : peer.script),
    (runner): Promise<SuiteSample> => sampleSuite(runner, project),
  );
  const permitted = (await tryTiers(new Clock())).filter((report) => report.permitted);
  const tiers = turns(
    permitted.map(({ tier }) => inTier(tier)),
    (runner): Promise<SuiteSample> => sampleSuite(runner, project),
  );
  const flood = turns(FLOOD_RUNNERS, (runner) => sampleFlood(runner, project, options.floodMb));
  const rounds = await runRounds(
    'suite',
    options.rounds,
    [bare, clientStart, firstAnswer, ...whole.turns, ...pair.turns, ...tiers.turns],
    deadline,
  );
  await runRounds('flood', options.floodRounds, flood.turns, deadline);
  return {
    version: 1,
    machine: thisMachine(before),
    durationMs: performance.now() - startedAt,
    rounds,
    peer: typeof peer === 'string' ? { absent: peer } : { version: peer.version },
    bareNode,
    clientStartMs,
    firstAnswerMs,
    suite: whole.series,
    serverAndClient: pair.series,
    tiers: tiers.series,
    flood: { megabytes: options.floodMb, series: flood.series },
  };
}

async function main(): Promise<void> {
  const said = parseOptions(COMMAND, process.argv.slice(2));
  if (said === undefined) return;
  const { options } = said;
  await inBenchFolder(async (folder) => {
    const result = await bench(options, folder);
    if (options.json !== undefined)
      writeFileSync(options.json, `${JSON.stringify({ ...result, targets: targets(result) }, null, 2)}\n`);
    process.stdout.write(showResult(result));
  });
}

await runToItsEnd(main, endRunning);
