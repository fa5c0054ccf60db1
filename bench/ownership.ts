/** What ownership costs: ending a tree of processes, keeping one, starting a command. */
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { number, type OptionsOf, parseOptions, path } from '../scripts/options.ts';
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
import { interruption, load, runRounds, runToItsEnd, thisMachine, turns } from './rounds.ts';
import { here } from './suite.ts';

const COMMAND = {
  usage: 'bench/ownership [options]',
  summary: 'what owners cost, in each tier, beside bash and plain Node',
  options: {
    rounds: number('rounds of ending a tree and of starting commands', 7),
    idleRounds: number('rounds of keeping one alive', 3),
    idleSeconds: number('for so long each', 10),
    processes: number('of the tree that is ended', 200),
    pairs: number('commands a round, of either kind', 30),
    seconds: number('begin no further round after this time', 600),
    json: path('write all samples, and the targets, as JSON'),
  },
};

type Options = OptionsOf<typeof COMMAND>;

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
  const said = parseOptions(COMMAND, process.argv.slice(2));
  if (said === undefined) return;
  const { options } = said;
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
