import { describe, expect, test } from 'vitest';
import type { Threshold, ThresholdUnit } from '../../../../src/core/load.ts';
import { METRICS, type Measured, metricOf } from '../../../../src/core/metric.ts';
import { parseThreshold, showMeasure } from '../../../../src/core/threshold.ts';
import {
  abortingThresholds,
  evaluateThreshold,
  judgeThresholds,
} from '../../../../src/load/engine/threshold/evaluate.ts';
import fc from '../../../rig/fast-check.ts';
import { shareOf } from '../../../rig/thorough.ts';
import { CHANNEL, latencyOf, resultOf, TROUBLED } from '../results.ts';

function parsed(text: string): Threshold {
  const result = parseThreshold(text);
  if (!result.ok) throw new Error(`${text}: ${result.error.message}`);
  return result.value;
}

const ITERATIONS = {
  ...{ scheduled: 3, completed: 2, failed: 1, inFlightAtEnd: 0, neverStarted: 0 },
  durationUs: TROUBLED.latencyUs.response,
};

describe('a threshold', () => {
  test.each([
    ['p99 < 50ms', 'p99', '<', 50_000, 'us'],
    ['p99<50ms', 'p99', '<', 50_000, 'us'],
    ['  service.p50   <=   200us ', 'service.p50', '<=', 200, 'us'],
    ['sendLag.p99 < 1.5s', 'sendLag.p99', '<', 1_500_000, 'us'],
    ['mean < 200µs', 'mean', '<', 200, 'us'],
    ['mean < 200μs', 'mean', '<', 200, 'us'],
    ['max < 1m', 'max', '<', 60_000_000, 'us'],
    ['p99.9 < 1s', 'p999', '<', 1_000_000, 'us'],
    ['response.p99 > 0ms', 'response.p99', '>', 0, 'us'],
    ['errors == 0', 'errors', '==', 0, 'count'],
    ['errors > 10%', 'errors', '>', 0.1, 'share'],
    ['failed < 0.1%', 'failed', '<', 0.001, 'share'],
    ['failed.cut-off == 0', 'failed.cut-off', '==', 0, 'count'],
    ['rate >= 1000/s', 'rate', '>=', 1000, 'per-second'],
    ['rate >= 1000 /s', 'rate', '>=', 1000, 'per-second'],
    ['status.404 != 3', 'status.404', '!=', 3, 'count'],
    ['status.5xx < 1%', 'status.5xx', '<', 0.01, 'share'],
    ['target.rss.growth < 5MB', 'target.rss.growth', '<', 5_000_000, 'bytes'],
    ['bytes.received > 64KiB', 'bytes.received', '>', 65_536, 'bytes'],
    ['target.cpu < 80%', 'target.cpu', '<', 0.8, 'share'],
    ['target.cpu < 2s', 'target.cpu', '<', 2_000_000, 'us'],
    ['target.threads.peak <= 20', 'target.threads.peak', '<=', 20, 'count'],
  ])('is read: %s', (text, metric, operator, value, unit) => {
    expect(parseThreshold(text)).toEqual({
      ok: true,
      value: { text: text.trim(), metric, name: null, operator, value, unit },
    });
  });

  test.each([
    ['', 'a threshold starts with what is measured', 0, 1],
    ['p99', '"p99" must be followed by one of <= >= == != < >, not by nothing', 3, 1],
    ['p98 < 50ms', 'there is no metric "p98"', 0, 3],
    ['service.p55 < 1ms', 'there is no metric "service.p55"', 0, 11],
    ['eror == 0', 'there is no metric "eror"', 0, 4],
    ['status.99 == 0', 'there is no metric "status.99"', 0, 9],
    ['p99 = 50ms', '"p99" must be followed by one of <= >= == != < >, not by "="', 4, 1],
    ['p99 is 50ms', '"p99" must be followed by one of <= >= == != < >, not by "is"', 4, 2],
    ['p99 < fast', '"p99 <" must be followed by a number, not by "fast"', 6, 4],
    ['p99 < -1ms', '"p99 <" must be followed by a number, not by "-1ms"', 6, 4],
    ['p99 <', '"p99 <" must be followed by a number, not by nothing', 5, 1],
    ['p99 < 50', '"p99" cannot be compared with a number without a unit', 6, 2],
    ['p99 < 50 %', '"p99" cannot be compared with a value in "%"', 9, 1],
    ['p99 < 50min', 'there is no unit "min"', 8, 3],
    ['rate > 1000', '"rate" cannot be compared with a number without a unit', 7, 4],
    ['errors < 5ms', '"errors" cannot be compared with a value in "ms"', 10, 2],
    ['target.rss.growth < 5%', '"target.rss.growth" cannot be compared with a value in "%"', 21, 1],
    ['p99 < 50ms, errors == 0', 'there is no unit "ms,"', 8, 3],
    ['p99 < 50ms errors == 0', '"errors" is too much', 11, 6],
    ['p99 < 1e999ms', '1e999 is too large', 6, 5],
  ])('is refused, with the culprit: %s', (text, message, offset, length) => {
    expect(parseThreshold(text)).toMatchObject({ ok: false, error: { message, offset, length } });
  });

  test.each([
    ['erors == 0', 'did you mean "errors"?'],
    ['sendlag.p99 < 1ms', 'did you mean "sendLag.p99"?'],
    ['p80 < 1ms', 'the percentiles are p50, p75, p90, p95, p99, p999'],
    ['service.p9 < 1ms', 'the percentiles are p50, p75, p90, p95, p99, p999'],
    ['p42 < 1ms', 'the percentiles are p50, p75, p90, p95, p99, p999'],
    ['status.6 == 0', 'a status is written as status.404 or status.5xx'],
    ['target.memory < 5MB', /^there are target\.cpu, target\.rss\.first, /],
    ['latency < 5ms', /^there are min, mean, /],
    ['p99 < 50', 'write a time such as 50ms, 200us or 1.5s'],
    ['failed < 1ms', 'write a number such as 0, or a percentage such as 0.1%'],
  ])('that is refused says what is accepted: %s', (text, hint) => {
    const result = parseThreshold(text);
    expect(result.ok ? undefined : result.error.hint).toEqual(
      typeof hint === 'string' ? hint : expect.stringMatching(hint),
    );
  });

  const SUFFIXES: Readonly<Record<ThresholdUnit, readonly string[]>> = {
    us: ['us', 'ms', 's', 'm'],
    bytes: ['B', 'KB', 'MB', 'GB', 'KiB', 'MiB', 'GiB'],
    share: ['%'],
    'per-second': ['/s'],
    count: [''],
  };
  const metric = fc
    .constantFrom(...METRICS.keys(), 'status.404')
    .chain((name) => fc.tuple(fc.constant(name), fc.constantFrom(...(metricOf(name)?.read.keys() ?? []))));
  const amount = fc.oneof(
    fc.integer({ min: 0, max: 10_000_000 }).map(String),
    fc
      .tuple(fc.integer({ min: 0, max: 99_999 }), fc.integer({ min: 0, max: 99_999 }))
      .map(([whole, part]) => `${whole}.${part}`),
  );
  const text = fc
    .tuple(metric, fc.constantFrom('<', '<=', '==', '!=', '>=', '>'), amount, fc.constantFrom('', ' '))
    .chain(([[name, unit], operator, number, blank]) =>
      fc
        .constantFrom(...SUFFIXES[unit])
        .map((suffix) => `${name}${blank}${operator}${blank}${number}${blank}${suffix}`),
    );

  test('of a percentage is what a count divided by the whole gives', () => {
    for (let percent = 0; percent <= 100; percent += 1)
      expect(parsed(`completed == ${percent}%`).value).toBe((percent * 10) / 1000);
  });

  test('is read in each unit that it can be held against, and only in these', () => {
    const known = { holds: 100, fails: 200, atLeast: false, confirmed: true, levels: [], while: [] };
    const capacity = { ...known, limitedBy: 'target', ended: 'found' } as const;
    const measured = { ...TROUBLED, channel: CHANNEL, iterations: ITERATIONS, capacity };
    const UNITS = ['us', 'bytes', 'share', 'per-second', 'count'] as const;
    const read = [...METRICS.keys(), 'status.404', 'status.4xx'].flatMap((metric) =>
      UNITS.flatMap((unit) => {
        const threshold: Threshold = { text: '', metric, name: null, unit, operator: '>=', value: 0 };
        return evaluateThreshold(threshold, measured).actual === null ? [] : [`${metric} ${unit}`];
      }),
    );
    const declared = [...METRICS.keys(), 'status.404', 'status.4xx'].flatMap((metric) =>
      UNITS.flatMap((unit) => (metricOf(metric)?.read.has(unit) ? [`${metric} ${unit}`] : [])),
    );
    expect(read).toEqual(declared);
  });

  test('of any metric is read in each of its units, however it is spaced', () => {
    fc.assert(
      fc.property(text, (written) => {
        const { metric, operator, value, unit, text: kept } = parsed(written);
        expect(written.replaceAll(' ', '')).toMatch(new RegExp(`^${metric}${operator}\\d`));
        expect([kept, metricOf(metric)?.read.has(unit), value >= 0]).toEqual([written.trim(), true, true]);
      }),
      { numRuns: shareOf(3000) },
    );
  });

  test('that is no threshold is refused at a place within it, whatever it is', () => {
    const noise = fc.array(
      fc.constantFrom('p99', 'errors', ' ', '<', '=', '5', '.', 'ms', '%', '\u{1f600}', 'status.', '-', '/s'),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(
        noise.map((words) => words.join('')),
        (written) => {
          const result = parseThreshold(written);
          if (result.ok) return;
          const { offset, length } = result.error;
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(length).toBeGreaterThan(0);
          // One character behind the end is where something is missing.
          expect(offset + length).toBeLessThanOrEqual(written.length + 1);
        },
      ),
      { numRuns: shareOf(3000) },
    );
  });
});

