/** A level over time, of connections or of a rate: its value at a moment, and when a number of arrivals is reached. */
import type { LoadStage } from '../../../core/load.ts';

/** A line from one level to another. Times in milliseconds; the last may be infinite. */
interface Segment {
  readonly start: number;
  readonly duration: number;
  readonly from: number;
  readonly to: number;
  /** The area below all earlier segments. */
  readonly before: number;
}

/**
 * Stages, preceded by the warm-up at their first level.
 *
 * @param level used if there are no stages
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

  /** The level at a time; after the last stage, its final level. */
  at(time: number): number {
    const segment = this.#segments.findLast(({ start }) => start <= time) ?? this.#segments[0];
    if (segment === undefined) return 0;
    if (segment.from === segment.to) return segment.to;
    const share = Math.min(1, (time - segment.start) / segment.duration);
    return segment.from + (segment.to - segment.from) * share;
  }

  /**
   * The time at which the area below the levels reaches a value; infinite if it never does. With levels in arrivals per
   * millisecond this is when the nth arrival is due: computed from n each time, so that no error accumulates.
   */
  timeOfArea(area: number): number {
    const segment = this.#segments.findLast(({ before }) => before <= area);
    if (segment === undefined) return 0;
    const { start, duration, from, to, before } = segment;
    const left = area - before;
    // Below all but the last segment the area is reached by its end: what lies behind that is an error of rounding.
    const beyond = segment === this.#segments.at(-1) ? Number.POSITIVE_INFINITY : start + duration;
    if (from === to) {
      const time = left / from;
      return from > 0 && time <= duration ? start + time : left === 0 ? start : beyond;
    }
    // left = from·t + slope·t²/2, solved in the form that is stable for a small slope and for from = 0.
    const slope = (to - from) / duration;
    const root = from * from + 2 * slope * left;
    if (root < 0) return beyond;
    const time = left === 0 ? 0 : (2 * left) / (from + Math.sqrt(root));
    return time <= duration ? start + time : beyond;
  }
}
