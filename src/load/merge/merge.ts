/** Adds up what the parts of a load have measured. It needs no clock, no chance and nothing of Node. */
import type { LoadFailure } from '../../core/load.ts';
import { ChannelTally } from '../tally/channel-tally.ts';
import { Firsts } from '../tally/firsts.ts';
import { Tally, type TallySnapshot } from '../tally/tally.ts';
import { type AsText, asText, fromText } from '../tally/text.ts';
import type { LoadReport, Preparation } from './report.ts';
import { mergeWindows } from './windows.ts';

type TallyText = AsText<TallySnapshot>;

function addTallies(all: readonly TallyText[]): TallyText {
  const sum = new Tally();
  for (const each of all) sum.add(fromText<TallySnapshot>(each));
  return asText(sum.snapshot());
}

/** By their places. */
function addEach(all: readonly (readonly TallyText[])[]): TallyText[] {
  const length = Math.max(0, ...all.map((each) => each.length));
  return Array.from({ length }, (_, place) => addTallies(all.flatMap((each) => each[place] ?? [])));
}

function addChannels(all: readonly NonNullable<LoadReport['channel']>[]): LoadReport['channel'] {
  if (all.length === 0) return null;
  const sum = new ChannelTally();
  for (const each of all) {
    sum.add(fromText(each));
    sum.open += each.open;
  }
  return asText(sum.snapshot());
}

function addPreparations(all: readonly Preparation[]): Preparation | null {
  if (all.length === 0) return null;
  return {
    durationMs: Math.max(...all.map(({ durationMs }) => durationMs)),
    failures: firstOf(all.flatMap(({ failures }) => failures)),
    lockedOut: all.reduce((sum, { lockedOut }) => sum + lockedOut, 0),
  };
}

/** The order is not that of the parts, so that it does not matter how they are grouped. */
function firstOf(failures: readonly LoadFailure[]): LoadFailure[] {
  const keyed = failures
    .map((failure) => [JSON.stringify([failure.kind, failure.name, failure]), failure] as const)
    .sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
  const firsts = new Firsts();
  return keyed.flatMap(([, failure]) => {
    if (!firsts.wants(failure)) return [];
    firsts.count(failure);
    return [failure];
  });
}

/**
 * Adds up reports. Of a part that is in several, the one that has come furthest counts, so that a report may be added twice.
 *
 * @returns what all of them measured; equal, bucket by bucket, to what one machine would have
 */
export function mergeReports(reports: readonly LoadReport[]): LoadReport {
  const all = withoutRepeats(reports);
  const iterations = all.flatMap((each) => each.iterations ?? []);
  return {
    parts: all.flatMap(({ parts }) => parts).sort((one, other) => one.part - other.part),
    total: addTallies(all.map(({ total }) => total)),
    named: addEach(all.map(({ named }) => named)),
    before: addEach(all.map(({ before }) => before)),
    preparation: addPreparations(all.flatMap(({ preparation }) => preparation ?? [])),
    iterations: iterations.length === 0 ? null : addTallies(iterations),
    channel: addChannels(all.flatMap(({ channel }) => channel ?? [])),
    windows: mergeWindows(all.map(({ windows }) => windows)),
    failures: firstOf(all.flatMap(({ failures }) => failures)),
    offeredMs: all.length === 0 ? 0 : Math.min(...all.map(({ offeredMs }) => offeredMs)),
    leftOfWarmup: all.reduce((sum, { leftOfWarmup }) => sum + leftOfWarmup, 0),
    isOvertime: all.some(({ isOvertime }) => isOvertime),
    slowPatterns: [...new Set(all.flatMap(({ slowPatterns }) => slowPatterns))].sort(),
    departures: all.flatMap(({ departures }) => departures).sort((one, other) => one.part - other.part),
    shortened: Math.max(0, ...all.map(({ shortened }) => shortened)),
  };
}

/** Whether a report says nothing that another one does not know better. */
const isWithin = (one: LoadReport, other: LoadReport): boolean =>
  one.parts.every(({ part, isFinal, durationMs, scheduled }) => {
    const known = other.parts.find((each) => each.part === part);
    if (known === undefined) return false;
    if (known.isFinal !== isFinal) return known.isFinal;
    return known.durationMs >= durationMs && known.scheduled >= scheduled;
  });

function withoutRepeats(reports: readonly LoadReport[]): LoadReport[] {
  const kept: LoadReport[] = [];
  for (const report of reports) {
    // A report of nobody is within every other.
    if (report.parts.length === 0 || kept.some((each) => isWithin(report, each))) continue;
    const left = kept.filter((each) => !isWithin(each, report));
    kept.splice(0, kept.length, ...left, report);
  }
  const parts = kept.flatMap((each) => each.parts.map(({ part }) => part));
  if (new Set(parts).size < parts.length)
    throw new Error('reports overlap, and none of them is within another');
  return kept;
}
