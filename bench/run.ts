/** The same suite by several runners, turn by turn, so that a noisy moment strikes all of them alike. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tryTiers } from '../src/process/ownership/tiers/choose.ts';
import { FLOOD_RUNNERS, sampleFlood } from './flood.ts';
import { endRunning, type Measurement, measure } from './measure.ts';
import { installPeer } from './peers.ts';
import { type BenchResult, targets } from './result.ts';
import {
  asGiven,
  load,
  runRounds,
  runToItsEnd,
  type Turn,
  thisMachine,
  turns,
  wholeNumber,
} from './rounds.ts';
import {
  benchEnvironment,
  inTier,
  SHAKEDOWN,
  type SuiteSample,
  sampleClientStart,
  sampleFirstAnswer,
  sampleSuite,
  serverAndClient,
  WHOLE_SUITE,
} from './suite.ts';
import { showResult } from './table.ts';

const HELP = `bench/run [options]: Shakedown beside a bash script and start-server-and-test

  --rounds N         rounds of the suite (default 5)
  --flood-rounds N   rounds of the component that prints a lot (default 3)
  --flood-mb N       how much it prints (default 1000)
  --seconds N        begin no further round after this time (default 150)
  --json FILE        write all samples, and the targets, as JSON
  --help
`;

interface Options {
  readonly rounds: number;
  readonly floodRounds: number;
  readonly megabytes: number;
  readonly seconds: number;
  readonly json: string | undefined;
}

function parseOptions(argv: string[]): Options | undefined {
  const { values } = parseArgs({
    args: argv,
    options: {
      rounds: { type: 'string', default: '5' },
      'flood-rounds': { type: 'string', default: '3' },
      'flood-mb': { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '150' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    rounds: wholeNumber('rounds', values.rounds),
    floodRounds: wholeNumber('flood-rounds', values['flood-rounds']),
    megabytes: wholeNumber('flood-mb', values['flood-mb']),
    seconds: wholeNumber('seconds', values.seconds),
    json: values.json === undefined ? undefined : asGiven(values.json),
  };
}

async function bench(options: Options, folder: string): Promise<BenchResult> {
  const startedAt = performance.now();
  const deadline = startedAt + options.seconds * 1000;
  const before = load();
  const peer = await installPeer(join(folder, 'peers'));
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
  const permitted = (await tryTiers()).filter((report) => report.permitted);
  const tiers = turns(
    permitted.map(({ tier }) => inTier(tier)),
    (runner): Promise<SuiteSample> => sampleSuite(runner, project),
  );
  const flood = turns(FLOOD_RUNNERS, (runner) => sampleFlood(runner, project, options.megabytes));
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
    flood: { megabytes: options.megabytes, series: flood.series },
  };
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(HELP);
    return;
  }
  if (process.platform !== 'linux') throw new Error('the bench reads /proc, which only Linux has');
  if (!existsSync(SHAKEDOWN)) throw new Error('dist/cli.js is missing: run `npm run build` first');
  const folder = mkdtempSync(join(tmpdir(), 'shakedown-bench-'));
  try {
    const result = await bench(options, folder);
    if (options.json !== undefined)
      writeFileSync(options.json, `${JSON.stringify({ ...result, targets: targets(result) }, null, 2)}\n`);
    process.stdout.write(showResult(result));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await runToItsEnd(main, endRunning);
