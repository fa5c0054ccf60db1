/** What a session costs the load generator: beside the same requests without one, and beside k6. */
import { writeFileSync } from 'node:fs';
import { number, type OptionsOf, parseOptions, path } from '../scripts/options.ts';
import { compareRuns } from './generators/compare.ts';
import { findGenerators } from './generators/peers.ts';
import { cpuUs, type GeneratorSample } from './generators/result.ts';
import { startServers } from './generators/servers.ts';
import { K6_SHOPPER, SHOPPERS } from './generators/shop.ts';
import { endRunning } from './measure.ts';
import { medianOf, type Series, type Target, target } from './result.ts';
import { load, runRounds, runToItsEnd, say, thisMachine, turns } from './rounds.ts';
import { here, inBenchFolder } from './suite.ts';
import { figure, layOut, machineLine } from './table.ts';

const COMMAND = {
  usage: 'bench/sessions [options]',
  summary: 'what a session costs a load generator, beside the same requests without one, and beside k6',
  options: {
    rounds: number('rounds, each with every way to send', 5),
    each: number('seconds that each sends, after the first two', 4),
    connections: number('', 64),
    installSeconds: number('an installation of k6 that takes longer leaves it out', 300),
    seconds: number('begin no further round after this time', 900),
    json: path('write all samples, and the targets, as JSON'),
  },
};

type Options = OptionsOf<typeof COMMAND>;

const HOME = here('../node_modules/.cache/shakedown-bench/generators');

/** @param other what `id` is compared with, round by round */
function ratio(
  series: readonly Series<GeneratorSample>[],
  [id, other]: readonly [string, string],
  what: string,
  limit: number,
): Target[] {
  const [own, peer] = [id, other].map((wanted) => series.find((each) => each.id === wanted));
  if (own === undefined || peer === undefined) return [];
  const ratios = own.samples.map((sample, round) => {
    const beside = peer.samples[round];
    return beside === undefined ? Number.NaN : cpuUs(sample) / cpuUs(beside);
  });
  return [target(what, ratios, limit, '×')];
}

const targetsOf = (series: readonly Series<GeneratorSample>[]): Target[] => [
  ...ratio(series, ['named', 'plain'], 'CPU per request, two names beside one', 1.03),
  ...ratio(series, ['session', 'plain'], 'CPU per request, a session beside the same without', 2),
  ...ratio(series, ['session', 'k6'], 'CPU per request, a session beside k6', 1 / 8),
];

function show(series: readonly Series<GeneratorSample>[], targets: readonly Target[]): string {
  const rows = series.map((one) => [
    one.title,
    medianOf(one, cpuUs).toFixed(2),
    medianOf(one, ({ userUs }) => userUs).toFixed(2),
    medianOf(one, ({ systemUs }) => systemUs).toFixed(2),
    Math.round(medianOf(one, ({ perSecond }) => perSecond)).toLocaleString('en'),
    figure(
      medianOf(one, ({ peakMb }) => peakMb),
      'MB',
    ),
  ]);
  const judged = targets.map(({ what, actual, best, limit, holds }) => [
    what,
    ...[actual, best, limit].map((value) => `${value.toFixed(3)} ×`),
    holds ? 'holds' : 'MISSED',
  ]);
  return [
    ...layOut([['nginx', 'CPU µs/request', 'user', 'system', 'requests/s', 'peak'], ...rows]),
    '',
    ...layOut([['Targets', 'median', 'best', 'at most', ''], ...judged]),
    '',
  ].join('\n');
}

async function bench(options: Options, folder: string): Promise<void> {
  const startedAt = performance.now();
  const before = load();
  const { absent, generators } = await findGenerators(HOME, options.installSeconds * 1000, ['k6']);
  const hasK6 = generators.some(({ id }) => id === K6_SHOPPER.id);
  const servers = await startServers(folder);
  try {
    const site = { id: 'small', title: 'a shop', url: servers.shop, body: '' } as const;
    const shared = { site, folder, connections: options.connections, seconds: options.each };
    const { series, turns: members } = turns([...SHOPPERS, ...(hasK6 ? [K6_SHOPPER] : [])], (shopper) =>
      compareRuns(shopper, shared),
    );
    const deadline = startedAt + options.seconds * 1000;
    const rounds = await runRounds('sessions', options.rounds, members, deadline);
    const targets = targetsOf(series);
    if (options.json !== undefined) {
      const all = { version: 1, machine: thisMachine(before), rounds, absent, series, targets };
      writeFileSync(options.json, `${JSON.stringify(all, null, 2)}\n`);
      say(`written to ${options.json}`);
    }
    const head = [
      `${rounds} interleaved rounds, ${options.each} s and ${options.connections} connections each, one thread; medians`,
      machineLine(thisMachine(before)),
      ...absent.map(({ id, reason }) => `${id} is missing: ${reason}`),
    ];
    process.stdout.write(`${head.join('\n')}\n\n${show(series, targets)}`);
  } finally {
    servers.end();
  }
}

async function main(): Promise<void> {
  const said = parseOptions(COMMAND, process.argv.slice(2));
  if (said === undefined) return;
  await inBenchFolder((folder) => bench(said.options, folder));
}

await runToItsEnd(main, endRunning);
