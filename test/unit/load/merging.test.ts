/** What several machines measured of a load adds up to what one would have, whoever adds it up, and in what order. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { LoadFailure, LoadWindow } from '../../../src/core/load.ts';
import { Random } from '../../../src/core/random.ts';
import { Course } from '../../../src/load/merge/course.ts';
import type { DepartureReport } from '../../../src/load/merge/departure.ts';
import { mergeReports } from '../../../src/load/merge/index.ts';
import type { LoadReport } from '../../../src/load/merge/report.ts';
import { bounded, MOST_WINDOWS, type WindowText, windowText } from '../../../src/load/merge/windows.ts';
import { ChannelTally } from '../../../src/load/tally/channel-tally.ts';
import { FAILURE_KINDS, Tally, type TallySnapshot } from '../../../src/load/tally/tally.ts';
import { asText, fromText, histogramOf } from '../../../src/load/tally/text.ts';
import fc from '../../rig/fast-check.ts';
import { shareOf } from '../../rig/thorough.ts';

const RUNS = shareOf(400, 20);

/** What became of a request, and when; times are in microseconds. */
interface Sample {
  readonly outcome: 'completed' | 'timedOut' | 'inFlightAtEnd' | 'neverSent' | (typeof FAILURE_KINDS)[number];
  readonly second: number;
  readonly name: number;
  readonly status: number;
  readonly service: number;
  readonly lag: number;
  readonly bytes: number;
}

const NAMES = 3;

const samples = (seconds: number, longest: number): fc.Arbitrary<Sample[]> =>
  fc.array(
    fc.record({
      outcome: fc.constantFrom('completed', 'timedOut', 'inFlightAtEnd', 'neverSent', ...FAILURE_KINDS),
      second: fc.nat(seconds - 1),
      name: fc.nat(NAMES - 1),
      status: fc.constantFrom(200, 201, 404, 500, 999),
      service: fc.oneof(fc.nat(3000), fc.nat(longest), fc.constant(longest)),
      lag: fc.nat(2000),
      bytes: fc.nat(100_000),
    }),
    { maxLength: 15 },
  );

function record(tally: Tally, { outcome, status, service, lag, bytes }: Sample): void {
  tally.scheduled += 1;
  tally.sent += bytes;
  if (outcome === 'neverSent' || outcome === 'inFlightAtEnd' || outcome === 'timedOut') {
    tally[outcome] += 1;
    tally.unanswered.record(service + lag);
    if (outcome !== 'neverSent') tally.unserved.record(service);
    return;
  }
  tally.received += bytes * 2;
  tally.sendLag.record(lag);
  tally.pace.record(lag / 2);
  if (outcome === 'completed') tally.completed += 1;
  else tally.fail(outcome);
  if (outcome !== 'completed' && outcome !== 'check') return;
  tally.checked += 1;
  tally.answered(status);
  tally.service.record(service);
  tally.response.record(service + lag);
}

function tallyOf(all: readonly Sample[]): Tally {
  const tally = new Tally();
  for (const sample of all) record(tally, sample);
  return tally;
}

const text = (all: readonly Sample[]) => asText(tallyOf(all).snapshot());

function windowOf(all: readonly Sample[], second: number, durationMs: number): WindowText {
  const tally = tallyOf(all);
  const { scheduled, completed, failed, timedOut, neverSent, inFlightAtEnd, sent, received } = tally;
  const window: LoadWindow = {
    ...{ atMs: second * 1000, durationMs, phase: 'measured', channel: null, target: null },
    counts: { scheduled, completed, failed, timedOut, neverSent, inFlight: inFlightAtEnd },
    bytes: { sent, received },
    rate: { offered: 0, achieved: 0 },
    latencyUs: { response: null, service: null, sendLag: null },
    generator: { cpuMs: scheduled, maxLoopLagMs: second },
  };
  return windowText({ window, tally, phaseAtMs: 0 });
}

