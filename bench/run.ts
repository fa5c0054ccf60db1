/** The same suite by several runners, turn by turn, so that a noisy moment strikes all of them alike. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { FLOOD_RUNNERS, sampleFlood } from './flood.ts';
import { endRunning, type Measurement, measure } from './measure.ts';
import { installPeer } from './peers.ts';
import { type BenchResult, type Series, targets } from './result.ts';
import {
  benchEnvironment,
  SHAKEDOWN,
  type SuiteSample,
  sampleClientStart,
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

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name} is a whole number from 1, not ${text}`);
  return value;
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
    // The script that starts us, and npm as well, change the folder and say here what it was.
    json: values.json === undefined ? undefined : resolve(process.env.INIT_CWD ?? '.', values.json),
  };
}

const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Holds the signal that ends the bench early. */
const interruption = new AbortController();

/** One member of a round: it adds a sample to its series. */
type Turn = () => Promise<void>;

function turns<R extends { readonly id: string; readonly title: string }, S>(
  runners: readonly R[],
  sample: (runner: R) => Promise<S>,
): { series: Series<S>[]; turns: Turn[] } {
  const series = runners.map(({ id, title }): Series<S> => ({ id, title, samples: [] }));
  return {
    series,
    turns: runners.map((runner, index) => async () => {
      series[index]?.samples.push(await sample(runner));
    }),
  };
}

/** A B C A B C …; a round that was begun is finished, so that all series are of one length. Returns how many. */
async function runRounds(
  name: string,
  wanted: number,
  members: readonly Turn[],
  deadline: number,
): Promise<number> {
  for (let round = 1; round <= wanted; round++) {
    if (round > 1 && performance.now() > deadline) {
      say(`${name}: out of time after ${round - 1} of ${wanted} rounds`);
      return round - 1;
    }
    say(`${name}: round ${round} of ${wanted}`);
    for (const turn of members) {
      interruption.signal.throwIfAborted();
      await turn();
    }
  }
  return wanted;
}

async function bench(options: Options, folder: string): Promise<BenchResult> {
  const startedAt = performance.now();
  const deadline = startedAt + options.seconds * 1000;
  const before = loadavg()[0] ?? 0;
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
  const whole = turns(WHOLE_SUITE, (runner): Promise<SuiteSample> => sampleSuite(runner, project));
  const pair = turns(
    serverAndClient(typeof peer === 'string' ? undefined : peer.script),
    (runner): Promise<SuiteSample> => sampleSuite(runner, project),
  );
  const flood = turns(FLOOD_RUNNERS, (runner) => sampleFlood(runner, project, options.megabytes));
  const rounds = await runRounds(
    'suite',
    options.rounds,
    [bare, clientStart, ...whole.turns, ...pair.turns],
    deadline,
  );
  await runRounds('flood', options.floodRounds, flood.turns, deadline);
  return {
    version: 1,
    machine: {
      cpus: cpus().length,
      platform: process.platform,
      node: process.versions.node,
      load: { before, after: loadavg()[0] ?? 0 },
    },
    durationMs: performance.now() - startedAt,
    rounds,
    peer: typeof peer === 'string' ? { absent: peer } : { version: peer.version },
    bareNode,
    clientStartMs,
    suite: whole.series,
    serverAndClient: pair.series,
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
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      interruption.abort(signal);
      endRunning();
    });
  try {
    const result = await bench(options, folder);
    if (options.json !== undefined)
      writeFileSync(options.json, `${JSON.stringify({ ...result, targets: targets(result) }, null, 2)}\n`);
    process.stdout.write(showResult(result));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  // What was measured had to end first: a server that is left would stay.
  if (interruption.signal.aborted) process.kill(process.pid, interruption.signal.reason as NodeJS.Signals);
  say(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
