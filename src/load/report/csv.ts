/**
 * The windows of a load as CSV, one line a second, for spreadsheets, plots and data frames. With several names there is a
 * last column for them: a line without a name is about all requests, and is followed by one for each name.
 */
import { visible } from '../../core/harmless.ts';
import { type LoadWindow, type NamedWindow, PERCENTILE_NAMES } from '../../core/load.ts';

type Cell = number | string | null;
type Maybe<T> = { readonly [Name in keyof T]: T[Name] | null };

/** A window, of all requests or of those of a name. */
interface Row
  extends Pick<LoadWindow, 'atMs' | 'durationMs' | 'phase' | 'bytes' | 'latencyUs' | 'channel' | 'target'> {
  readonly counts: Maybe<LoadWindow['counts']>;
  readonly rate: Maybe<LoadWindow['rate']>;
  readonly generator: Maybe<LoadWindow['generator']>;
}

type Column = readonly [name: string, cell: (row: Row) => Cell];

const MEASURES = ['count', 'min', 'mean', 'stdev', ...PERCENTILE_NAMES, 'max'] as const;

/** Times in microseconds; empty where there was no response. */
const latencyColumns = (clock: keyof LoadWindow['latencyUs']): Column[] => [
  ...MEASURES.map(
    (measure): Column => [`${clock}.${measure}`, ({ latencyUs }) => latencyUs[clock]?.[measure] ?? null],
  ),
  [`${clock}.atLeast`, ({ latencyUs }) => latencyUs[clock]?.atLeast.join(' ') ?? null],
];

const COLUMNS: readonly Column[] = [
  ['atMs', ({ atMs }) => atMs],
  ['durationMs', ({ durationMs }) => durationMs],
  ['phase', ({ phase }) => phase],
  ...(['scheduled', 'completed', 'failed', 'timedOut', 'neverSent', 'inFlight'] as const).map(
    (name): Column => [name, ({ counts }) => counts[name]],
  ),
  ['bytes.sent', ({ bytes }) => bytes.sent],
  ['bytes.received', ({ bytes }) => bytes.received],
  ['rate.offered', ({ rate }) => rate.offered],
  ['rate.achieved', ({ rate }) => rate.achieved],
  ...latencyColumns('response'),
  ...latencyColumns('service'),
  ...latencyColumns('sendLag'),
  ['generator.cpuMs', ({ generator }) => generator.cpuMs],
  ['generator.maxLoopLagMs', ({ generator }) => generator.maxLoopLagMs],
  ...(['cpuMs', 'rssBytes', 'processes', 'threads', 'descriptors'] as const).map(
    (name): Column => [`target.${name}`, ({ target }) => target?.[name] ?? null],
  ),
  ...(['open', 'opened', 'lost', 'received', 'unasked'] as const).map(
    (name): Column => [`channel.${name}`, ({ channel }) => channel?.[name] ?? null],
  ),
];

const show = (cell: Cell): string =>
  cell === null ? '' : typeof cell === 'number' ? String(Math.round(cell * 1000) / 1000) : cell;

/** @param isNamed whether the requests have several names */
export const csvHead = (isNamed: boolean): string =>
  `${[...COLUMNS.map(([name]) => name), ...(isNamed ? ['name'] : [])].join(',')}\n`;

/** Of a name, what arrivals and the generator are counted by is not known. */
const rowOf = (window: LoadWindow, { counts, bytes, rate, latencyUs }: NamedWindow): Row => ({
  ...{ ...window, bytes, latencyUs, channel: null, target: null },
  counts: { ...counts, scheduled: null, inFlight: null },
  rate: { ...rate, offered: null },
  generator: { cpuMs: null, maxLoopLagMs: null },
});

const cellsOf = (row: Row): string[] => COLUMNS.map(([, cell]) => show(cell(row)));

/** No other cell can hold a comma or a quote. */
const quoted = (name: string): string => `"${visible(name).replaceAll('"', '""')}"`;

/**
 * @param byName the same window by name; null if all requests have the same
 * @returns the lines of a window
 */
export function csvLines(window: LoadWindow, byName: readonly NamedWindow[] | null): string {
  const whole = cellsOf(window);
  const named = (byName ?? []).map((each) => [...cellsOf(rowOf(window, each)), quoted(each.name)]);
  return [byName === null ? whole : [...whole, ''], ...named].map((line) => `${line.join(',')}\n`).join('');
}