const failureOf = ({ outcome, name, status, service }: Sample): LoadFailure => ({
  ...{ kind: outcome === 'timedOut' ? 'timeout' : (outcome as 'check'), name: `name ${name}` },
  message: `answered ${status} after ${service}`,
  ...{ request: 'GET /', response: null, body: null, captured: null },
});

const failed = ({ outcome }: Sample): boolean =>
  outcome === 'timedOut' || FAILURE_KINDS.some((kind) => kind === outcome);

function channelOf(all: readonly Sample[]): ChannelTally {
  const tally = new ChannelTally();
  for (const { status, service, lag } of all) {
    tally.counts.opened += 1;
    tally.open += 1;
    tally.closed(status);
    tally.connect.record(service);
    tally.gap.record(lag);
  }
  return tally;
}

/** Some of what there is to say of a target that left. */
function departureOf(all: readonly Sample[]): DepartureReport {
  const [first = 0, last = 0] = [all[0]?.service, all.at(-1)?.service];
  return {
    ...{ countedMs: first, inFlight: all.length, answered: last, lost: 1, lostByTime: 0, refused: 2 },
    examples: [{ message: 'GET / was cut off', sentMs: first, lostMs: last }],
    ...{ crossed: 0, unaccepted: 0, firstRefusedMs: last, firstCrossedMs: null, lastBegunMs: null },
    ...{ lastConnectedMs: first, lastAnsweredMs: null, idle: { opened: 4, kept: 0, closedMs: last } },
  };
}

/** What one machine reports that took these samples, in a run of so many seconds. */
function reportOf(part: number, all: readonly Sample[], seconds: number, lastMs = 1000): LoadReport {
  const tally = tallyOf(all);
  const { scheduled, completed, failed: failures, timedOut, neverSent, inFlightAtEnd } = tally;
  const list = Array.from({ length: seconds }, (_, second) =>
    windowOf(
      all.filter((each) => each.second === second),
      ...([second, second === seconds - 1 ? lastMs : 1000] as const),
    ),
  );
  return {
    parts: [
      {
        ...{
          part,
          of: 6,
          threads: 1,
          isFinal: true,
          ended: 'limit',
          durationMs: (seconds - 1) * 1000 + lastMs,
        },
        ...{ lateMs: 0, cpuMs: 10, spinShare: 0, busiest: 0.1, maxLoopLagMs: 1, slots: 4, paceUs: 0 },
        ...{ scheduled, completed, failed: failures, timedOut, neverSent, inFlightAtEnd },
        ...{ answered: tally.service.count, serviceUs: null },
      },
    ],
    total: text(all),
    named: Array.from({ length: NAMES }, (_, name) => text(all.filter((each) => each.name === name))),
    before: Array.from({ length: NAMES }, (_, name) => text(all.filter((each) => each.name !== name))),
    preparation: { durationMs: scheduled, failures: [], lockedOut: completed },
    iterations: text(all.filter(({ second }) => second % 2 === 0)),
    channel: asText(channelOf(all).snapshot()),
    windows: bounded({ width: 1, list }),
    failures: all.filter(failed).slice(0, 3).map(failureOf),
    ...{ offeredMs: seconds * 1000, leftOfWarmup: scheduled, isOvertime: timedOut > 3 },
    slowPatterns: completed > 2 ? ['/a*/'] : [],
    departures: completed > 1 ? [{ part, ...departureOf(all) }] : [],
    shortened: 0,
  };
}

/** As it comes from another machine. */
const sentOn = (report: LoadReport): LoadReport => JSON.parse(JSON.stringify(report)) as LoadReport;

/** Few runs have times of an hour, which need large histograms. */
const LONGEST = fc.oneof(
  { weight: 20, arbitrary: fc.constant(5000) },
  { weight: 2, arbitrary: fc.constant(5_000_000) },
  { weight: 1, arbitrary: fc.constant(2 ** 32 - 1) },
);

/** Machines by their number, each with what it measured. */
const machines = (seconds: fc.Arbitrary<number>) =>
  fc
    .tuple(fc.integer({ min: 1, max: 5 }), seconds, LONGEST)
    .chain(([count, length, longest]) =>
      fc.tuple(
        fc.array(samples(length, longest), { minLength: count, maxLength: count }),
        fc.constant(length),
      ),
    );