/** `undecided` is told by the findings alone. */
function outcomeOf(text: string, measured: Measured): string {
  const { holds } = evaluateThreshold(parsed(text), measured);
  const [finding] = judgeThresholds([parsed(text)], measured);
  expect(finding === undefined).toBe(holds);
  if (finding === undefined) return 'holds';
  return finding.code === 'threshold' ? 'broken' : 'undecided';
}

describe('held against a result', () => {
  test.each([
    ['p99 < 50ms', 'holds'],
    ['p50 < 25us', 'broken'],
    ['max == 50ms', 'holds'],
    ['max != 50ms', 'broken'],
    ['response.max <= 50ms', 'holds'],
    ['service.max > 19ms', 'holds'],
    ['sendLag.min >= 2us', 'broken'],
    ['errors == 0', 'holds'],
    ['failed < 0.1%', 'holds'],
    ['completed == 100%', 'holds'],
    ['rate >= 500/s', 'holds'],
    ['rate > 500/s', 'broken'],
    ['rate.offered == 500/s', 'holds'],
    ['bytes == 600KB', 'holds'],
    ['bytes.sent == 100KB', 'holds'],
    ['bytes.received == 500KB', 'holds'],
    ['status.200 == 1000', 'holds'],
    ['status.2xx == 100%', 'holds'],
    ['status.404 == 0', 'holds'],
    ['target.rss.growth < 5MB', 'undecided'],
  ])('that is well: %s %s', (text, outcome) => {
    expect(outcomeOf(text, resultOf())).toBe(outcome);
  });

  test.each([
    ['errors == 60', 'holds'],
    ['failed == 40', 'holds'],
    ['failed == 4%', 'holds'],
    ['failed.check == 30', 'holds'],
    ['failed.cut-off == 1%', 'holds'],
    ['timedOut == 20', 'holds'],
    ['inFlightAtEnd == 15', 'holds'],
    ['neverSent == 2.5%', 'holds'],
    ['scheduled == 1000', 'holds'],
    ['status.5xx == 30', 'holds'],
    ['status.500 == 25', 'holds'],
    ['status.2xx < 96%', 'broken'],
    ['target.cpu == 900ms', 'holds'],
    ['target.cpu == 45%', 'holds'],
    ['target.rss.growth == 7.5MB', 'holds'],
    ['target.rss.peak == 60MB', 'holds'],
    ['target.threads.last == 11', 'holds'],
    ['target.descriptors.growth < 10', 'broken'],
  ])('that is not: %s %s', (text, outcome) => {
    expect(outcomeOf(text, TROUBLED)).toBe(outcome);
  });

  const censored = resultOf({
    latencyUs: {
      response: latencyOf([1000, 2000, 3000], ['p99', 'mean', 'max']),
      service: null,
      sendLag: null,
    },
  });

  test.each([
    // At least 3 ms: it may be far more.
    ['p99 < 50ms', 'undecided'],
    ['p99 <= 50ms', 'undecided'],
    ['p99 < 2ms', 'broken'],
    ['p99 > 2ms', 'holds'],
    ['p99 >= 3ms', 'holds'],
    ['p99 > 50ms', 'undecided'],
    ['p99 == 3ms', 'undecided'],
    ['p99 == 2ms', 'broken'],
    ['p99 != 2ms', 'holds'],
    ['p99 != 3ms', 'undecided'],
    ['max < 1s', 'undecided'],
    ['stdev < 1s', 'undecided'],
    // Enough responses came for this one.
    ['p50 < 50ms', 'holds'],
    ['service.p99 < 50ms', 'undecided'],
  ])('of which only a lower bound is known: %s %s', (text, outcome) => {
    expect(outcomeOf(text, censored)).toBe(outcome);
  });

  test('gives findings that name what was measured', () => {
    const texts = ['p50 < 10ms', 'p99 < 100ms', 'errors == 0', 'target.rss.growth < 5MB'];
    const measured = { ...TROUBLED, resources: null };
    const thresholds = texts.map(parsed);
    expect(thresholds.map((threshold) => evaluateThreshold(threshold, measured))).toEqual([
      { expression: 'p50 < 10ms', actual: TROUBLED.latencyUs.response?.p50, atLeast: false, holds: false },
      { expression: 'p99 < 100ms', actual: TROUBLED.latencyUs.response?.p99, atLeast: true, holds: false },
      { expression: 'errors == 0', actual: 60, atLeast: false, holds: false },
      { expression: 'target.rss.growth < 5MB', actual: null, atLeast: false, holds: false },
    ]);
    const findings = judgeThresholds(thresholds, measured);
    expect(findings.map(({ code, message }) => [code, message])).toEqual([
      ['threshold', '"p50 < 10ms" was not met: p50 is 25.5 ms'],
      [
        'threshold-undecided',
        '"p99 < 100ms" cannot be judged: p99 is at least 49.5 ms, since requests without a response took at least that long',
      ],
      ['threshold', '"errors == 0" was not met: errors is 60'],
      [
        'threshold-undecided',
        '"target.rss.growth < 5MB" cannot be judged: nothing was measured for target.rss.growth',
      ],
    ]);
  });

  test('ends a run early when it is such a condition, and holds', () => {
    const conditions = ['errors > 5%', 'errors > 10%', 'p99 > 1s', 'target.rss.growth > 1MB'].map(parsed);
    expect(abortingThresholds(conditions, TROUBLED)).toEqual([
      {
        code: 'threshold',
        expression: 'errors > 5%',
        actual: 0.06,
        atLeast: false,
        message: 'stopped early because "errors > 5%" was true: errors is 6 %',
      },
      expect.objectContaining({ expression: 'target.rss.growth > 1MB', actual: 7_500_000 }),
    ]);
  });

  test('a run with nothing in it proves nothing', () => {
    const nothing = resultOf({
      counts: { ...resultOf().counts, scheduled: 0, completed: 0, byStatus: {} },
      latencyUs: { response: null, service: null, sendLag: null },
    });
    for (const text of ['p99 < 50ms', 'failed < 1%', 'status.5xx < 1%'])
      expect(outcomeOf(text, nothing), text).toBe('undecided');
  });
});

test.each([
  [0, 'us', '0 µs'],
  [999, 'us', '999 µs'],
  [49_532, 'us', '49.5 ms'],
  [1_234_000, 'us', '1.23 s'],
  [5_242_880, 'bytes', '5.24 MB'],
  [-2000, 'bytes', '-2 KB'],
  [0.0012345, 'share', '0.123 %'],
  [1, 'share', '100 %'],
  [12_345.6, 'per-second', '12,346/s'],
  [1.234, 'per-second', '1.23/s'],
  [1_000_000, 'count', '1,000,000'],
] as const)('%d %s is shown as %s', (value, unit, text) => {
  expect(showMeasure(value, unit)).toBe(text);
});
