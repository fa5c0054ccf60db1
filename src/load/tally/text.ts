/** Counts and times as JSON, for another machine: exactly the same comes out as went in. */
import type { HistogramCounts } from './histogram.ts';

/** A histogram that holds something; null stands for an empty one. */
export interface HistogramText {
  /** The bucket of its first count. */
  readonly first: number;
  /** The counts from there on, separated by commas; a negative number stands for that many empty buckets. */
  readonly counts: string;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
}

/** A snapshot whose histograms are text. */
export type AsText<Snapshot> = {
  readonly [Key in keyof Snapshot]: Snapshot[Key] extends HistogramCounts
    ? HistogramText | null
    : Snapshot[Key];
};

const NONE: HistogramCounts = {
  ...{ first: 0, counts: new Float64Array(0) },
  ...{ min: Number.POSITIVE_INFINITY, max: 0, sum: 0 },
};

/** @param buckets those that are not empty, with their counts, in order */
function written(buckets: readonly (readonly [bucket: number, count: number])[]): string {
  const parts: number[] = [];
  let next = buckets[0]?.[0] ?? 0;
  for (const [bucket, count] of buckets) {
    if (bucket > next) parts.push(next - bucket);
    parts.push(count);
    next = bucket + 1;
  }
  return parts.join(',');
}

export function histogramText({ first, counts, min, max, sum }: HistogramCounts): HistogramText | null {
  const buckets: (readonly [bucket: number, count: number])[] = [];
  for (const [place, count] of counts.entries()) if (count > 0) buckets.push([first + place, count]);
  return buckets.length === 0 ? null : textOf(buckets, { min, max, sum });
}

/** @returns the buckets that are not empty, with their counts, in order */
export function bucketsOf({ first, counts }: HistogramText): [bucket: number, count: number][] {
  let bucket = first;
  return counts.split(',').flatMap((part): [number, number][] => {
    const count = Number(part);
    const at = bucket;
    bucket += count > 0 ? 1 : -count;
    return count > 0 ? [[at, count]] : [];
  });
}

/** @param buckets those that are not empty, with their counts, in order; at least one */
export const textOf = (
  buckets: readonly (readonly [bucket: number, count: number])[],
  rest: Pick<HistogramText, 'min' | 'max' | 'sum'>,
): HistogramText => ({ first: buckets[0]?.[0] ?? 0, counts: written(buckets), ...rest });

/** Adds up histograms, most of whose buckets are empty, as they are: a snapshot would have a place for each bucket. */
export function addTexts(all: readonly HistogramText[]): HistogramText | null {
  const counts = new Map<number, number>();
  for (const text of all)
    for (const [bucket, count] of bucketsOf(text)) counts.set(bucket, (counts.get(bucket) ?? 0) + count);
  const buckets = [...counts].sort(([one], [other]) => one - other);
  if (buckets.length === 0) return null;
  return textOf(buckets, {
    min: Math.min(...all.map(({ min }) => min)),
    max: Math.max(...all.map(({ max }) => max)),
    sum: all.reduce((total, { sum }) => total + sum, 0),
  });
}

export function histogramOf(text: HistogramText | null): HistogramCounts {
  if (text === null) return NONE;
  const { counts: _, ...rest } = text;
  const parts = text.counts.split(',').map(Number);
  const counts = new Float64Array(parts.reduce((length, part) => length + (part < 0 ? -part : 1), 0));
  let at = 0;
  for (const part of parts) {
    if (part < 0) at -= part;
    else {
      counts[at] = part;
      at += 1;
    }
  }
  return { ...rest, counts };
}

const isHistogram = (value: unknown): value is HistogramCounts =>
  typeof value === 'object' && value !== null && 'counts' in value && value.counts instanceof Float64Array;

/** @param snapshot of a tally */
export const asText = <Snapshot extends object>(snapshot: Snapshot): AsText<Snapshot> =>
  Object.fromEntries(
    Object.entries(snapshot).map(([key, value]) => [key, isHistogram(value) ? histogramText(value) : value]),
  ) as AsText<Snapshot>;

const isText = (value: unknown): value is HistogramText | null =>
  value === null ||
  (typeof value === 'object' &&
    'counts' in (value ?? {}) &&
    typeof (value as HistogramText).counts === 'string');

/** @param text of a snapshot, in which nothing but empty histograms is null */
export const fromText = <Snapshot extends object>(text: AsText<Snapshot>): Snapshot =>
  Object.fromEntries(
    Object.entries(text).map(([key, value]) => [key, isText(value) ? histogramOf(value) : value]),
  ) as Snapshot;
