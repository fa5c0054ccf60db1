/** What has to be left out of a report that is too large to be sent: the same of the same report, and nothing that decides a verdict. */
import type { LoadPrecision } from '../../core/load.ts';
import { coarseText, errorOf } from '../tally/coarse.ts';
import type { AsText } from '../tally/text.ts';
import type { LoadReport } from './report.ts';
import { BITS, bounded, MOST_WINDOWS } from './windows.ts';

export interface Shortening {
  /** How many failures are kept. */
  readonly failures: number;
  readonly windows: number;
  /** Of a part that is still sent, for which the windows before were sent before. */
  readonly latest: number;
  /** Buckets for each power of two, as a power of two; null: all that there are. */
  readonly whole: number | null;
  /** The same for the times of each name. */
  readonly named: number | null;
}

/** Each leaves out more than the one before. */
export const SHORTENINGS: readonly [Shortening, ...Shortening[]] = [
  { failures: 100, windows: MOST_WINDOWS, latest: 60, whole: null, named: null },
  { failures: 10, windows: MOST_WINDOWS, latest: 10, whole: null, named: null },
  { failures: 10, windows: MOST_WINDOWS, latest: 10, whole: null, named: 4 },
  { failures: 3, windows: 32, latest: 5, whole: null, named: 3 },
  { failures: 3, windows: 16, latest: 3, whole: 4, named: 2 },
  { failures: 0, windows: 8, latest: 1, whole: 3, named: 1 },
  { failures: 0, windows: 2, latest: 0, whole: 2, named: 0 },
];

/** How far times are from what they are known as at most, as a share of it: of windows, of the whole, and of each name. */
export function precisionOf({ shortened }: LoadReport): LoadPrecision {
  const { whole, named } = SHORTENINGS[shortened] ?? SHORTENINGS[0];
  const share = (bits: number | null): number => (bits === null ? 0 : errorOf(bits));
  return { windows: errorOf(BITS), whole: share(whole), named: share(named) };
}

/** Structure compresses to less than half: its words come again and again, and of a digit there are only ten. */
const COMPRESSED = 0.5;
/** For what comes only once. */
const ONCE = 2000;

/** @returns how many bytes it takes at most when it is compressed */
export function sizeAtMost(report: LoadReport): number {
  const { failures, slowPatterns, preparation, departures } = report;
  const rest = {
    ...report,
    ...{ failures: [], slowPatterns: [], preparation: null },
    departures: departures.map((each) => ({ ...each, examples: [] })),
  };
  const texts = JSON.stringify([
    ...[failures, slowPatterns, preparation],
    departures.map(({ examples }) => examples),
  ]);
  return COMPRESSED * JSON.stringify(rest).length + new TextEncoder().encode(texts).length + ONCE;
}

/** @param bits null: as it is */
const shorter = <Snapshot extends object>(
  snapshot: AsText<Snapshot>,
  bits: number | null,
): AsText<Snapshot> =>
  bits === null
    ? snapshot
    : (Object.fromEntries(
        Object.entries(snapshot).map(([key, value]) => [
          key,
          isText(value) ? coarseText(value, bits) : value,
        ]),
      ) as AsText<Snapshot>);

const isText = (value: unknown): value is Parameters<typeof coarseText>[0] =>
  typeof value === 'object' && value !== null && 'counts' in value && typeof value.counts === 'string';

const orNull = <T extends object>(value: T | null, change: (value: T) => T): T | null =>
  value === null ? null : change(value);

function shortenedTo(report: LoadReport, step: number): LoadReport {
  const { failures, windows, latest, whole, named } = SHORTENINGS[step] ?? SHORTENINGS[0];
  const hasEnded = report.parts.some(({ isFinal }) => isFinal);
  const { width, list } = report.windows;
  return {
    ...report,
    total: shorter(report.total, whole),
    named: report.named.map((each) => shorter(each, named)),
    before: report.before.map((each) => shorter(each, named)),
    iterations: orNull(report.iterations, (each) => shorter(each, whole)),
    channel: orNull(report.channel, (each) => shorter(each, whole)),
    preparation: orNull(report.preparation, (each) => ({
      ...each,
      failures: each.failures.slice(0, failures),
    })),
    failures: report.failures.slice(0, failures),
    departures: report.departures.map((each) => ({ ...each, examples: each.examples.slice(0, failures) })),
    windows: hasEnded
      ? bounded(report.windows, windows)
      : { width, list: latest === 0 ? [] : list.slice(-latest) },
    shortened: step,
  };
}

export interface Fit {
  /** The least that it is shortened: the place in `SHORTENINGS`. */
  readonly from?: number;
  /** How many bytes a report takes when it is compressed, where that can be tried. */
  readonly sizeOf?: (report: LoadReport) => number;
}

/**
 * @param room bytes that it may take when it is compressed
 * @returns what fits; or the shortest there is
 */
export function fitted(report: LoadReport, room: number, { from = 0, sizeOf }: Fit = {}): LoadReport {
  const fits = (shorter: LoadReport): boolean =>
    sizeAtMost(shorter) <= room || (sizeOf !== undefined && sizeOf(shorter) <= room);
  for (let step = Math.max(from, report.shortened); step < SHORTENINGS.length; step += 1) {
    const shorter = step === 0 ? report : shortenedTo(report, step);
    if (fits(shorter) || step === SHORTENINGS.length - 1) return shorter;
  }
  return report;
}

/**
 * Of the shortest report, in bytes: of a part, and of each name. Times of a name from a microsecond to an hour at once take twice as
 * much; if that is too large for the server, it ends the run, and that is told.
 */
const LEAST = 5000;
const LEAST_OF_NAME = 600;

/** @returns how many bytes the shortest report takes, with so many names, those of a preparation counted again */
export const leastSize = (names: number): number => LEAST + (names > 1 ? LEAST_OF_NAME * names : 0);
