/**
 * How even shards are: `node --import tsx bench/shards.ts`. It prints the table of docs/scale.md: the longest shard, compared with the least that any deal
 * could come to. It is calculated, with invented durations and the deal that `--shard` makes; it comes out the same every time.
 */
import type { PlannedComponent } from '../src/core/plan.ts';
import { Random } from '../src/core/random.ts';
import { deal } from '../src/plan/shard.ts';

const TIMES = 500;
const SUITES = [
  { components: 20, shards: 4 },
  { components: 60, shards: 4 },
  { components: 60, shards: 8 },
  { components: 500, shards: 8 },
];
/** How far a past duration is off, as the spread of a log-normal factor: about 20 %. */
const OFF = 0.2;

const random = new Random(16);
/** Of a log-normal distribution about 1 (Box and Muller's transform). */
const drawn = (spread: number): number =>
  Math.exp(spread * Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next()));

type Durations = ReadonlyMap<string, number>;

/** A deal looks at nothing else of a component. */
const planned = (name: string): PlannedComponent =>
  ({ component: { name }, after: [] }) as unknown as PlannedComponent;

/**
 * @param known what the deal goes by
 * @returns the longest shard, in units of the least that is possible
 */
function longest(durations: Durations, known: Durations, shards: number): number {
  const lengths = Array.from({ length: shards }, () => 0);
  for (const [name, number] of deal([...durations.keys()].map(planned), known, shards))
    lengths[number - 1] = (lengths[number - 1] ?? 0) + (durations.get(name) ?? 0);
  const all = [...durations.values()];
  const least = Math.max(...all, all.reduce((sum, each) => sum + each, 0) / shards);
  return Math.max(...lengths) / least;
}

function suite(components: number, shards: number): readonly number[] {
  const sums = [0, 0, 0];
  for (let time = 0; time < TIMES; time += 1) {
    const names = Array.from({ length: components }, (_, index) => `component ${index}`);
    const durations = new Map(names.map((name) => [name, drawn(1)]));
    const past = new Map([...durations].map(([name, took]) => [name, took * drawn(OFF)]));
    for (const [column, known] of [new Map<string, number>(), past, durations].entries())
      sums[column] = (sums[column] ?? 0) + longest(durations, known, shards) / TIMES;
  }
  return sums;
}

const rows = SUITES.map(({ components, shards }) => [
  `${components}`,
  `${shards}`,
  ...suite(components, shards).map((ratio) => ratio.toFixed(2)),
]);
for (const row of [
  ['components', 'shards', 'by number', 'by a history', 'by exact durations'],
  Array.from({ length: 5 }, () => '---'),
  ...rows,
])
  process.stdout.write(`| ${row.join(' | ')} |\n`);
