/** A search for the highest rate that holds, for people: each rate as it is tried, and what was found. */
import type { LevelOutcome, LoadCapacity, LoadLevel } from '../../core/capacity.ts';
import type { LoadWindow } from '../../core/load.ts';
import { formatDuration, plural } from '../../core/units.ts';
import type { Paint } from '../../text/paint.ts';
import { capacityLine } from './brief.ts';
import { bar } from './distribution.ts';
import { formatRate, formatTime, showTime } from './format.ts';

const RATE = 11;
const BAR = 24;

function mark(outcome: LevelOutcome, paint: Paint): string {
  if (outcome === 'held') return paint.good('✓');
  return outcome === 'lost' ? paint.bad('✗') : paint.warn('?');
}

const timesOf = ({ responseUs }: LoadLevel): string =>
  responseUs === null
    ? 'no response'
    : `p50 ${showTime(responseUs, 'p50')}, p99 ${showTime(responseUs, 'p99')}`;

/** What became of a rate, in one line. */
export function levelLine(level: LoadLevel, paint: Paint): string {
  const { rate, isLook, outcome, reason } = level;
  const what = outcome === 'held' ? `held: ${timesOf(level)}` : (reason ?? timesOf(level));
  const brief = isLook ? paint.dim(' (a quick look)') : '';
  return `  ${mark(outcome, paint)} ${formatRate(rate).padStart(RATE)}  ${what}${brief}`;
}

/** A rate that is being sent. */
export interface CurrentLevel {
  readonly rate: number;
  readonly isLook: boolean;
  /** Milliseconds since it began, and those that it takes, warm-up included. */
  readonly elapsedMs: number;
  readonly takesMs: number;
  readonly windows: readonly LoadWindow[];
}

/**
 * @param current undefined between two rates
 * @param elapsedMs time since the search began
 * @param longestMs the longest that it may take
 */
export function searchFrame(
  current: CurrentLevel | undefined,
  elapsedMs: number,
  longestMs: number,
  paint: Paint,
): string[] {
  const time = `  ${paint.dim('elapsed')}    ${formatDuration(elapsedMs)} of at most ${formatDuration(longestMs)}`;
  if (current === undefined) return [`  ${paint.dim('waiting until the target is at rest')}`, time];
  const { rate, isLook, windows } = current;
  const last = windows.at(-1);
  const response = last?.latencyUs.response ?? null;
  const now =
    response === null ? '' : `p99 ${showTime(response, 'p99')}, ${last?.counts.inFlight ?? 0} in flight`;
  const share = Math.min(1, current.elapsedMs / current.takesMs);
  return [
    `  ${paint.warn(isLook ? 'looking at' : 'measuring ')} ${formatRate(rate).padEnd(RATE)} ${bar(share, BAR).padEnd(BAR, '·')} ${now}`,
    time,
  ];
}

/** From the lowest to the highest. */
function range(values: readonly number[], show: (value: number) => string): string {
  const [least, most] = [show(Math.min(...values)), show(Math.max(...values))];
  return least === most ? least : `${least} to ${most}`;
}

function summaryOf(levels: readonly LoadLevel[]): string {
  const held = levels.filter(({ outcome }) => outcome === 'held').length;
  if (levels[0]?.isLook === true) return `${held > 0 ? 'held' : 'did not hold'} at a quick look`;
  return `held ${held} of ${plural(levels.length, 'time')}`;
}

/** A rate that was tried, with all that was seen of it. */
export interface TriedRate {
  readonly rate: number;
  readonly outcome: LevelOutcome;
  /** `held 3 of 3 times` */
  readonly summary: string;
  /** `p99 1.20 ms to 3.40 ms` */
  readonly times: string;
}

/** @param all of one rate; once it was measured, looks at it prove nothing more */
function tried(rate: number, all: readonly LoadLevel[]): TriedRate {
  const measured = all.filter(({ isLook }) => !isLook);
  const levels = measured.length > 0 ? measured : all;
  const p99s = levels.flatMap(({ responseUs }) => (responseUs === null ? [] : [responseUs.p99]));
  const held = levels.filter(({ outcome }) => outcome === 'held').length;
  return {
    rate,
    outcome: held === levels.length ? 'held' : held === 0 ? 'lost' : 'limited',
    summary: summaryOf(levels),
    times: p99s.length === 0 ? 'no response' : `p99 ${range(p99s, formatTime)}`,
  };
}

/** What became of each rate, the lowest first. */
export function triedRates({ levels }: LoadCapacity): TriedRate[] {
  const rates = [...new Set(levels.map(({ rate }) => rate))].sort((a, b) => a - b);
  return rates.map((rate) =>
    tried(
      rate,
      levels.filter((level) => level.rate === rate),
    ),
  );
}

/** What was found, and what became of each rate, the lowest first. */
export function capacityRows(capacity: LoadCapacity | null, paint: Paint): string[] {
  if (capacity === null) return [];
  const { holds, while: conditions } = capacity;
  return [
    `  ${paint.bold(capacityLine(capacity))}`,
    paint.dim(`  while ${conditions.join(' and ')}`),
    '',
    ...triedRates(capacity).map(
      ({ rate, outcome, summary, times }) =>
        `  ${mark(outcome, paint)} ${formatRate(rate).padStart(RATE)}  ${summary.padEnd(28)} ${paint.dim(times)}`,
    ),
    '',
    ...(holds === null ? [] : [paint.dim(`  the figures of ${formatRate(holds)}:`), '']),
  ];
}
