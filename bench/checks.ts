/** What the checks of what breaks in the field cost. */
import { writeFileSync } from 'node:fs';
import { maybeNumber, number, type OptionsOf, parseOptions, path } from '../scripts/options.ts';
import { measureInit, showInit } from './kinds/init.ts';
import { measurePackage, SUBJECTS } from './kinds/package.ts';
import { type CallCost, MOST_US, measureCalls } from './kinds/threads.ts';
import { runTwins } from './kinds/twins.ts';
import { load, thisMachine } from './rounds.ts';

const COMMAND = {
  usage: 'bench/checks [options]',
  summary: 'what the checks cost',
  options: {
    rounds: number('rounds of each measurement', 7),
    calls: number('calls in each round', 200_000),
    init: maybeNumber(
      'instead: load a small module N times, on the machine as it is and with all its cores busy',
    ),
    package: maybeNumber('instead: try a package of npm and one of PyPI N times that were tried before'),
    twins: maybeNumber('instead: run the sound twin of each fixture N times; not one may raise an alarm'),
    json: path('write all samples as JSON'),
  },
};

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

function showCalls(costs: readonly CallCost[]): void {
  print('A call from a worker thread, in microseconds of CPU time; medians');
  print(`${''.padEnd(32)}bare loop   harness     added   with a write each`);
  for (const name of new Set(costs.map((cost) => cost.name))) {
    const own = costs.filter((cost) => cost.name === name);
    const [bare, harness, exact] = (['bareUs', 'harnessUs', 'exactUs'] as const).map((field) =>
      median(own.map((cost) => cost[field])),
    );
    const added = median(own.map((cost) => cost.harnessUs - cost.bareUs));
    const cells = [bare, harness, added].map((us) => (us ?? 0).toFixed(3).padStart(9)).join(' ');
    print(
      `${name.padEnd(32)}${cells}   ${(exact ?? 0).toFixed(3).padStart(9)}   ${added <= MOST_US ? 'holds' : 'MISSED'}`,
    );
  }
  print(`target: at most ${MOST_US} µs added`);
}

async function showPackage(rounds: number): Promise<void> {
  const before = load();
  const { cpus, platform, node } = thisMachine(before);
  print(`${cpus} cores, ${platform}, Node ${node}, load ${before.toFixed(1)} before`);
  for (const subject of SUBJECTS) {
    const costs = await measurePackage(subject, rounds);
    const whole = median(costs.map(({ seconds }) => seconds));
    const { name, mostSeconds } = subject;
    print(`shakedown package ${name}, warm: ${whole.toFixed(1)} s; median of ${rounds}`);
    for (const part of Object.keys(costs[0]?.parts ?? {}))
      print(`  ${part.padEnd(10)}${median(costs.map(({ parts }) => parts[part] ?? 0)).toFixed(1)} s`);
    print(`target: at most ${mostSeconds} s: ${whole <= mostSeconds ? 'holds' : 'MISSED'}`);
  }
}

async function showThreads({ rounds, calls, json }: OptionsOf<typeof COMMAND>): Promise<void> {
  const before = load();
  const costs = await measureCalls({ rounds, calls });
  const machine = thisMachine(before);
  print(`${machine.cpus} cores, ${machine.platform}, Node ${machine.node}, load ${before.toFixed(1)} before`);
  showCalls(costs);
  if (json !== undefined) writeFileSync(json, JSON.stringify({ machine, threads: costs }, null, 2));
}

const options = parseOptions(COMMAND, process.argv.slice(2))?.options;
if (options?.init !== undefined) for (const line of showInit(measureInit(options.init))) print(line);
else if (options?.package !== undefined) await showPackage(options.package);
else if (options?.twins !== undefined) process.exitCode = await runTwins(options.twins);
else if (options !== undefined) await showThreads(options);
