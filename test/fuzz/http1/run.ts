/** Holds the scanner of the load engine against the parser of node:http, for as many streams as one likes. */
import { maybeNumber, number, parseOptions, seed } from '../../../scripts/options.ts';
import { Fuzz, showFault } from './fuzz.ts';

const COMMAND = {
  usage: 'npm run fuzz -- [options]',
  summary: 'holds the HTTP/1.1 scanner against the parser of node:http',
  options: {
    streams: number('how many', 100_000),
    seed: seed(),
    stream: maybeNumber('only this one', 0, 'K'),
  },
};
const SHOWN = 5;

const options = parseOptions(COMMAND, process.argv.slice(2))?.options;
if (options !== undefined) {
  const { seed, stream: only } = options;
  const streams = only === undefined ? options.streams : 1;
  const fuzz = new Fuzz();
  for (let index = 0; index < streams; index += 1) fuzz.try(seed, only ?? index);
  const { faults, agreed, differed } = fuzz.result;
  for (const fault of faults.slice(0, SHOWN)) process.stdout.write(`${showFault(fault)}\n\n`);
  for (const [reason, count] of [...differed].sort(([, a], [, b]) => b - a))
    process.stdout.write(`${String(count).padStart(8)}  differ on purpose: ${reason}\n`);
  process.stdout.write(
    `${streams} streams of seed ${seed}, each whole, cut, and byte by byte: ` +
      `${agreed.good} good and ${agreed.bad} bad ones that both see alike, ${faults.length} faults\n`,
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
}
