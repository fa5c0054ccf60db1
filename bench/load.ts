/** What a request costs the load generator, beside others: CPU first, for a rate also depends on who else is there. */
import { writeFileSync } from 'node:fs';
import { number, type OptionsOf, parseOptions, path } from '../scripts/options.ts';
import type { LoadResult } from '../src/core/load.ts';
import { type Command, compareRuns, type Run, runGenerator, SHORT_SECONDS } from './generators/compare.ts';
import { checked, type Field, findGenerators, shakedownCommand } from './generators/peers.ts';
import {
  type GeneratorsResult,
  generatorTargets,
  type Lateness,
  type OpenSample,
  type OwnSample,
} from './generators/result.ts';
import { type Servers, type Site, startServers } from './generators/servers.ts';
import { showGenerators } from './generators/table.ts';
import { endRunning } from './measure.ts';
import { load, runRounds, runToItsEnd, say, thisMachine, turns } from './rounds.ts';
import { here, inBenchFolder } from './suite.ts';

const COMMAND = {
  usage: 'bench/load [options]',
  summary: 'what a request costs, beside wrk, ab, h2load, hey, autocannon, k6 and others',
  options: {
    rounds: number('rounds, each with every generator against every server', 5),
    each: number('seconds that each sends, after the first two', 5),
    connections: number('', 64),
    installSeconds: number('an installation that takes longer leaves its generator out', 120),
    seconds: number('begin no further round after this time', 1800),
    json: path('write all samples, and the targets, as JSON'),
  },
};

type Options = OptionsOf<typeof COMMAND>;

/** What is installed stays there for the next time. */
const HOME = here('../node_modules/.cache/shakedown-bench/generators');
const CONNECTIONS_OF_CROWD = 10_000;
const OPEN_RATE = 10_000;
/** In one round: what is put aside for a moment makes a whole sample useless, and there are many such moments. */
const OPEN_TURNS = 3;
/** Seconds in which its code is compiled, and its connections are made. */
const OPEN_WARMUP = 1;
const GROWTH_REQUESTS = [100_000, 400_000, 1_600_000];

/** What is measured of Shakedown alone, one command at a time. */
class Runner {
  readonly #folder: string;
  readonly #options: Options;

  constructor(folder: string, options: Options) {
    this.#folder = folder;
    this.#options = options;
  }

  #run(command: Command): Promise<Run> {
    return runGenerator(command, this.#folder, SHORT_SECONDS + this.#options.each);
  }

  async #send(site: Site, options: object): Promise<Run & { readonly result: LoadResult }> {
    const measurement = await this.#run(shakedownCommand({ ...checked({ site }), ...options }));
    const result = JSON.parse(measurement.text) as LoadResult;
    const { counts } = result;
    if (counts.checked === 0 || counts.failed > 0)
      throw new Error(
        `${counts.failed} of ${counts.scheduled} requests failed: ${measurement.text.slice(0, 500)}`,
      );
    return { ...measurement, result };
  }

  async #perSecond(site: Site, workers: number): Promise<number> {
    const { each, connections } = this.#options;
    const { result } = await this.#send(site, { connections, workers, duration: `${each}s` });
    return result.rate.achieved;
  }

  /** What puts one of them aside for a moment may spare the other, so they take turns. */
  async #open(site: Site): Promise<OpenSample[]> {
    const { each } = this.#options;
    const samples: OpenSample[] = [];
    for (let turn = 0; turn < OPEN_TURNS; turn += 1) {
      const spin = await this.#run([
        process.execPath,
        here('./generators/spin.mjs'),
        String(OPEN_RATE),
        String(each),
      ]);
      const sent = await this.#send(site, {
        rate: OPEN_RATE,
        warmup: `${OPEN_WARMUP}s`,
        duration: `${each}s`,
      });
      const { sendLag } = sent.result.latencyUs;
      samples.push({
        sendLag: { p50: sendLag?.p50 ?? Number.NaN, p99: sendLag?.p99 ?? Number.NaN },
        spin: JSON.parse(spin.text) as Lateness,
        cpuShare: sent.cpuMs / ((OPEN_WARMUP + each) * 1000),
      });
    }
    return samples;
  }

  async own(site: Site): Promise<OwnSample> {
    const { each, connections } = this.#options;
    const one = await this.#perSecond(site, 1);
    const two = await this.#perSecond(site, 2);
    const crowd = await this.#send(site, { connections: CONNECTIONS_OF_CROWD, duration: `${each}s` });
    const open = await this.#open(site);
    const growthMb: number[] = [];
    for (const requests of GROWTH_REQUESTS)
      growthMb.push((await this.#send(site, { connections, requests })).peakMb);
    return { scaling: two / one, crowdMb: crowd.peakMb, open, growthMb };
  }
}

async function bench(
  options: Options,
  { sites }: Servers,
  field: Field,
  folder: string,
): Promise<GeneratorsResult> {
  const startedAt = performance.now();
  const deadline = startedAt + options.seconds * 1000;
  const before = load();
  const runner = new Runner(folder, options);
  const shared = { folder, connections: options.connections, seconds: options.each };
  const compared = sites.map((site) => ({
    site,
    ...turns(field.generators, (generator) => compareRuns(generator, { ...shared, site })),
  }));
  const [small] = sites;
  const own: OwnSample[] = [];
  const alone = async (): Promise<void> => {
    if (small !== undefined) own.push(await runner.own(small));
  };
  const members = [...compared.flatMap((comparison) => comparison.turns), alone];
  const rounds = await runRounds('load', options.rounds, members, deadline);
  return {
    version: 1,
    machine: thisMachine(before),
    durationMs: performance.now() - startedAt,
    rounds,
    connections: options.connections,
    seconds: options.each,
    absent: field.absent,
    comparisons: compared.map(({ site: { id, title, url }, series }) => ({
      site: { id, title, url },
      series,
    })),
    growthRequests: GROWTH_REQUESTS,
    own,
  };
}

async function main(): Promise<void> {
  const said = parseOptions(COMMAND, process.argv.slice(2));
  if (said === undefined) return;
  const { options } = said;
  await inBenchFolder(async (folder) => {
    const field = await findGenerators(HOME, options.installSeconds * 1000);
    const servers = await startServers(folder);
    try {
      const result = await bench(options, servers, field, folder);
      if (options.json !== undefined) {
        const all = { ...result, targets: generatorTargets(result) };
        writeFileSync(options.json, `${JSON.stringify(all, null, 2)}\n`);
        say(`written to ${options.json}`);
      }
      process.stdout.write(showGenerators(result));
    } finally {
      servers.end();
    }
  });
}

await runToItsEnd(main, endRunning);
