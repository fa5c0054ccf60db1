/**
 * The course of a load over time, small enough to be sent: after an hour it has as many windows as after some minutes, only
 * that they are wider. The times within a window are known to about 3 %.
 */
import type { LoadBytes, LoadWindow } from '../../core/load.ts';
import type { ChannelWindow } from '../../core/load-channel.ts';
import { coarseText } from '../tally/coarse.ts';
import type { Histogram } from '../tally/histogram.ts';
import type { Tally } from '../tally/tally.ts';
import { addTexts, type HistogramText, histogramText } from '../tally/text.ts';

/** More windows than this are joined, two into one. */
export const MOST_WINDOWS = 128;
/** There are 16 buckets for each power of two. */
export const BITS = 4;

const CLOCKS = ['response', 'unanswered', 'service', 'unserved', 'sendLag'] as const;

export interface WindowText {
  readonly phase: LoadWindow['phase'];
  /** Its number among the windows of its phase, from 0. */
  readonly slot: number;
  /** The number of the last second in it. */
  readonly last: number;
  /** From where it is due to begin to its end. */
  readonly durationMs: number;
  readonly counts: LoadWindow['counts'];
  readonly bytes: LoadBytes;
  readonly cpuMs: number;
  readonly maxLoopLagMs: number;
  readonly channel: ChannelWindow | null;
  /** Coarse ones. */
  readonly times: Readonly<Record<(typeof CLOCKS)[number], HistogramText | null>>;
}

export interface Windows {
  /** Of each, in seconds; the last of a phase may be shorter. A power of two. */
  readonly width: number;
  /** In the order in which they began. */
  readonly list: readonly WindowText[];
}

/** A second of a load, as it has just ended. */
export interface EndedWindow {
  readonly window: LoadWindow;
  readonly tally: Tally;
  /** When its phase began, in milliseconds from the start of the run. */
  readonly phaseAtMs: number;
}

function coarse(histogram: Histogram): HistogramText | null {
  const text = histogramText(histogram.snapshot());
  return text === null ? null : coarseText(text, BITS);
}

const SECOND = 1000;

export function windowText({ window, tally, phaseAtMs }: EndedWindow): WindowText {
  const { phase, atMs, durationMs, counts, bytes, generator, channel } = window;
  const { response, unanswered, service, unserved, sendLag } = tally;
  const [answered, least, served, leastServed, lag] = [response, unanswered, service, unserved, sendLag].map(
    coarse,
  );
  const second = Math.round((atMs - phaseAtMs) / SECOND);
  return {
    ...{ phase, slot: second, last: second, durationMs, counts, bytes, channel, ...generator },
    times: {
      ...{ response: answered ?? null, unanswered: least ?? null },
      ...{ service: served ?? null, unserved: leastServed ?? null, sendLag: lag ?? null },
    },
  };
}

const PHASES = ['warmup', 'measured'] as const;

const byStart = (one: WindowText, other: WindowText): number =>
  PHASES.indexOf(one.phase) - PHASES.indexOf(other.phase) || one.slot - other.slot;

const sumOf = <Key extends string>(
  keys: readonly Key[],
  all: readonly Readonly<Record<Key, number>>[],
): Record<Key, number> =>
  Object.fromEntries(keys.map((key) => [key, all.reduce((sum, each) => sum + each[key], 0)])) as Record<
    Key,
    number
  >;

const COUNTS = ['scheduled', 'completed', 'failed', 'timedOut', 'neverSent'] as const;
const CHANNEL = ['opened', 'lost', 'received', 'unasked'] as const;

/** Adds up windows of the same time, and joins those that follow each other: what is so at the end is so in the last second. */
function add(first: WindowText, others: readonly WindowText[]): WindowText {
  const all: readonly WindowText[] = [first, ...others];
  const last = Math.max(...all.map((each) => each.last));
  const atEnd = all.filter((each) => each.last === last);
  const channels = all.flatMap(({ channel }) => channel ?? []);
  return {
    ...{ phase: first.phase, slot: first.slot, last },
    durationMs: Math.max(...all.map(({ durationMs }) => durationMs)),
    counts: {
      ...sumOf(
        COUNTS,
        all.map(({ counts }) => counts),
      ),
      inFlight: atEnd.reduce((sum, { counts }) => sum + counts.inFlight, 0),
    },
    bytes: sumOf(
      ['sent', 'received'],
      all.map(({ bytes }) => bytes),
    ),
    cpuMs: all.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    maxLoopLagMs: Math.max(...all.map(({ maxLoopLagMs }) => maxLoopLagMs)),
    channel:
      channels.length === 0
        ? null
        : {
            ...sumOf(CHANNEL, channels),
            open: atEnd.reduce((sum, { channel }) => sum + (channel?.open ?? 0), 0),
          },
    times: Object.fromEntries(
      CLOCKS.map((clock) => [clock, addTexts(all.flatMap(({ times }) => times[clock] ?? []))]),
    ) as WindowText['times'],
  };
}

/** Puts those together that have the same number. */
function grouped(list: readonly WindowText[]): WindowText[] {
  const groups = new Map<string, { readonly first: WindowText; readonly others: WindowText[] }>();
  for (const window of list.toSorted(byStart)) {
    const key = `${window.phase} ${window.slot}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: window, others: [] });
    else group.others.push(window);
  }
  return [...groups.values()].map(({ first, others }) => (others.length === 0 ? first : add(first, others)));
}

/** Gives windows the numbers that they have if all are so wide. */
const numbered = ({ width, list }: Windows, to: number): WindowText[] =>
  to === width
    ? [...list]
    : list.map((window) => {
        const slot = Math.floor((window.slot * width) / to);
        const before = (window.slot * width - slot * to) * SECOND;
        return { ...window, slot, durationMs: before + window.durationMs };
      });

/** How many windows there are at most from the first to the last, if they are so wide. */
const spanOf = ({ width, list }: Windows, to: number): number =>
  PHASES.reduce((sum, phase) => {
    const slots = list.filter((window) => window.phase === phase).map(({ slot }) => slot * width);
    if (slots.length === 0) return sum;
    return sum + Math.floor(Math.max(...slots) / to) - Math.floor(Math.min(...slots) / to) + 1;
  }, 0);

/** @returns the same, with no more windows than are sent, or than are given */
export function bounded(windows: Windows, most = MOST_WINDOWS): Windows {
  let { width } = windows;
  // There is at least one of each phase.
  while (spanOf(windows, width) > Math.max(most, PHASES.length)) width *= 2;
  return { width, list: grouped(numbered(windows, width)) };
}

/** Adds up what went on at the same time on several machines. */
export function mergeWindows(all: readonly Windows[]): Windows {
  const width = Math.max(1, ...all.map((each) => each.width));
  return bounded({ width, list: all.flatMap((each) => numbered(each, width)) });
}
