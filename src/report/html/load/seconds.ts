/** The seconds of a load, and fewer and longer spans in their place where there are too many to draw. */
import type { LatencyMeasures, LoadWindow } from '../../../core/load.ts';

/** The times that are drawn, in the order of the bits of `atLeast`. */
export const TIMES = ['p50', 'p90', 'p99', 'max'] as const;

/** Response times, in microseconds. */
export type Times = { readonly [Name in (typeof TIMES)[number]]: number };

/** A second of a load, or several of them. */
export interface Span {
  /** In milliseconds from the start of the load. */
  readonly atMs: number;
  readonly durationMs: number;
  readonly isWarmup: boolean;
  /** How many were due, and how many whole responses came. */
  readonly due: number;
  readonly answered: number;
  /** Failed, timed out and never sent. */
  readonly errors: number;
  readonly inFlight: number;
  /** Null if nothing was measured. */
  readonly times: Times | null;
  /** A bit for each of the times that is only a lower bound. */
  readonly atLeast: number;
  /** What the target used, and what it had at the end; null if it is not known. */
  readonly cpuMs: number | null;
  readonly rssBytes: number | null;
  readonly descriptors: number | null;
  /** Of connections that stay open; null if they do not. */
  readonly channel: { readonly open: number; readonly lost: number; readonly received: number } | null;
}

/** Spans that are further apart than this, in milliseconds, belong to different phases. */
export const PAUSE = 500;

const bitsOf = (atLeast: LatencyMeasures['atLeast']): number =>
  TIMES.reduce((bits, name, at) => (atLeast.includes(name) ? bits | (1 << at) : bits), 0);

/** @param before the second before it, if there was one: what the target has used is counted from its start */
export function secondOf(window: LoadWindow, before: LoadWindow | undefined): Span {
  const { atMs, durationMs, phase, counts, rate, latencyUs, target, channel } = window;
  const { response } = latencyUs;
  const isNext = before !== undefined && atMs - (before.atMs + before.durationMs) <= PAUSE;
  const cpuMs =
    isNext && target !== null && before.target !== null ? target.cpuMs - before.target.cpuMs : null;
  return {
    ...{ atMs, durationMs, isWarmup: phase === 'warmup' },
    due: counts.scheduled,
    answered: Math.round((rate.achieved * durationMs) / 1000),
    errors: counts.failed + counts.timedOut + counts.neverSent,
    inFlight: counts.inFlight,
    times: response === null ? null : pick(response),
    atLeast: response === null ? 0 : bitsOf(response.atLeast),
    // What a process has used is unknown once it has ended.
    cpuMs: cpuMs === null || cpuMs < 0 ? null : cpuMs,
    rssBytes: target?.rssBytes ?? null,
    descriptors: target?.descriptors ?? null,
    channel: channel === null ? null : { open: channel.open, lost: channel.lost, received: channel.received },
  };
}

const pick = ({ p50, p90, p99, max }: Times): Times => ({ p50, p90, p99, max });

const higher = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b);

function worstTimes(a: Span, b: Span): Pick<Span, 'times' | 'atLeast'> {
  if (a.times === null || b.times === null) {
    const { times, atLeast } = a.times === null ? b : a;
    return { times, atLeast };
  }
  const times = { ...a.times };
  let atLeast = 0;
  for (const [at, name] of TIMES.entries()) {
    const from = b.times[name] > a.times[name] ? b : a;
    times[name] = from.times?.[name] ?? 0;
    atLeast |= from.atLeast & (1 << at);
  }
  return { times, atLeast };
}

/** One after the other as one: counts are added up, and of all that cannot be added the highest is kept. */
export function joined(a: Span, b: Span): Span {
  return {
    atMs: a.atMs,
    durationMs: b.atMs + b.durationMs - a.atMs,
    isWarmup: a.isWarmup,
    due: a.due + b.due,
    answered: a.answered + b.answered,
    errors: a.errors + b.errors,
    inFlight: Math.max(a.inFlight, b.inFlight),
    ...worstTimes(a, b),
    cpuMs: a.cpuMs === null || b.cpuMs === null ? null : a.cpuMs + b.cpuMs,
    rssBytes: higher(a.rssBytes, b.rssBytes),
    descriptors: higher(a.descriptors, b.descriptors),
    channel:
      a.channel === null || b.channel === null
        ? null
        : {
            open: Math.max(a.channel.open, b.channel.open),
            lost: a.channel.lost + b.channel.lost,
            received: a.channel.received + b.channel.received,
          },
  };
}

/** Whether one goes on where the other ends, in the same phase. */
export const goesOn = (a: Span, b: Span): boolean =>
  a.isWarmup === b.isWarmup && b.atMs - (a.atMs + a.durationMs) <= PAUSE;

/**
 * As few as can be drawn or read. Phases stay apart.
 *
 * @param most how many there may be, and one more for each phase
 */
export function thinned(seconds: readonly Span[], most: number): Span[] {
  const together = Math.ceil(seconds.length / most);
  if (together <= 1) return [...seconds];
  const spans: Span[] = [];
  let count = 0;
  for (const second of seconds) {
    const last = spans.at(-1);
    if (last !== undefined && count < together && goesOn(last, second)) {
      spans[spans.length - 1] = joined(last, second);
      count += 1;
    } else {
      spans.push(second);
      count = 1;
    }
  }
  return spans;
}
