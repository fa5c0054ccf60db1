/**
 * The course of a load over time, small enough to be sent: after an hour it has as many windows as after some minutes, only
 * that they are wider. The times within a window are known to 3 %.
 */
import type { LoadBytes, LoadWindow } from '../../core/load.ts';
import type { ChannelWindow } from '../../core/load-channel.ts';
import { lowestOf } from '../hdr/buckets.ts';
import { Histogram } from '../tally/histogram.ts';
import type { Tally } from '../tally/tally.ts';
import { type HistogramText, histogramOf, histogramText } from '../tally/text.ts';

/** More windows than this are joined, two into one. */
export const MOST_WINDOWS = 256;
/** Values below this have a bucket of their own; above, there are 32 for each power of two. */
const EXACT = 64;
const BITS = 5;

const CLOCKS = ['response', 'unanswered', 'service', 'unserved', 'sendLag'] as const;

export interface WindowText {
  readonly phase: LoadWindow['phase'];
  /** Its number among the windows of its phase, from 0. */
  readonly slot: number;
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

/** The same times with fewer buckets, each rounded up, but not beyond the longest. */
function coarse(histogram: Histogram): HistogramText | null {
  const rounded = new Histogram();
  histogram.each((bucket, count) => {
    const value = lowestOf(bucket);
    const width = value < EXACT ? 1 : 2 ** (31 - Math.clz32(value) - BITS);
    rounded.record(Math.min((Math.floor(value / width) + 1) * width - 1, histogram.max), count);
  });
  const text = histogramText(rounded.snapshot());
  return text === null ? null : { ...text, sum: histogram.sum };
}

const SECOND = 1000;

export function windowText({ window, tally, phaseAtMs }: EndedWindow): WindowText {
  const { phase, atMs, durationMs, counts, bytes, generator, channel } = window;
  const { response, unanswered, service, unserved, sendLag } = tally;
  const [answered, least, served, leastServed, lag] = [response, unanswered, service, unserved, sendLag].map(
    coarse,
  );
  return {
    ...{ phase, slot: Math.round((atMs - phaseAtMs) / SECOND), durationMs, counts, bytes, channel },
    ...generator,
    times: {
      ...{ response: answered ?? null, unanswered: least ?? null },
      ...{ service: served ?? null, unserved: leastServed ?? null, sendLag: lag ?? null },
    },
  };
}

const PHASES = ['warmup', 'measured'] as const;

const byStart = (one: WindowText, other: WindowText): number =>
  PHASES.indexOf(one.phase) - PHASES.indexOf(other.phase) || one.slot - other.slot;

function addTimes(all: readonly (HistogramText | null)[]): HistogramText | null {
  const sum = new Histogram();
  for (const text of all) if (text !== null) sum.add(histogramOf(text));
  return histogramText(sum.snapshot());
}

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

/**
 * Adds up windows of the same time, or makes one of windows that follow each other.
 *
 * @param how at once, or one after another: then what is so at its end is so at the end of the last
 */
function add(first: WindowText, others: readonly WindowText[], how: 'at once' | 'in turn'): WindowText {
  const all: readonly WindowText[] = [first, ...others];
  const last = others.at(-1) ?? first;
  const atEnd: readonly WindowText[] = how === 'at once' ? all : [last];
  const durations = all.map(({ durationMs }) => durationMs);
  const channels = all.flatMap(({ channel }) => channel ?? []);
  return {
    ...{ phase: first.phase, slot: first.slot },
    durationMs:
      how === 'at once' ? Math.max(...durations) : durations.reduce((sum, duration) => sum + duration, 0),
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
      CLOCKS.map((clock) => [clock, addTimes(all.map(({ times }) => times[clock]))]),
    ) as WindowText['times'],
  };
}

/** Puts windows together whose key is the same. */
function grouped(
  list: readonly WindowText[],
  keyOf: (window: WindowText) => string,
  how: 'at once' | 'in turn',
): WindowText[] {
  const groups = new Map<string, { readonly first: WindowText; readonly others: WindowText[] }>();
  for (const window of list.toSorted(byStart)) {
    const key = keyOf(window);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: window, others: [] });
    else group.others.push(window);
  }
  return [...groups.values()].map(({ first, others }) =>
    others.length === 0 ? first : add(first, others, how),
  );
}

/** Makes windows so wide, by joining neighbours. */
function widened({ width, list }: Windows, to: number): Windows {
  if (to <= width) return { width, list };
  const times = to / width;
  const slots = list.map((window) => ({ ...window, slot: Math.floor(window.slot / times) }));
  // Those of one slot come in the order in which they began.
  return { width: to, list: grouped(slots, ({ phase, slot }) => `${phase} ${slot}`, 'in turn') };
}

/** @returns the same, with no more windows than are sent */
export function bounded(windows: Windows): Windows {
  let { width } = windows;
  const longest = Math.max(0, ...windows.list.map(({ slot }) => slot)) * width;
  while (longest / width >= MOST_WINDOWS) width *= 2;
  return widened(windows, width);
}

/** Adds up what went on at the same time on several machines. */
export function mergeWindows(all: readonly Windows[]): Windows {
  const width = Math.max(1, ...all.map((each) => each.width));
  const list = all.flatMap((each) => widened(each, width).list);
  return bounded({ width, list: grouped(list, ({ phase, slot }) => `${phase} ${slot}`, 'at once') });
}
