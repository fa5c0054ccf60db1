/** Draws a latency distribution as text. */
import { type Bucket, decodeHdr } from '../hdr/encoding.ts';
import { formatTime } from './format.ts';

/** Makes a row 78 characters wide, to fit a terminal of 80. */
const WIDTH = 36;
const BLOCKS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const FEWEST_ROWS = 6;
const MOST_ROWS = 16;
/** Steps within a power of ten, coarse to fine. */
const SERIES: readonly (readonly number[])[] = [
  [1],
  [1, 2, 5],
  [1, 1.5, 2, 3, 5, 7],
  [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9],
];

/** A bar in eighths of a character; any share above 0 is visible. */
export function bar(share: number, width: number): string {
  const eighths = share === 0 ? 0 : Math.max(1, Math.round(share * width * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (BLOCKS[eighths % 8] ?? '');
}

/** Borders from below the least to above the most, one step of a series apart. */
function bordersOf(least: number, most: number, series: readonly number[]): number[] {
  const borders: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(least)); power <= most; power *= 10)
    borders.push(...series.map((step) => step * power), power * 10);
  const all = [...new Set(borders)].sort((a, b) => a - b);
  const first = Math.max(
    0,
    all.findLastIndex((border) => border <= least),
  );
  const last = all.findIndex((border) => border > most);
  return all.slice(first, last + 1);
}

/** Evenly spaced borders, for times that differ by little. */
function evenBorders(least: number, most: number): number[] {
  const rough = (most - least) / 8 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10) * power);
  const from = Math.floor(least / step) * step;
  const rows = Math.floor((most - from) / step) + 1;
  return Array.from({ length: rows + 1 }, (_, row) => from + row * step);
}

function chooseBorders(least: number, most: number): number[] {
  const fits = SERIES.map((series) => bordersOf(Math.max(1, least), Math.max(1, most), series)).filter(
    ({ length }) => length > FEWEST_ROWS && length <= MOST_ROWS + 1,
  );
  return fits[0] ?? evenBorders(least, most);
}

function countBetween(buckets: readonly Bucket[], from: number, to: number): number {
  return buckets.reduce(
    (sum, bucket) => (bucket.from >= from && bucket.from < to ? sum + bucket.count : sum),
    0,
  );
}

/** A border without trailing zeros: `5 ms`, `1.5 s`. */
const showBorder = (us: number): string =>
  formatTime(us).replace(/\.(\d*[1-9])?0+ /, (_, digits?: string) =>
    digits === undefined ? ' ' : `.${digits} `,
  );

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`.padStart(9);

/** A range of times, from the first (inclusive) to the second (exclusive), in microseconds. */
export interface DistributionRow {
  /** `1.5 ms` */
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

/**
 * @param hdr the histogram of a result, in microseconds
 * @returns the times in at most 16 ranges; none if there is no time
 */
export function distributionOf(hdr: string): DistributionRow[] {
  const buckets = decodeHdr(hdr);
  const [first] = buckets;
  const last = buckets.at(-1);
  if (first === undefined || last === undefined) return [];
  const borders = chooseBorders(first.from, last.from);
  return borders.slice(0, -1).map((from, index) => {
    // A bucket may begin just below the first border, and belongs to the first row.
    const to = borders[index + 1] ?? Number.POSITIVE_INFINITY;
    const count = countBetween(buckets, index === 0 ? 0 : from, to);
    return { from: showBorder(from), to: showBorder(to), count };
  });
}

/**
 * @param hdr the histogram of a result, in microseconds
 * @param missing requests without a response, which count towards the total
 * @returns a line for each range of times, with its share and the cumulative share
 */
export function drawDistribution(hdr: string, missing: number): string[] {
  const rows = distributionOf(hdr);
  const total = rows.reduce((sum, { count }) => sum + count, missing);
  const most = Math.max(missing, ...rows.map(({ count }) => count));
  let seen = 0;
  const lines = rows.map(({ from, to, count }) => {
    seen += count;
    const range = `${from.padStart(8)} – ${to.padEnd(8)}`;
    return `${range} ${bar(count / most, WIDTH).padEnd(WIDTH)} ${percent(count / total)} ${percent(seen / total)}`;
  });
  if (missing === 0 || rows.length === 0) return lines;
  const none = `${'no response'.padStart(13).padEnd(19)} ${bar(missing / most, WIDTH).padEnd(WIDTH)} ${percent(missing / total)} ${percent(1)}`;
  return [...lines, none];
}
