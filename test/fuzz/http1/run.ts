/** Holds the scanner of the load engine against the parser of node:http, for as many streams as one likes. */
import { parseArgs } from 'node:util';
import { Fuzz, showFault } from './fuzz.ts';

const HELP = `npm run fuzz -- [options]: holds the HTTP/1.1 scanner against the parser of node:http

  --streams N   how many (default 100000)
  --seed S      what they are drawn from (default: one of the moment, which is printed)
  --stream K    only this one
  --help
`;
const SHOWN = 5;

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 31)
    throw new Error(`--${name} is a whole number, not ${text}`);
  return value;
}

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    stream: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else {
  const seed = wholeNumber('seed', values.seed);
  const only = values.stream === undefined ? undefined : wholeNumber('stream', values.stream);
  const streams = only === undefined ? wholeNumber('streams', values.streams) : 1;
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
