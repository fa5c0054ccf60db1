/** A table of the requests by name: the slowest first. */
import { visible } from '../../core/harmless.ts';
import type { LoadByName, LoadSummary } from '../../core/load.ts';
import { unitCounted } from '../../core/load-channel.ts';
import { OTHERS } from '../../core/series.ts';
import type { Paint } from '../../text/paint.ts';
import { formatCount, formatRate, showTime } from './format.ts';

const MOST_ROWS = 12;
const LONGEST_NAME = 22;
/** Makes a row as wide as the other tables, with the longest name. */
const CELLS = { requests: 10, failed: 8, rate: 9, p50: 9, p99: 9, max: 9 } as const;
const TIMES = ['p50', 'p99', 'max'] as const;

/** A name in one line; of a long one the middle is left out, as paths differ at their ends. */
export function shortName(name: string, longest = LONGEST_NAME): string {
  const chars = [...visible(name)];
  if (chars.length <= longest) return chars.join('');
  const half = (longest - 1) / 2;
  return `${chars.slice(0, Math.ceil(half)).join('')}…${chars.slice(-Math.floor(half)).join('')}`;
}

/** Of one name, those without a good response. */
export const failuresOf = ({ counts }: LoadByName): number => counts.failed + counts.timedOut;
const slowness = ({ latencyUs }: LoadByName): number => latencyUs.response?.p99 ?? 0;
export const slowestFirst = (a: LoadByName, b: LoadByName): number => slowness(b) - slowness(a);

/** Those that failed most; then the slowest. */
const byWeight = (a: LoadByName, b: LoadByName): number =>
  failuresOf(b) - failuresOf(a) || slowestFirst(a, b);

const isLoad = ({ part }: LoadByName): boolean => part === 'load';

/** What was sent to prepare users is marked: it does not belong to the whole. */
const labelOf = (each: LoadByName): string =>
  isLoad(each) ? shortName(each.name) : `(${shortName(each.name, LONGEST_NAME - 2)})`;

function rowOf(each: LoadByName, width: number, paint: Paint): string {
  const { counts, rate, latencyUs } = each;
  const failed = formatCount(failuresOf(each)).padStart(CELLS.failed);
  const times = TIMES.map((measure) =>
    (latencyUs.response === null ? '–' : showTime(latencyUs.response, measure)).padStart(CELLS[measure]),
  );
  return [
    `  ${labelOf(each).padEnd(width)}`,
    formatCount(counts.scheduled).padStart(CELLS.requests),
    failuresOf(each) > 0 ? paint.bad(failed) : failed,
    formatRate(rate.achieved).padStart(CELLS.rate),
    ...times,
  ].join('');
}

/** @returns nothing if all requests have the same name */
export function nameRows({ byName }: LoadSummary, paint: Paint): string[] {
  if (byName.length === 0) return [];
  const shown = [...byName].sort(byWeight).slice(0, MOST_ROWS).sort(slowestFirst);
  const width = Math.max(...shown.map((each) => labelOf(each).length), 'by name'.length);
  const head = Object.entries(CELLS).map(([name, cell]) => name.padStart(cell));
  const more = byName.length - shown.length;
  return [
    '',
    paint.dim(`  ${'by name'.padEnd(width)}${head.join('')}`),
    ...shown.map((each) => rowOf(each, width, paint)),
    ...(more > 0 ? [paint.dim(`  and ${formatCount(more)} more: in the JSON`)] : []),
    ...(byName.every(isLoad) ? [] : [paint.dim('  (in brackets): before the load, to prepare its users')]),
    ...(byName.some(({ name }) => name === OTHERS)
      ? [paint.dim(`  ${OTHERS}: all names beyond the first hundred`)]
      : []),
  ];
}

/**
 * `slowest request: create, p99 80.0 ms`; nothing if all requests of the load have the same name.
 * `slowest of 3` is what a component is called by its history.
 */
export function slowestName({ byName, channel }: LoadSummary): string[] {
  const names = byName.filter(isLoad).sort(slowestFirst);
  const [slowest] = names;
  const response = slowest?.latencyUs.response;
  if (slowest === undefined || response == null || names.length < 2) return [];
  return [`slowest ${unitCounted(channel)}: ${shortName(slowest.name)}, p99 ${showTime(response, 'p99')}`];
}
