/** The windows of a load as CSV, one line a second, for spreadsheets, plots and data frames. */
import { type LoadWindow, PERCENTILE_NAMES } from '../../core/load.ts';

type Cell = number | string | null;
type Column = readonly [name: string, cell: (window: LoadWindow) => Cell];

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
];

const show = (cell: Cell): string =>
  cell === null ? '' : typeof cell === 'number' ? String(Math.round(cell * 1000) / 1000) : cell;

export const CSV_HEAD = `${COLUMNS.map(([name]) => name).join(',')}\n`;

/** No cell contains a comma, a quote or a line break, so none is quoted. */
export const csvLine = (window: LoadWindow): string =>
  `${COLUMNS.map(([, cell]) => show(cell(window))).join(',')}\n`;
