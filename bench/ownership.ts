/** What ownership costs: ending a tree of processes, keeping one, starting a command. */
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { bundle } from './bundle.ts';
import type { HolderName } from './owners/holders.ts';
import {
  type IdleSample,
  type OwnershipResult,
  ownershipTargets,
  type SpawnSample,
  type TeardownSample,
} from './owners/result.ts';
import { showOwnership } from './owners/table.ts';
import { type Tier, tryEachTier } from './owners/tiers.ts';
import {
  asGiven,
  interruption,
  load,
  runRounds,
  runToItsEnd,
  thisMachine,
  turns,
  wholeNumber,
} from './rounds.ts';
import { here } from './suite.ts';

const HELP = `bench/ownership [options]: what owners cost, in each tier, beside bash and plain Node

  --rounds N         rounds of ending a tree and of starting commands (default 7)
  --idle-rounds N    rounds of keeping one alive (default 3)
  --idle-seconds N   for so long each (default 10)
  --processes N      of the tree that is ended (default 200)
  --pairs N          commands a round, of either kind (default 30)
  --seconds N        begin no further round after this time (default 600)
  --json FILE        write all samples, and the targets, as JSON
  --help
`;

interface Options {
  readonly rounds: number;
  readonly idleRounds: number;
  readonly idleSeconds: number;
  readonly processes: number;
  readonly pairs: number;
  readonly seconds: number;
  readonly json: string | undefined;
}

function parseOptions(argv: string[]): Options | undefined {
  const { values } = parseArgs({
    args: argv,
    options: {
      rounds: { type: 'string', default: '7' },
      'idle-rounds': { type: 'string', default: '3' },
      'idle-seconds': { type: 'string', default: '10' },
      processes: { type: 'string', default: '200' },
      pairs: { type: 'string', default: '30' },
      seconds: { type: 'string', default: '600' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    rounds: wholeNumber('rounds', values.rounds),
    idleRounds: wholeNumber('idle-rounds', values['idle-rounds']),
    idleSeconds: wholeNumber('idle-seconds', values['idle-seconds']),
    processes: wholeNumber('processes', values.processes),
    pairs: wholeNumber('pairs', values.pairs),
    seconds: wholeNumber('seconds', values.seconds),
    json: values.json === undefined ? undefined : asGiven(values.json),
  };
}

/** More than any sample takes. A process that is killed leaves a tree that ends by itself. */
const SAMPLE_LIMIT = 60_000;

/** Where it lies, optional dependencies are found. */
const CACHE = here('../node_modules/.cache/shakedown-bench');

async function bundleSample(): Promise<string> {
  const outfile = join(CACHE, `sample-${process.pid}.mjs`);
  await bundle(here('./owners/sample.ts'), outfile);
  return outfile;
}

/** @returns takes a sample: in a process of its own, which ends what it started when it is told to end */
function sampler(script: string) {
  return async <S>(kind: 'teardown' | 'idle' | 'spawn', subject: string, number: number): Promise<S> => {
    const { stdout } = await promisify(execFile)(process.execPath, [script, kind, subject, String(number)], {
      env: { ...process.env, BENCH_PROGRAMS: here('./owners') },
      timeout: SAMPLE_LIMIT,
      signal: interruption.signal,
    });
    return JSON.parse(stdout) as S;
  };
}

interface Subject<N extends string> {
  readonly id: N;
  readonly title: string;
}

const BASH: Subject<HolderName> = { id: 'bash', title: 'bash, kill -- -group' };
const NODE: Subject<HolderName> = { id: 'node', title: 'Node, kill(-group)' };

async function bench(options: Options, script: string): Promise<OwnershipResult> {
  const sample = sampler(script);
  const startedAt = performance.now();
  const deadline = startedAt + options.seconds * 1000;
  const before = load();
  const tried = await tryEachTier();
  const tiers = tried.flatMap(({ tier, refusal }): Subject<Tier>[] =>
    refusal === null ? [{ id: tier, title: tier }] : [],
  );
  const services = tiers.map(
    ({ id }): Subject<HolderName> => ({ id: `service:${id}`, title: `${id}, as a daemon` }),
  );
  const teardown = turns([BASH, NODE, ...tiers], ({ id }) =>
    sample<TeardownSample>('teardown', id, options.processes),
  );
  const idle = turns([{ ...NODE, title: 'Node' }, ...tiers, ...services], ({ id }) =>
    sample<IdleSample>('idle', id, options.idleSeconds),
  );
  const spawn = turns(tiers, ({ id }) => sample<SpawnSample>('spawn', id, options.pairs));
  const rounds = await runRounds(
    'ending and starting',
    options.rounds,
    [...teardown.turns, ...spawn.turns],
    deadline,
  );
  await runRounds('keeping', options.idleRounds, idle.turns, deadline);
  return {
    version: 1,
    machine: thisMachine(before),
    durationMs: performance.now() - startedAt,
    rounds,
    processes: options.processes,
    idleSeconds: options.idleSeconds,
    teardown: teardown.series,
    idle: idle.series,
    spawn: spawn.series,
    refused: tried.flatMap(({ tier, refusal }) => (refusal === null ? [] : [{ tier, reason: refusal }])),
  };
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(HELP);
    return;
  }
  if (process.platform !== 'linux') throw new Error('the bench reads /proc, which only Linux has');
  const script = await bundleSample();
  try {
    const result = await bench(options, script);
    const all = { ...result, targets: ownershipTargets(result) };
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(all, null, 2)}\n`);
    process.stdout.write(showOwnership(result));
  } finally {
    rmSync(script);
  }
}

await runToItsEnd(main, () => {});
