/** What the checks of what breaks in the field cost. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measureInit, showInit } from './kinds/init.ts';
import { MOST_SECONDS, measurePackage } from './kinds/package.ts';
import { type CallCost, MOST_US, measureCalls } from './kinds/threads.ts';
import { runTwins } from './kinds/twins.ts';
import { asGiven, load, thisMachine, wholeNumber } from './rounds.ts';

const HELP = `bench/checks [options]: what the checks cost

  --rounds N    rounds of each measurement (default 7)
  --calls N     calls in each round (default 200000)
  --init N      instead: load a small module N times, on the machine as it is and with all its cores busy
  --package N   instead: try a small package N times that was tried before
  --twins N     instead: run the sound twin of each fixture N times; not one may raise an alarm
  --json FILE   write all samples as JSON
  --help
`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    calls: { type: 'string', default: '200000' },
    init: { type: 'string' },
    package: { type: 'string' },
    twins: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

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
  const costs = await measurePackage(rounds);
  const { cpus, platform, node } = thisMachine(before);
  print(`${cpus} cores, ${platform}, Node ${node}, load ${before.toFixed(1)} before`);
  const whole = median(costs.map(({ seconds }) => seconds));
  print(`shakedown package, warm, on a small package: ${whole.toFixed(1)} s; median of ${rounds}`);
  for (const name of Object.keys(costs[0]?.parts ?? {}))
    print(`  ${name.padEnd(10)}${median(costs.map(({ parts }) => parts[name] ?? 0)).toFixed(1)} s`);
  print(`target: at most ${MOST_SECONDS} s: ${whole <= MOST_SECONDS ? 'holds' : 'MISSED'}`);
}

if (values.help) process.stdout.write(HELP);
else if (values.init !== undefined)
  for (const line of showInit(measureInit(wholeNumber('init', values.init)))) print(line);
else if (values.package !== undefined) await showPackage(wholeNumber('package', values.package));
else if (values.twins !== undefined) process.exitCode = await runTwins(wholeNumber('twins', values.twins));
else {
  const rounds = wholeNumber('rounds', values.rounds);
  const calls = wholeNumber('calls', values.calls);
  const before = load();
  const costs = await measureCalls({ rounds, calls });
  const machine = thisMachine(before);
  print(`${machine.cpus} cores, ${machine.platform}, Node ${machine.node}, load ${before.toFixed(1)} before`);
  showCalls(costs);
  if (values.json !== undefined)
    writeFileSync(asGiven(values.json), JSON.stringify({ machine, threads: costs }, null, 2));
}