/** Adds up reports in some order, two of the list at a time, and sends what comes of it on. */
function inSomeOrder(reports: readonly LoadReport[], picks: readonly number[]): LoadReport {
  const left = [...reports];
  let step = 0;
  const take = (): LoadReport[] => {
    step += 1;
    return left.splice((picks[step % picks.length] ?? 0) % left.length, 1);
  };
  while (left.length > 1) left.push(sentOn(mergeReports([...take(), ...take()])));
  return mergeReports(left);
}

const picks = fc.array(fc.nat(100), { minLength: 1, maxLength: 12 });
const SHORT = fc.integer({ min: 1, max: 3 });

describe('random reports of several machines', () => {
  test('add up to that of one machine, bucket by bucket, in windows as well', () => {
    fc.assert(
      fc.property(machines(SHORT), ([parts, seconds]) => {
        const merged = mergeReports(parts.map((all, part) => sentOn(reportOf(part, all, seconds))));
        const whole = reportOf(0, parts.flat(), seconds);
        for (const key of ['total', 'named', 'before', 'iterations', 'channel', 'windows'] as const)
          expect(merged[key], key).toEqual(whole[key]);
        expect(merged.preparation).toEqual({
          ...whole.preparation,
          durationMs: Math.max(...parts.map((all) => all.length)),
        });
        expect(merged.leftOfWarmup).toBe(whole.leftOfWarmup);
      }),
      { numRuns: Math.ceil(RUNS / 4) },
    );
  });

  test('make the same in any order and grouping, added twice as well; no request is lost or invented', () => {
    fc.assert(
      fc.property(machines(SHORT), picks, fc.nat(5), ([parts, seconds], order, again) => {
        const reports = parts.map((all, part) => sentOn(reportOf(part, all, seconds)));
        const merged = mergeReports(reports);
        const repeated = [...reports, reports[again % reports.length] as LoadReport];
        expect(sentOn(inSomeOrder(reports, order))).toEqual(sentOn(merged));
        expect(mergeReports(repeated)).toEqual(merged);
        expect(mergeReports([merged])).toEqual(merged);
        const sum = new Tally();
        sum.add(fromText<TallySnapshot>(merged.total));
        expect(sum.scheduled).toBe(parts.flat().length);
        expect(sum.accounted).toBe(sum.scheduled);
        const known = sum.scheduled - sum.failed + (sum.failures[0] ?? 0);
        expect(sum.response.count + sum.unanswered.count).toBe(known);
        expect(merged.parts.reduce((total, { scheduled }) => total + scheduled, 0)).toBe(sum.scheduled);
      }),
      { numRuns: RUNS },
    );
  });
});

/** Longer than a list of windows may be. */
const LONG = fc.constantFrom(100, MOST_WINDOWS, MOST_WINDOWS + 1, 500, 600);

