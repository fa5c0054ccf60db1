/** Levels over time, connections or a rate: what they are at a moment, and when how many arrivals have come. Pure. */
import type { LoadStage } from '../../../core/load.ts';

/** A straight line from one level to another. Times in milliseconds, the last may be without end. */
interface Segment {
  readonly start: number;
  readonly duration: number;
  readonly from: number;
  readonly to: number;
  /** The area below all segments before this one. */
  readonly before: number;
}

/**
 * Stages with the warm-up before them, at the level with which they begin.
 *
 * @param level what holds where there are no stages
 */
export function withWarmup(stages: readonly LoadStage[], level: number, warmup: number): LoadStage[] {
  const first = stages[0]?.from ?? level;
  const steady = (duration: number, at: number): LoadStage => ({
    duration: duration as LoadStage['duration'],
    from: at,
    to: at,
  });
  const rest = stages.length === 0 ? [steady(Number.POSITIVE_INFINITY, level)] : stages;
  return warmup > 0 ? [steady(warmup, first), ...rest] : [...rest];
}

export class Levels {
  readonly #segments: readonly Segment[];

  constructor(stages: readonly LoadStage[]) {
    const segments: Segment[] = [];
    let start = 0;
    let before = 0;
    for (const { duration, from, to } of stages) {
      segments.push({ start, duration, from, to, before });
      start += duration;
      before += (duration * (from + to)) / 2;
    }
    this.#segments = segments;
  }

  /** The level at a time; after the last stage that of its end. */
  at(time: number): number {
    const segment = this.#segments.findLast(({ start }) => start <= time) ?? this.#segments[0];
    if (segment === undefined) return 0;
    if (segment.from === segment.to) return segment.to;
    const share = Math.min(1, (time - segment.start) / segment.duration);
    return segment.from + (segment.to - segment.from) * share;
  }

  /**
   * The time at which the area below the levels reaches a value; infinite when it never does. With levels in
   * arrivals a millisecond this is when the nth arrival is due: computed anew from n each time, so that no error adds up.
   */
  timeOfArea(area: number): number {
    const segment = this.#segments.findLast(({ before }) => before <= area);
    if (segment === undefined) return 0;
    const { start, duration, from, to, before } = segment;
    const left = area - before;
    if (from === to) {
      const time = left / from;
      return from > 0 && time <= duration ? start + time : left === 0 ? start : Number.POSITIVE_INFINITY;
    }
    // left = from·t + slope·t²/2, solved in the form that stays exact for a small slope and for from = 0.
    const slope = (to - from) / duration;
    const root = from * from + 2 * slope * left;
    if (root < 0) return Number.POSITIVE_INFINITY;
    const time = left === 0 ? 0 : (2 * left) / (from + Math.sqrt(root));
    return time <= duration ? start + time : Number.POSITIVE_INFINITY;
  }
}
