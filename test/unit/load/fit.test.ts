/** What is left out of a report so that it can be sent. */
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { LoadFailure } from '../../../src/core/load.ts';
import { Random } from '../../../src/core/random.ts';
import type { PartDeparture } from '../../../src/load/merge/departure.ts';
import { SHORTENINGS, sizeAtMost } from '../../../src/load/merge/fit.ts';
import { fitted, leastSize, mergeReports, precisionOf } from '../../../src/load/merge/index.ts';
import type { LoadReport } from '../../../src/load/merge/report.ts';
import { windowText } from '../../../src/load/merge/windows.ts';
import { Tally } from '../../../src/load/tally/tally.ts';
import { asText, histogramOf } from '../../../src/load/tally/text.ts';

const sizeOf = (report: LoadReport): number => gzipSync(JSON.stringify(report), { level: 4 }).length;

/** Times of all lengths, so that hardly a bucket has as many as the next. */
function tallyOf(random: Random, count: number): Tally {
  const tally = new Tally();
  tally.scheduled = count;
  tally.completed = count;
  for (const clock of ['response', 'service', 'sendLag', 'pace', 'unanswered', 'unserved'] as const)
    for (let index = 0; index < count; index += 1)
      tally[clock].record(2 ** (random.next() * 31), 1 + (index % 7));
  return tally;
}

const NOTHING = {
  ...{ warmup: 0, scheduled: 9, completed: 9, failed: 0, timedOut: 0, neverSent: 0, inFlight: 0 },
};

const failure = (random: Random, name: number): LoadFailure => ({
  ...{ kind: 'check', name: `é ${name}`, message: `${random.next()}`, response: null, captured: null },
  request: Array.from({ length: 200 }, () => random.next().toString(36)).join('é'),
  body: null,
});

const departureOf = (part: number, random: Random): PartDeparture => ({
  ...{ part, countedMs: 1e12, inFlight: 9, answered: 9, lost: 200, lostByTime: 1, refused: 9, crossed: 9 },
  examples: Array.from({ length: 100 }, () => ({
    message: `GET /${random.next().toString(36)} was cut off: é`,
    sentMs: 1e12 + random.next(),
    lostMs: 1e12 + random.next(),
  })),
  ...{ unaccepted: 9, firstRefusedMs: 1e12, firstCrossedMs: 1e12, lastBegunMs: 1e12 },
  ...{ lastConnectedMs: 1e12, lastAnsweredMs: 1e12, idle: { opened: 4, kept: 0, closedMs: 1e12 } },
});

/** As wide as can be. */
function reportOf(part: number, { names = 0, count = 3000, seconds = 40, isFinal = true }): LoadReport {
  const random = new Random(7, part);
  const text = () => asText(tallyOf(random, count).snapshot());
  const list = Array.from({ length: seconds }, (_, second) => {
    const counts = NOTHING;
    const latencyUs = { response: null, service: null, sendLag: null };
    const window = {
      ...{ atMs: second * 1000, durationMs: 1000, phase: 'measured' as const, counts, latencyUs },
      ...{ bytes: { sent: 1, received: 1 }, rate: { offered: 9, achieved: 9 }, channel: null, target: null },
      generator: { cpuMs: random.next(), maxLoopLagMs: random.next() },
    };
    return windowText({ window, tally: tallyOf(random, 200), phaseAtMs: 0 });
  });
  const { scheduled, completed } = { scheduled: count, completed: count };
  return {
    parts: [
      {
        ...{ part, of: 9, threads: 1, isFinal, ended: 'limit', durationMs: 10_000, lateMs: 0 },
        ...{ cpuMs: 10, spinShare: 0, busiest: 0.1, maxLoopLagMs: 1, slots: 4, paceUs: 0 },
        ...{ scheduled, completed, failed: 0, timedOut: 0, neverSent: 0, inFlightAtEnd: 0 },
        ...{ answered: completed, serviceUs: null },
      },
    ],
    total: text(),
    named: Array.from({ length: names }, text),
    before: Array.from({ length: names }, text),
    ...{ preparation: null, iterations: text(), channel: null, windows: { width: 1, list } },
    failures: Array.from({ length: 100 }, (_, name) => failure(random, name)),
    ...{
      offeredMs: 10_000,
      leftOfWarmup: 0,
      isOvertime: false,
      slowPatterns: [],
      departures: isFinal ? [departureOf(part, random)] : [],
      shortened: 0,
    },
  };
}

test('the size that is calculated is never less than what a report takes', () => {
  for (const names of [0, 3, 20]) {
    const whole = reportOf(0, { names, count: names === 0 ? 20_000 : 2000 });
    for (const step of SHORTENINGS.keys()) {
      const report = fitted(whole, 1e9, { from: step });
      expect(sizeAtMost(report)).toBeGreaterThan(sizeOf(report));
      expect(sizeAtMost(report)).toBeLessThan(6 * sizeOf(report) + 2000);
    }
  }
});

test('a report is shortened as little as it has to be, and in the same way each time', () => {
  const report = reportOf(0, { names: 5 });
  let last = Number.POSITIVE_INFINITY;
  for (const step of SHORTENINGS.keys()) {
    const size = sizeAtMost(fitted(report, 1e9, { from: step }));
    expect(size).toBeLessThan(last);
    last = size;
    const fit = fitted(report, size);
    expect(fit.shortened).toBe(step);
    expect(fitted(report, size)).toEqual(fit);
    expect(fitted(fit, size)).toEqual(fit);
    // What decides a verdict stays.
    expect(fit.departures).toMatchObject([{ lost: 200, firstRefusedMs: 1e12, firstCrossedMs: 1e12 }]);
  }
  expect(fitted(report, 1e9)).toBe(report);
  // What really fits is not shortened further.
  expect(fitted(report, sizeOf(report), { sizeOf }).shortened).toBe(0);
});

test('the shortest report of as many names as there may be is not larger than is reckoned with', () => {
  for (const names of [0, 2, 20, 101]) {
    const shortest = fitted(reportOf(0, { names, count: 700, seconds: 1, isFinal: false }), 0);
    expect(shortest.shortened).toBe(SHORTENINGS.length - 1);
    expect(sizeOf(shortest)).toBeLessThan(leastSize(2 * names));
  }
});

test('parts of different lengths make a whole, with all counts, and as exact as the least exact of them', () => {
  const reports = [0, 1, 2].map((part) => reportOf(part, { names: 2, count: 500, seconds: 4 }));
  const whole = mergeReports(reports);
  const merged = mergeReports(reports.map((report, step) => fitted(report, 1e9, { from: 2 * step })));
  expect(merged.shortened).toBe(4);
  const countOf = ({ total, named }: LoadReport): number[] =>
    [total, ...named].flatMap(({ service, response }) =>
      [service, response].map((text) => histogramOf(text).counts.reduce((sum, count) => sum + count, 0)),
    );
  expect(countOf(merged)).toEqual(countOf(whole));
  expect(merged.total).toMatchObject({ scheduled: 1500 });
  const { named } = precisionOf(merged);
  const quantiles = ({ named: [first] }: LoadReport): number[] => {
    const tally = new Tally();
    tally.service.add(histogramOf(first?.service ?? null));
    return [0.01, 0.5, 0.9, 0.99].map((share) => tally.service.valueAt(share));
  };
  for (const [place, value] of quantiles(merged).entries()) {
    const exact = quantiles(whole)[place] ?? 0;
    expect(Math.abs(value - exact) / exact).toBeLessThanOrEqual(named);
  }
});