describe('windows', () => {
  test('of a long run are joined, and so few that they can be sent; none of what they count is lost', () => {
    fc.assert(
      fc.property(machines(LONG), picks, ([parts, seconds], order) => {
        const { windows } = inSomeOrder(
          parts.map((all, part) => reportOf(part, all, seconds)),
          order,
        );
        expect(windows.list.length).toBeLessThanOrEqual(MOST_WINDOWS);
        expect(windows.width).toBe(
          seconds <= MOST_WINDOWS ? 1 : seconds <= 2 * MOST_WINDOWS ? 2 : seconds <= 4 * MOST_WINDOWS ? 4 : 8,
        );
        const sum = (key: 'scheduled' | 'completed'): number =>
          windows.list.reduce((total, { counts }) => total + counts[key], 0);
        expect(sum('scheduled')).toBe(parts.flat().length);
        const answered = new Tally();
        for (const { times } of windows.list) answered.service.add(histogramOf(times.service));
        expect(answered.service.count).toBe(tallyOf(parts.flat()).service.count);
        expect(windows.list.reduce((total, { durationMs }) => total + durationMs, 0)).toBe(seconds * 1000);
      }),
      { numRuns: 12 },
    );
  });

  test('of machines that ended at different times make the same in any order', () => {
    const ends = fc.array(
      fc.record({
        seconds: fc.constantFrom(1, 100, 127, 128, 129, 257, 600),
        lastMs: fc.integer({ min: 1, max: 1000 }),
        inFlight: fc.nat(5),
      }),
      { minLength: 2, maxLength: 4 },
    );
    fc.assert(
      fc.property(ends, picks, (machine, order) => {
        const reports = machine.map(({ seconds, lastMs, inFlight }, part) => {
          const second = Math.floor(seconds / 2);
          const sample: Sample = {
            ...{ outcome: 'inFlightAtEnd', second, name: 0, status: 200, service: 5000, lag: 1, bytes: 9 },
          };
          return reportOf(part, Array<Sample>(inFlight).fill(sample), seconds, lastMs);
        });
        expect(inSomeOrder(reports, order)).toEqual(mergeReports(reports));
      }),
      { numRuns: 20 },
    );
  });

  test('of which only the latest are sent stay a second wide', () => {
    const { list } = reportOf(0, [], 200).windows;
    const late = list
      .slice(-10)
      .map((window) => ({ ...window, slot: window.slot + 5000, last: window.slot + 5000 }));
    expect(bounded({ width: 1, list: late })).toEqual({ width: 1, list: late });
  });

  test('that are joined as they come are those that would be joined at the end', () => {
    const course = new Course();
    const windows = Array.from({ length: 3 * MOST_WINDOWS + 5 }, (_, second) => windowOf([], second, 1000));
    for (const window of windows) course.add(window);
    expect(course.whole).toEqual(bounded({ width: 1, list: windows }));
    expect(course.latest(10)).toEqual({ width: 1, list: windows.slice(-10) });
    expect(course.latest(0).list).toEqual([]);
  });

  test('of an hour, with times that are spread widely, take less than 200 KB, and so does all else', () => {
    const random = new Random(1, 0);
    const time = (): number => 5000 * Math.exp(3 * (random.next() + random.next() + random.next() - 1.5));
    const all = Array.from({ length: MOST_WINDOWS * 2000 }, (_, index): Sample => {
      const second = index % MOST_WINDOWS;
      return {
        outcome: 'completed',
        second,
        name: 0,
        status: 200,
        service: time(),
        lag: time() / 90,
        bytes: 9,
      };
    });
    const seconds = Array.from({ length: MOST_WINDOWS }, (): Sample[] => []);
    for (const sample of all) seconds[sample.second]?.push(sample);
    const list = seconds.map((each, second) => windowOf(each, second, 1000));
    const windows = mergeReports([{ ...reportOf(0, [], 1), windows: { width: 32, list } }]);
    expect(windows.windows).toEqual({ width: 32, list });
    const size = gzipSync(JSON.stringify({ ...windows, total: text(all) })).length;
    expect(size).toBeLessThan(200_000);
    // Otherwise this proves nothing.
    expect(size).toBeGreaterThan(50_000);
  });

  test('know times to about 3 %', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2 ** 31), { minLength: 1, maxLength: 50 }), (times) => {
        const all = times.map(
          (service): Sample => ({
            ...{ outcome: 'completed', second: 0, name: 0, status: 200, service, lag: 0, bytes: 0 },
          }),
        );
        const tally = tallyOf(all);
        const known = new Tally();
        known.service.add(histogramOf(windowOf(all, 0, 1000).times.service));
        for (const share of [0.01, 0.5, 0.9, 0.99, 1]) {
          const exact = tally.service.valueAt(share);
          expect(Math.abs(known.service.valueAt(share) - exact)).toBeLessThanOrEqual(exact / 31 + 1);
        }
        expect(known.service.mean).toBe(tally.service.mean);
      }),
      { numRuns: RUNS },
    );
  });
});

test('nothing at all can be added up, and changes nothing', () => {
  const report = reportOf(0, [], 1);
  expect(mergeReports([mergeReports([]), report])).toEqual(mergeReports([report]));
});
